import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import { locateValue } from '../../json/locate-value.js';
import { type Splice, spliceJson } from '../../json/splice-json.js';
import { ForwardedStream } from '../forwarded-stream.js';
import { choiceIndex } from './choice-index.js';
import { ChoiceProgress } from './choice-progress.js';
import { ChunkMends } from './chunk-mends.js';
import type { ChunkRepair } from './chunk-repair.js';
import { isFailedFinish } from './failed-finish.js';
import { hasContent } from './has-content.js';
import { asArray, asObject, asText, type JsonObject, parsedJson } from './json-value.js';
import { type MaskedBeginning, ModelMask } from './model-mask.js';
import { embeddedError, type ProviderError, providerError } from './provider-error.js';
import { putField } from './put-field.js';
import { readUsage } from './read-usage.js';
import { impliedStatus, isQuota } from './refusal.js';
import { RepeatedEvent } from './repeated-event.js';
import { usageSplices } from './usage-splices.js';

/**
 * An OpenAI stream on its way to an OpenAI client: its events go on byte for byte, but for the model's name, the usage that only we asked
 * for, and what the provider's row says must be mended.
 */
export class OpenaiStreamTranslator extends ForwardedStream {
  private readonly mask: ModelMask;
  private readonly repeated = new RepeatedEvent();
  /** How a repeated event begins for the client; undefined: as it came. */
  private beginning: MaskedBeginning | undefined;
  private readonly choices: ChoiceProgress;
  private readonly chunkMends: ChunkMends;
  /** The chunk holds what may have to be mended. */
  private isOdd = false;
  /** Usage that stands where no client looks, and the chunk it stood in: owed to a client that asked for usage. */
  private oddUsage: { readonly usage: JsonObject; readonly chunk: JsonObject } | undefined;

  constructor(
    private readonly call: InferenceCall,
    private readonly target: Target,
    eventBytesMax: number,
    private readonly repair?: ChunkRepair,
  ) {
    super(eventBytesMax);
    this.mask = new ModelMask(target.answersAs);
    this.choices = new ChoiceProgress(call);
    this.chunkMends = new ChunkMends(call, target, repair === undefined && call.endpoint === 'chat_completions');
  }

  /** A chunk that is one repeated event, as most are, is not even read as an event. */
  override write(chunk: Buffer): Buffer {
    if (!this.reader.isBetweenEvents || !this.isRepeated(chunk, 0, chunk.length)) return super.write(chunk);
    this.broughtMore(chunk, 0, chunk.length);
    return this.output.take();
  }

  protected override event(): void {
    const { bytes, start, end, name } = this.reader;
    if (name === 'error') this.reported(providerError(parsedJson(this.reader.data())));
    else if (this.isRepeated(bytes, start, end)) this.broughtMore(bytes, start, end);
    else super.event();
  }

  protected override unreadable(text: string): void {
    if (text.trim() === '[DONE]') this.done();
    else super.unreadable(text);
  }

  protected meant(chunk: JsonObject): void {
    const usage = this.countUsage(chunk);
    const error = embeddedError(chunk);
    if (error !== undefined) return this.reported(error);
    const choices = asArray(chunk['choices']) ?? [];
    if (choices.some((choice) => isFailedFinish(asObject(choice)?.['finish_reason']))) return this.reported(undefined);
    this.follow(choices);
    // What only the gateway asked for stays here; a client that did not ask looks at the first choice of every chunk.
    if (usage !== undefined && choices.length === 0 && !this.call.wantsUsage) return;
    const repairs = this.repair === undefined ? this.choicesOwed(chunk) : this.repaired(chunk, this.repair);
    if (repairs === undefined) return;
    const mends = this.isOdd || this.countsApart(usage) ? this.mends(choices, usage) : NONE;
    const splices = repairs.length === 0 ? mends : [...repairs, ...mends];
    if (splices.length > 0 || this.reader.dataStart === undefined) this.forwardSpliced(chunk, splices);
    else this.forwardMasked(chunk, this.reader.dataStart);
    if (mends === NONE && usage === undefined && this.deltas > LEARNT_AFTER && this.repeated.learns) this.learn(chunk, choices);
  }

  private isRepeated(bytes: Buffer, start: number, end: number): boolean {
    return this.progress === 'content' && this.failure === undefined && this.repeated.isAgain(bytes, start, end);
  }

  /** As `meant`, for one more of the events that bring text alone. */
  private broughtMore(bytes: Buffer, start: number, end: number): void {
    this.wasRead();
    this.deltas += 1;
    this.forwardBegun(bytes, start, end, this.beginning);
  }

  /** What the event brought, where that was the text of one choice that goes on. */
  private learn(chunk: JsonObject, choices: readonly unknown[]): void {
    const { bytes, start, end, dataStart } = this.reader;
    const choice = asObject(choices[0]);
    if (choice === undefined || choices.length > 1 || dataStart === undefined || this.repair !== undefined) return;
    const isChat = this.call.endpoint === 'chat_completions';
    const text = isChat ? asObject(choice['delta'])?.['content'] : choice['text'];
    if (asText(text) === undefined || asText(choice['finish_reason']) !== undefined) return;
    const span = locateValue(bytes, dataStart, ['choices', 0, ...(isChat ? ['delta', 'content'] : ['text'])]);
    const isMasked = this.mask.hides(chunk['model']);
    const beginning = isMasked ? this.mask.knownPrefix(bytes, start, end) : undefined;
    // A name that stands behind the text is looked for each time.
    if (span === undefined || (isMasked && (beginning === undefined || start + beginning.length > span.start))) return;
    this.beginning = beginning;
    this.repeated.learn(bytes, start, end, span.start + 1, span.end - 1);
  }

