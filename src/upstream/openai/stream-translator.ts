import { isUtf8 } from 'node:buffer';
import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import type { TokenUsage } from '../../contracts/token-usage.js';
import { locateValue } from '../../json/locate-value.js';
import { type Splice, spliceJson } from '../../json/splice-json.js';
import { SseReader } from '../sse-reader.js';
import type { StreamProgress, StreamTranslator } from '../upstream-adapter.js';
import { type FailureKind, UpstreamFailure } from '../upstream-failure.js';
import { ChoiceProgress } from './choice-progress.js';
import type { ChunkRepair } from './chunk-repair.js';
import { contentSplices } from './content-parts.js';
import { isFailedFinish } from './failed-finish.js';
import { ForwardedBytes } from './forwarded-bytes.js';
import { hasContent } from './has-content.js';
import { asArray, asObject, asText, type JsonObject, parsedJson } from './json-value.js';
import { ModelMask } from './model-mask.js';
import { embeddedError, type ProviderError, providerError } from './provider-error.js';
import { readUsage } from './read-usage.js';
import { impliedStatus, isQuota } from './refusal.js';
import { ToolCalls } from './tool-calls.js';
import { usageSplices } from './usage-splices.js';

/**
 * An OpenAI stream on its way to an OpenAI client: its events go on byte for byte, but for the model's name, the usage that only we asked
 * for, and what the provider's row says must be mended.
 */
export class OpenaiStreamTranslator implements StreamTranslator {
  progress: StreamProgress = 'silent';
  failure: UpstreamFailure | undefined;
  usage: TokenUsage | undefined;
  deltas = 0;
  dropped = 0;
  private readonly reader: SseReader;
  private readonly output = new ForwardedBytes();
  private readonly mask: ModelMask;
  private readonly choices: ChoiceProgress;
  private readonly toolCalls: Map<number, ToolCalls> | undefined;
  private readonly mendsChunks: boolean;
  private droppedInARow = 0;
  private isEnding = false;
  /** Usage that stands where no client looks, and the chunk it stood in: owed to a client that asked for usage. */
  private oddUsage: { readonly usage: JsonObject; readonly chunk: JsonObject } | undefined;

  constructor(
    private readonly call: InferenceCall,
    private readonly target: Target,
    private readonly eventBytesMax: number,
    private readonly repair?: ChunkRepair,
  ) {
    this.reader = new SseReader(eventBytesMax);
    this.mask = new ModelMask(target.answersAs);
    this.choices = new ChoiceProgress(call);
    const { toolIndexMissing, nullArguments, reasoningApart, contentParts } = target.upstream.quirks;
    this.toolCalls = toolIndexMissing === true || nullArguments === true ? new Map() : undefined;
    this.mendsChunks = this.toolCalls !== undefined || reasoningApart === true || contentParts === true;
  }

  write(chunk: Buffer): Buffer {
    if (this.isOver) return NOTHING;
    this.reader.take(chunk);
    while (!this.isOver && this.reader.next()) this.event();
    if (this.reader.isOverLimit && !this.isOver)
      this.fail('invalid', `The upstream sent an event of more than ${this.eventBytesMax} bytes, the most that is taken of one event.`);
    return this.output.take();
  }

  end(): Buffer {
    if (this.isEnding) return NOTHING;
    this.isEnding = true;
    // The last event may lack its blank line.
    const rest = this.reader.hasPending ? this.write(BLANK_LINE) : NOTHING;
    if (this.isOver) return rest;
    if (!this.choices.seenAreFinished) {
      this.fail(
        'invalid',
        this.isEarly ? 'The upstream ended its stream without an answer.' : 'The upstream ended its stream in the middle of its answer.',
      );
      return rest;
    }
    this.putOddUsage();
    return Buffer.concat([rest, this.output.take(), DONE]);
  }

  private get isOver(): boolean {
    return this.failure !== undefined || this.progress === 'done';
  }

  private get isEarly(): boolean {
    return this.progress === 'silent' || this.progress === 'alive';
  }

  private event(): void {
    const { reader } = this;
    if (reader.name === 'error') return this.reported(providerError(parsedJson(reader.data())));
    if (!reader.hasData) {
      if (reader.isComment) this.isAlive();
      return this.forward();
    }
    const text = reader.data();
    const chunk = this.readable(text);
    if (chunk !== undefined) return this.chunk(chunk);
    const word = text.trim();
    if (word === '[DONE]') this.done();
    // An empty event is a heartbeat that a client would take for broken JSON.
    else if (word !== '') this.drop();
  }

