import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { asArray, asObject, asText, type JsonObject } from '../openai/json-value.js';
import type { NeutralEvent, NeutralUsage } from '../neutral/neutral-event.js';
import type { EventMeaning } from '../sse-json-reader.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { callId } from './call-id.js';
import { embeddedFailure } from './explain-error.js';
import { finishReason, reasonWord } from './finish-reason.js';
import { PartialArguments } from './partial-arguments.js';
import { readCitations } from './read-citations.js';
import { readLogprobs } from './read-logprobs.js';
import { readUsage } from './read-usage.js';
import { markedSignature } from './thought-signature.js';

/** What was seen of one candidate. */
interface Candidate {
  calls: number;
  hasText: boolean;
  hasContent: boolean;
  /** A piece of it came without a reason to end: one that comes is its end, and not a habit of the model. */
  wasOpen: boolean;
  /** The last reason to end that was given; told once no more can follow. */
  reason: string | undefined;
  wasTold: boolean;
  /** The call whose arguments are arriving in pieces. */
  partial: PartialArguments | undefined;
}

/** What the responses of one reply mean, a whole one or the events of a stream, in turn. Nothing but the end of the body says that no more will come. */
export class ResponseEvents implements EventMeaning {
  private readonly candidates = new Map<number, Candidate>();
  private hasStarted = false;
  private hasUsage = false;
  private readonly cited = new Set<string>();
  private replyId: string | undefined;
  private events: NeutralEvent[] = [];

  /** `bytesMax`: the most that is kept of arguments that arrive in pieces. */
  constructor(
    private readonly bytesMax: number,
    private readonly upstream: Pick<UpstreamSettings, 'apiKey'>,
  ) {}

  event(response: JsonObject, _name: string, events: NeutralEvent[]): void {
    this.events = events;
    if (response['error'] !== undefined && response['error'] !== null) {
      events.push({ kind: 'failure', failure: embeddedFailure(this.upstream, response) });
      return;
    }
    this.start(response);
    // Before any end: whoever writes an end may have to say what the reply cost.
    const usage = readUsage(response['usageMetadata']);
    if (usage !== undefined) this.tellUsage(usage);
    for (const [position, item] of (asArray(response['candidates']) ?? []).entries()) {
      const candidate = asObject(item);
      if (candidate !== undefined) this.candidate(candidate, position, response);
    }
    if (reasonWord(asObject(response['promptFeedback'])?.['blockReason']) !== undefined)
      this.blocked(asObject(response['usageMetadata']) !== undefined);
  }

  /** Said by proxies that speak for Google. */
  done(events: NeutralEvent[]): void {
    this.end(events);
  }

  /** Tells the ends that could not be told before. `isWhole`: nothing more could come, so that what was said without a reason to end has ended. */
  end(events: NeutralEvent[], isWhole = false): void {
    this.events = events;
    if (isWhole) for (const candidate of this.candidates.values()) if (candidate.hasContent) candidate.reason ??= 'STOP';
    for (const [choice, candidate] of this.candidates) if (candidate.reason !== undefined && !candidate.wasTold) this.tellEnd(candidate, choice);
  }

  private start(response: JsonObject): void {
    this.replyId ??= asText(response['responseId']);
    if (this.hasStarted) return;
    this.hasStarted = true;
    this.events.push({ kind: 'start', id: this.replyId });
  }

  private tellUsage(usage: NeutralUsage): void {
    this.hasUsage = true;
    this.events.push({ kind: 'usage', usage });
  }

  /** The prompt was refused: whatever answer there is ends here. */
  private blocked(isCounted: boolean): void {
    // Google's count of it names no tokens.
    if (!this.hasUsage && isCounted) this.tellUsage(NO_TOKENS);
    if (this.candidates.size === 0) this.candidates.set(0, { ...newCandidate(), wasOpen: true });
    for (const [choice, candidate] of this.candidates) {
      candidate.reason ??= 'SAFETY';
      if (!candidate.wasTold) this.tellEnd(candidate, choice);
    }
  }