  protected complete(): boolean {
    if (!this.choices.seenAreFinished) return false;
    this.putOddUsage();
    this.output.put(DONE);
    return true;
  }

  private follow(choices: readonly unknown[]): void {
    const before = this.deltas;
    this.isOdd = false;
    for (let position = 0; position < choices.length; position++) {
      const choice = asObject(choices[position]);
      if (choice === undefined) continue;
      const isFilled = hasContent(choice, this.call.endpoint);
      if (isFilled) this.deltas += 1;
      this.isOdd ||= this.chunkMends.isNeeded(choice, position, isFilled);
      this.choices.see(choiceIndex(choice, position), asText(choice['finish_reason']) !== undefined);
    }
    if (this.choices.allAreFinished) this.progress = 'finished';
    else if (this.deltas > before || this.progress === 'finished') this.progress = 'content';
    else this.isAlive();
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

  /** Clients go through the choices of every chunk, also of one that only counts. */
  private choicesOwed(chunk: JsonObject): readonly Splice[] {
    if (Array.isArray(chunk['choices']) || asObject(chunk['usage']) === undefined) return NONE;
    const { bytes, from } = this.located();
    return [putField(bytes, from, 'choices', '[]')];
  }

  private repaired(chunk: JsonObject, repair: ChunkRepair): readonly Splice[] | undefined {
    const { bytes, from } = this.located();
    return repair.splices(bytes, from, chunk);
  }

  private countsApart(usage: JsonObject | undefined): usage is JsonObject {
    return usage !== undefined && this.target.upstream.quirks.reasoningApart === true;
  }

  /** Offsets are those of the text that `located` reads. */
  private mends(choices: readonly unknown[], usage: JsonObject | undefined): readonly Splice[] {
    const { bytes, from } = this.located();
    const splices = this.countsApart(usage) ? usageSplices(bytes, from, usage) : [];
    splices.push(...this.chunkMends.splices(bytes, from, choices));
    return splices;
  }

  /** The event's JSON: in the event itself, or where it is spread over lines, put together. */
  private located(): { readonly bytes: Buffer; readonly from: number; readonly to: number } {
    const { reader } = this;
    if (reader.dataStart !== undefined) return { bytes: reader.bytes, from: reader.dataStart, to: reader.dataEnd };
    const bytes = this.joinedData();
    return { bytes, from: 0, to: bytes.length };
  }

  private forwardMasked(chunk: JsonObject, dataStart: number): void {
    if (!this.mask.hides(chunk['model'])) return this.forward();
    const { bytes, start, end } = this.reader;
    const known = this.mask.knownPrefix(bytes, start, end);
    if (known !== undefined) return this.forwardBegun(bytes, start, end, known);
    const span = this.mask.find(bytes, start, dataStart);
    if (span === undefined) return this.forward();
    this.forwardWith(this.mask.json, span.start, span.end);
  }

  private forwardBegun(bytes: Buffer, start: number, end: number, beginning: MaskedBeginning | undefined): void {
    if (beginning === undefined) return this.output.keep(bytes, start, end);
    const { bytes: known, length } = beginning;
    this.output.keep(known, length, known.length);
    this.output.keep(bytes, start + length, end);
  }

  private forwardSpliced(chunk: JsonObject, mends: readonly Splice[]): void {
    const { bytes, from, to } = this.located();
    const model = this.mask.hides(chunk['model']) ? locateValue(bytes, from, ['model']) : undefined;
    const splices = model === undefined ? mends : [...mends, { ...model, text: this.mask.json }];
    if (splices.length === 0) return this.forward();
    const shifted = splices.map((splice) => ({ ...splice, start: splice.start - from, end: splice.end - from }));
    this.forwardData(spliceJson(bytes.subarray(from, to), shifted));
  }

  private done(): void {
    if (!this.choices.anySeen) return this.breakOff();
    this.putEnding();
    this.putOddUsage();
    this.progress = 'done';
    // Clients look for these very bytes; what has blanks around them would be broken JSON to some.
    if (this.reader.data() === '[DONE]') this.forward();
    else this.output.put(DONE);
  }

  private putEnding(): void {
    const owed = this.repair?.ending?.(this.target.answersAs) ?? '';
    if (owed !== '') this.output.put(Buffer.from(owed));
  }

  private putOddUsage(): void {
    if (this.oddUsage === undefined || !this.call.wantsUsage) return;
    const { id, object, created } = this.oddUsage.chunk;
    const chunk = { id, object, created, model: this.target.answersAs, choices: [], usage: this.oddUsage.usage };
    this.output.put(Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`));
  }

  private reported(error: ProviderError | undefined): void {
    const limited = error !== undefined && impliedStatus(error) === 429;
    const kind = !limited ? 'server_error' : isQuota(error) ? 'quota_exhausted' : 'rate_limited';
    const message = this.isEarly
      ? 'The upstream reported an error in place of an answer.'
      : 'The upstream reported an error in the middle of its answer.';
    // A provider's words may repeat the prompt: the log gets none of them.
    this.fail(message, kind, error && new Error(`reported: status ${impliedStatus(error)}`));
  }
}

const NONE: readonly Splice[] = [];
/** Deltas: of a short stream nothing is worth remembering. */
const LEARNT_AFTER = 8;
const DONE = Buffer.from('data: [DONE]\n\n');
