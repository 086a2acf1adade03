import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { reportedFailure } from '../reported-failure.js';
import type { EventMeaning } from '../sse-json-reader.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { ResponseEvents } from '../responses/response-events.js';
import { ChatChoiceReader } from './chat-choice-reader.js';
import { isFailedFinish } from './failed-finish.js';
import { asArray, asObject, asText, type JsonObject } from './json-value.js';
import { embeddedError, providerError } from './provider-error.js';
import { readNeutralUsage } from './read-neutral-usage.js';

/** What the chunks of a stream mean, and, as one chunk, a whole answer. Whoever answers a chat with a response of OpenAI's other wire is heard too. */
export class ChatChunks implements EventMeaning {
  private readonly choices = new Map<number, ChatChoiceReader>();
  private id: string | undefined;
  private response: ResponseEvents | undefined;

  constructor(
    private readonly upstream: UpstreamSettings | undefined,
    private readonly isWhole = false,
  ) {}

  event(chunk: JsonObject, name: string, events: NeutralEvent[]): void {
    if (chunk['choices'] === undefined && this.isResponse(chunk)) return this.told(chunk, name, events);
    this.begin(chunk, events);
    const error = name === 'error' ? providerError(chunk) : embeddedError(chunk);
    const choices = (asArray(chunk['choices']) ?? []).map(asObject);
    if (name === 'error' || error !== undefined || choices.some((choice) => isFailedFinish(choice?.['finish_reason']))) {
      events.push({ kind: 'failure', failure: reportedFailure(error, chunk, this.upstream) });
      return;
    }
    const usage = readNeutralUsage(chunk['usage'] ?? asObject(chunk['x_groq'])?.['usage']);
    if (usage !== undefined) events.push(usage);
    for (const [position, choice] of choices.entries()) if (choice !== undefined) this.choice(chunk, choice, position, events);
  }

  /** The provider says that it is over: who did not say how he ended has ended. */
  done(events: NeutralEvent[]): void {
    if (this.response !== undefined) return;
    for (const choice of this.choices.values()) choice.finish(undefined, undefined, events);
    if (this.choices.size === 0)
      events.push({ kind: 'failure', failure: new UpstreamFailure('invalid', 'The upstream ended its stream without an answer.') });
  }

  end(): void {}

  private isResponse({ type, object }: JsonObject): boolean {
    return this.response !== undefined || (this.isWhole ? object === 'response' : asText(type)?.startsWith('response.') === true);
  }

  private told(data: JsonObject, name: string, events: NeutralEvent[]): void {
    this.response ??= new ResponseEvents(this.upstream);
    if (this.isWhole) this.response.response(data, events);
    else this.response.event(data, name, events);
  }

  private begin(chunk: JsonObject, events: NeutralEvent[]): void {
    if (this.id !== undefined) return;
    this.id = asText(chunk['id']);
    if (this.id !== undefined) events.push({ kind: 'start', id: this.id });
  }

  private choice(chunk: JsonObject, choice: JsonObject, position: number, events: NeutralEvent[]): void {
    const index = typeof choice['index'] === 'number' ? choice['index'] : position;
    const known = this.choices.get(index);
    if (known === undefined && this.choices.size >= CHOICES_MAX) return;
    const reader = known ?? new ChatChoiceReader(index, () => this.id ?? '');
    this.choices.set(index, reader);
    // Most end but once, and some say their end twice; Together ends with every call, and goes on.
    if (reader.isFinished && !reader.goesOn(asObject(choice['delta']))) return;
    // Perplexity writes both: in a stream the message is all that was said so far.
    const delta = this.isWhole
      ? (asObject(choice['message']) ?? asObject(choice['delta']))
      : (asObject(choice['delta']) ?? asObject(choice['message']));
    if (delta !== undefined) reader.delta(delta, events);
    // Imported models of Bedrock answer as the old completions do.
    else if (asText(choice['text']) !== undefined) reader.delta({ content: choice['text'] }, events);
    reader.logprobs(choice['logprobs'], events);
    const reason = asText(choice['finish_reason']);
    // Perplexity's sources stand beside the choices; before they had titles, they were addresses alone.
    if (reason !== undefined || this.isWhole)
      for (const source of asArray(chunk['search_results']) ?? asArray(chunk['citations']) ?? [])
        reader.citation(typeof source === 'string' ? { url: source } : asObject(source), events);
    if (reason !== undefined || this.isWhole) reader.finish(reason, choice['stop_reason'], events);
  }
}

const CHOICES_MAX = 128;