  private candidate(said: JsonObject, position: number, response: JsonObject): void {
    const index = said['index'] ?? position;
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= CANDIDATES_MAX) return;
    const candidate = this.candidates.get(index) ?? newCandidate();
    this.candidates.set(index, candidate);
    for (const item of asArray(asObject(said['content'])?.['parts']) ?? []) {
      const part = asObject(item);
      if (part !== undefined) this.part(candidate, index, part, response);
    }
    for (const citation of readCitations(said, index)) this.cite(citation);
    const content = readLogprobs(said);
    if (content.length > 0) this.events.push({ kind: 'logprobs', choice: index, content });
    const reason = reasonWord(said['finishReason']);
    if (reason !== undefined) candidate.reason = reason;
    else candidate.wasOpen = true;
    // Some models give a reason with every piece of an answer.
    if (reason !== undefined && candidate.wasOpen && !candidate.wasTold) this.tellEnd(candidate, index);
  }

  private part(candidate: Candidate, choice: number, part: JsonObject, response: JsonObject): void {
    const signature = asText(part['thoughtSignature']);
    const call = asObject(part['functionCall']);
    if (call !== undefined) return this.call(candidate, choice, call, signature, response);
    const said = asText(part['text']);
    const made = asObject(part['inlineData']);
    if (made !== undefined && part['thought'] !== true) this.image(candidate, choice, made);
    if (part['thought'] === true) {
      if (said !== undefined) this.content(candidate, { kind: 'reasoning', choice, text: said });
      if (signature !== undefined) this.events.push({ kind: 'reasoning_signature', choice, signature: markedSignature('thought', signature) });
      return;
    }
    // It is told with the thoughts, which no client takes after the text; Gemini does not insist on the signature of a text.
    if (signature !== undefined && !candidate.hasText)
      this.events.push({ kind: 'reasoning_signature', choice, signature: markedSignature('text', signature) });
    if (said === undefined) return;
    candidate.hasText = true;
    this.content(candidate, { kind: 'text', choice, text: said });
  }

  /** Of a stream, several responses may tell all that was found so far. */
  private cite(citation: Extract<NeutralEvent, { kind: 'citation' }>): void {
    const key = `${citation.choice} ${citation.url} ${citation.quote ?? ''}`;
    if (this.cited.has(key) || this.cited.size >= CITATIONS_MAX) return;
    this.cited.add(key);
    this.events.push(citation);
  }

  private image(candidate: Candidate, choice: number, { mimeType, data }: JsonObject): void {
    const mime = asText(mimeType);
    const base64 = asText(data);
    if (mime?.startsWith('image/') === true && base64 !== undefined) this.content(candidate, { kind: 'image', choice, mime, base64 });
  }

  private call(candidate: Candidate, choice: number, call: JsonObject, signature: string | undefined, response: JsonObject): void {
    const name = asText(call['name']);
    if (name === undefined) return this.more(candidate, choice, call);
    this.endPartial(candidate, choice);
    const position = candidate.calls++;
    const id = asText(call['id']) ?? callId(`${this.replyId ?? JSON.stringify(response)}\n${choice}.${position}`);
    this.content(candidate, { kind: 'tool_call', choice, call: position, id, name, signature });
    if (call['willContinue'] === true || call['partialArgs'] !== undefined) {
      candidate.partial = new PartialArguments(this.bytesMax);
      this.more(candidate, choice, call);
    } else this.content(candidate, { kind: 'tool_arguments', choice, call: position, json: JSON.stringify(asObject(call['args']) ?? {}) });
  }

  /** A further piece of the call that is arriving; one without any says that it is whole. */
  private more(candidate: Candidate, choice: number, call: JsonObject): void {
    if (candidate.partial?.add(call['partialArgs']) === false) {
      const failure = new UpstreamFailure('invalid', 'The upstream sent more arguments of one tool call than are taken.');
      this.events.push({ kind: 'failure', failure });
    }
    if (call['willContinue'] !== true) this.endPartial(candidate, choice);
  }

  private endPartial(candidate: Candidate, choice: number): void {
    if (candidate.partial === undefined) return;
    const json = candidate.partial.json();
    candidate.partial = undefined;
    this.content(candidate, { kind: 'tool_arguments', choice, call: candidate.calls - 1, json });
  }

  private content(candidate: Candidate, event: NeutralEvent): void {
    candidate.hasContent = true;
    candidate.wasTold = false;
    this.events.push(event);
  }

  private tellEnd(candidate: Candidate, choice: number): void {
    this.endPartial(candidate, choice);
    candidate.wasTold = true;
    const reason = finishReason(candidate.reason ?? '', candidate.calls > 0);
    if (reason === 'failed' && !candidate.hasContent) {
      const failure = new UpstreamFailure('server_error', 'The model began a tool call that makes no sense, and gave up.');
      this.events.push({ kind: 'failure', failure });
    } else {
      const told = reason === 'failed' ? (candidate.calls > 0 ? 'tool_calls' : 'stop') : reason;
      this.events.push({ kind: 'finish', choice, reason: told, stopSequence: undefined });
    }
  }
}

const CANDIDATES_MAX = 128;
const CITATIONS_MAX = 512;
const NO_TOKENS: NeutralUsage = { input: 0, output: 0, cached: 0, cacheWritten: 0, reasoning: 0 };

function newCandidate(): Candidate {
  return { calls: 0, hasText: false, hasContent: false, wasOpen: false, reason: undefined, wasTold: false, partial: undefined };
}