  /** undefined for what is no JSON object: bytes that are no UTF-8 are no JSON either. */
  private readable(text: string): JsonObject | undefined {
    const chunk = text.startsWith('[') ? undefined : asObject(parsedJson(text));
    const { bytes, start, end } = this.reader;
    return chunk !== undefined && text.includes('\ufffd') && !isUtf8(bytes.subarray(start, end)) ? undefined : chunk;
  }

  private chunk(chunk: JsonObject): void {
    this.droppedInARow = 0;
    const usage = this.countUsage(chunk);
    const error = embeddedError(chunk);
    if (error !== undefined) return this.reported(error);
    const choices = asArray(chunk['choices']) ?? [];
    if (choices.some((choice) => isFailedFinish(asObject(choice)?.['finish_reason']))) return this.reported(undefined);
    this.follow(choices);
    // What only the gateway asked for stays here; a client that did not ask looks at the first choice of every chunk.
    if (usage !== undefined && choices.length === 0 && !this.call.wantsUsage) return;
    const repairs = this.repair === undefined ? NONE : this.repaired(chunk, this.repair);
    if (repairs === undefined) return;
    const mends = this.mendsChunks ? this.mends(choices, usage) : NONE;
    const splices = repairs.length === 0 ? mends : [...repairs, ...mends];
    if (splices.length > 0 || this.reader.dataStart === undefined) this.forwardSpliced(chunk, splices);
    else this.forwardMasked(chunk, this.reader.dataStart);
  }

  private follow(choices: readonly unknown[]): void {
    const before = this.deltas;
    for (let position = 0; position < choices.length; position++) {
      const choice = asObject(choices[position]);
      if (choice === undefined) continue;
      if (hasContent(choice, this.call.endpoint)) this.deltas += 1;
      this.choices.see(indexOf(choice, position), asText(choice['finish_reason']) !== undefined);
    }
    if (this.choices.allAreFinished) this.progress = 'finished';
    else if (this.deltas > before || this.progress === 'finished') this.progress = 'content';
    else this.isAlive();
  }

  private isAlive(): void {
    if (this.progress === 'silent') this.progress = 'alive';
  }

  private countUsage(chunk: JsonObject): JsonObject | undefined {
    const { quirks } = this.target.upstream;
    const usage = asObject(chunk['usage']);
    const odd = quirks.usageAt === 'x_groq' ? asObject(asObject(chunk['x_groq'])?.['usage']) : undefined;
    const read = usage ?? odd;
    if (read === undefined) return undefined;
    this.usage = readUsage(read, quirks) ?? this.usage;
    this.oddUsage = usage === undefined ? { usage: read, chunk } : undefined;
    return usage;
  }

  private repaired(chunk: JsonObject, repair: ChunkRepair): readonly Splice[] | undefined {
    const { bytes, from } = this.located();
    return repair.splices(bytes, from, chunk);
  }

  /** Offsets are those of the text that `located` reads. */
  private mends(choices: readonly unknown[], usage: JsonObject | undefined): readonly Splice[] {
    const { bytes, from } = this.located();
    const { reasoningApart, contentParts } = this.target.upstream.quirks;
    const splices = usage !== undefined && reasoningApart === true ? usageSplices(bytes, from, usage) : [];
    for (const [position, item] of choices.entries()) {
      const choice = asObject(item);
      const delta = asObject(choice?.['delta']);
      if (choice === undefined || delta === undefined) continue;
      const hasCalls = this.toolCalls !== undefined && delta['tool_calls'] !== undefined;
      const hasParts = contentParts === true && asArray(delta['content']) !== undefined;
      if (!hasCalls && !hasParts) continue;
      const at = locateValue(bytes, from, ['choices', position, 'delta'])?.start;
      if (at === undefined) continue;
      if (hasCalls) splices.push(...this.toolCallsOf(indexOf(choice, position)).splices(bytes, at, delta));
      if (hasParts) splices.push(...contentSplices(bytes, at, delta));
    }
    return splices;
  }

