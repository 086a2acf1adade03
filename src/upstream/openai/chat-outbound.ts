import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import { bearerHeaders } from '../bearer-headers.js';
import { imageEventBytes } from '../image-event-bytes.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import type { NeutralRequest } from '../neutral/neutral-request.js';
import type { OutboundDialect, StreamReader } from '../neutral/outbound-dialect.js';
import { SseJsonReader } from '../sse-json-reader.js';
import { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders, UpstreamRequest } from '../upstream-transport.js';
import { chatBody } from './chat-body.js';
import { ChatChunks } from './chat-chunks.js';
import type { ChatHabits } from './chat-habits.js';
import { explainRefusal } from './explain-refusal.js';
import { asArray, asObject, parsedJson } from './json-value.js';

/**
 * Every provider with an OpenAI face, for clients that speak another wire. Left out without a word: cache marks and earlier thoughts (unless the
 * provider takes them), whether a tool failed, a budget of thoughts for models that are not known to think, and what clients of other wires
 * always send (`context_management`, `service_tier`, …). Documents by address and images of a file store are refused.
 */
export class ChatOutbound implements OutboundDialect {
  readonly streamType = 'text/event-stream';

  constructor(private readonly habits: ChatHabits = {}) {}

  write(request: NeutralRequest, target: Target, call: InferenceCall): UpstreamRequest {
    const { quirks } = target.upstream;
    const stream = call.stream && { stream: true, ...(quirks.noStreamOptions !== true && { stream_options: { include_usage: true } }) };
    const body = { model: target.model, ...chatBody(request, target.model, call, this.habits), ...stream };
    return {
      path: '/chat/completions',
      headers: bearerHeaders(call, target.upstream, /^anthropic-/),
      body: Buffer.from(JSON.stringify(body)),
    };
  }

  read(body: Buffer, target?: Target): readonly NeutralEvent[] {
    const answer = asObject(parsedJson(body.toString('utf8')));
    if (answer === undefined) return [invalid('The upstream answered with a body that is no JSON object.')];
    const events: NeutralEvent[] = [];
    new ChatChunks(target?.upstream, true).event(answer, '', events);
    if (events.at(-1)?.kind === 'failure' || answer['object'] === 'response') return events;
    if (asArray(answer['choices']) === undefined) return [invalid('The upstream answered without the "choices" that an answer has.')];
    return events;
  }

  streamReader(eventBytesMax: number, target?: Target): StreamReader {
    return new SseJsonReader(new ChatChunks(target?.upstream), imageEventBytes(eventBytesMax, target));
  }

  explain(target: Target, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
    return explainRefusal(target.upstream, status, headers, body);
  }
}

function invalid(message: string): NeutralEvent {
  return { kind: 'failure', failure: new UpstreamFailure('invalid', message) };
}
