import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { asArray, asObject, asText, type JsonObject } from '../openai/json-value.js';
import { providerError } from '../openai/provider-error.js';
import { reportedFailure } from '../reported-failure.js';
import type { EventMeaning } from '../sse-json-reader.js';
import { Citations } from './citations.js';
import { readLogprobs } from './read-logprobs.js';
import { replyEnd } from './reply-end.js';
import { ToolCalls } from './tool-calls.js';

/** What the events of a `/v2/chat` stream mean. What it says before its calls (`tool_plan`) is reasoning. Kinds that are not known yet say nothing. */
export class ChatEvents implements EventMeaning {
  private readonly calls = new ToolCalls();
  private readonly citations = new Citations();
  private id: string | undefined;
  private hasEnded = false;

  constructor(private readonly upstream: UpstreamSettings | undefined) {}

  event(data: JsonObject, name: string, events: NeutralEvent[]): void {
    if (this.hasEnded) return;
    const delta = asObject(data['delta']);
    const message = asObject(delta?.['message']);
    const index = typeof data['index'] === 'number' ? data['index'] : 0;
    switch (data['type'] ?? name) {
      case 'message-start':
        this.id = asText(data['id']);
        if (this.id !== undefined) events.push({ kind: 'start', id: this.id });
        return;
      case 'content-start':
      case 'content-delta':
        return this.content(asObject(message?.['content']), data, events);
      case 'tool-plan-delta':
        return reasoning(message?.['tool_plan'], events);
      case 'tool-call-start':
        return this.calls.begin(index, call(message), this.id, events);
      case 'tool-call-delta':
        return this.calls.argue(index, call(message), events);
      case 'tool-call-end':
        return this.calls.close(index, events);
      case 'citation-start':
        return this.citations.read(message?.['citations'], events);
      case 'message-end':
        this.hasEnded = true;
        this.calls.close(undefined, events);
        return replyEnd(delta ?? {}, this.calls.count > 0, this.upstream, events);
    }
    const isError = name === 'error' || data['type'] === 'error' || data['error'] !== undefined || typeof data['message'] === 'string';
    if (isError) events.push({ kind: 'failure', failure: reportedFailure(providerError(data), data, this.upstream) });
  }

  /** Says no more than that nothing follows: a reply without its `message-end` is not complete. */
  done(): void {}

  end(): void {}

  private content(content: JsonObject | undefined, data: JsonObject, events: NeutralEvent[]): void {
    const text = asText(content?.['text']);
    reasoning(content?.['thinking'], events);
    if (text !== undefined) events.push({ kind: 'text', choice: 0, text });
    const logprobs = data['logprobs'] === undefined ? undefined : readLogprobs(data['logprobs']);
    if (logprobs !== undefined) events.push(logprobs);
  }
}

function reasoning(value: unknown, events: NeutralEvent[]): void {
  const text = asText(value);
  if (text !== undefined) events.push({ kind: 'reasoning', choice: 0, text });
}

/** One at a time; the name is that of a list. */
function call(message: JsonObject | undefined): JsonObject | undefined {
  const calls = message?.['tool_calls'];
  return asObject(calls) ?? asObject(asArray(calls)?.[0]);
}