  private toolCallsOf(index: number): ToolCalls {
    const known = this.toolCalls?.get(index);
    if (known !== undefined) return known;
    const toolCalls = new ToolCalls(this.target.upstream.quirks);
    this.toolCalls?.set(index, toolCalls);
    return toolCalls;
  }

  /** The event's JSON: in the event itself, or where it is spread over lines, put together (line ends within JSON are but white space). */
  private located(): { readonly bytes: Buffer; readonly from: number; readonly to: number } {
    const { reader } = this;
    if (reader.dataStart !== undefined) return { bytes: reader.bytes, from: reader.dataStart, to: reader.dataEnd };
    const bytes = Buffer.from(reader.data().replaceAll('\n', ' '));
    return { bytes, from: 0, to: bytes.length };
  }

  private forward(): void {
    this.output.keep(this.reader.bytes, this.reader.start, this.reader.end);
  }

  private forwardMasked(chunk: JsonObject, dataStart: number): void {
    if (!this.mask.hides(chunk['model'])) return this.forward();
    const { bytes, start, end } = this.reader;
    const known = this.mask.knownPrefix(bytes, start, end);
    if (known !== undefined) {
      this.output.put(known.masked);
      return this.output.keep(bytes, start + known.length, end);
    }
    const span = this.mask.find(bytes, start, dataStart);
    if (span === undefined) return this.forward();
    this.output.keep(bytes, start, span.start);
    this.output.put(this.mask.json);
    this.output.keep(bytes, span.end, end);
  }

  private forwardSpliced(chunk: JsonObject, mends: readonly Splice[]): void {
    const { bytes, from, to } = this.located();
    const model = this.mask.hides(chunk['model']) ? locateValue(bytes, from, ['model']) : undefined;
    const splices = model === undefined ? mends : [...mends, { ...model, text: this.mask.json }];
    if (splices.length === 0) return this.forward();
    const shifted = splices.map((splice) => ({ ...splice, start: splice.start - from, end: splice.end - from }));
    const name = this.reader.name === '' ? '' : `event: ${this.reader.name}\n`;
    this.output.put(Buffer.concat([Buffer.from(`${name}data: `), spliceJson(bytes.subarray(from, to), shifted), BLANK_LINE]));
  }

  private done(): void {
    if (!this.choices.anySeen) return this.fail('invalid', 'The upstream ended its stream without an answer.');
    this.putOddUsage();
    this.progress = 'done';
    this.forward();
  }

  private putOddUsage(): void {
    if (this.oddUsage === undefined || !this.call.wantsUsage) return;
    const { id, object, created } = this.oddUsage.chunk;
    const chunk = { id, object, created, model: this.target.answersAs, choices: [], usage: this.oddUsage.usage };
    this.output.put(Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`));
  }

  private drop(): void {
    // What breaks off at the end is judged as an end.
    if (this.isEnding) return;
    this.dropped += 1;
    this.droppedInARow += 1;
    if (this.droppedInARow >= DROPPED_IN_A_ROW_MAX)
      this.fail('invalid', `The upstream sent ${DROPPED_IN_A_ROW_MAX} events in a row that are no JSON.`);
  }

  private reported(error: ProviderError | undefined): void {
    const limited = error !== undefined && impliedStatus(error) === 429;
    const kind = !limited ? 'server_error' : isQuota(error) ? 'quota_exhausted' : 'rate_limited';
    const message = this.isEarly
      ? 'The upstream reported an error in place of an answer.'
      : 'The upstream reported an error in the middle of its answer.';
    // A provider's words may repeat the prompt: the log gets none of them.
    this.fail(kind, message, error && new Error(`reported: status ${impliedStatus(error)}`));
  }

  /** `early`: the kind before any content, while another attempt can still be made. */
  private fail(early: FailureKind, message: string, cause?: Error): void {
    this.failure = new UpstreamFailure(this.isEarly ? early : 'interrupted', message, cause === undefined ? {} : { cause });
  }
}

const NOTHING: Buffer = Buffer.alloc(0);
const NONE: readonly Splice[] = [];
const BLANK_LINE = Buffer.from('\n\n');
const DONE = Buffer.from('data: [DONE]\n\n');
const DROPPED_IN_A_ROW_MAX = 3;

function indexOf(choice: JsonObject, position: number): number {
  const index = choice['index'];
  return typeof index === 'number' ? index : position;
}
