import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import type { JsonObject, NeutralRequest } from '../neutral/neutral-request.js';
import type { OutboundDialect, StreamReader } from '../neutral/outbound-dialect.js';
import { SseJsonReader } from '../sse-json-reader.js';
import type { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders, UpstreamRequest } from '../upstream-transport.js';
import { anthropicRequest } from './anthropic-request.js';
import { explainAnthropic } from './explain-anthropic.js';
import { MessageEvents } from './message-events.js';
import { messagesBetas } from './messages-betas.js';
import { messagesBody } from './messages-body.js';
import { readMessage } from './read-message.js';

/**
 * Anthropic's Messages API, in the version of 2023-06-01. Left out without a word: `seed`, `frequency_penalty`, `presence_penalty`, what `writeUnsaid`
 * lists, `temperature` and `top_k` while the model thinks, `top_p` beside `temperature` where a model takes one of them, and end users named by
 * an e-mail address or a telephone number. `n` above 1, log probabilities, audio, and parameters nobody knows are refused.
 */
export class AnthropicOutbound implements OutboundDialect {
  readonly streamType = 'text/event-stream';
  readonly toolNameLengthMax = 128;

  write(request: NeutralRequest, target: Target, call: InferenceCall): UpstreamRequest {
    const body = { model: target.model, ...messagesBody(request, target.model), ...(call.stream && { stream: true }) };
    // A client that speaks another wire knows nothing of this one's versions.
    const { 'anthropic-version': _version, ...headers } = call.headers;
    return anthropicRequest(target.upstream, { ...call, headers }, Buffer.from(JSON.stringify(body)), {
      betas: messagesBetas(request, target.model),
    });
  }

  /** With a date in its type: of `web_search_20250305` and the like the provider judges. */
  takesOwnTool({ type }: JsonObject): boolean {
    return typeof type === 'string';
  }

  read(body: Buffer, target?: Target): readonly NeutralEvent[] {
    return readMessage(body, target?.upstream);
  }

  streamReader(eventBytesMax: number, target?: Target): StreamReader {
    return new SseJsonReader(new MessageEvents(target?.upstream), eventBytesMax);
  }

  explain(target: Target, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
    return explainAnthropic(target.upstream, status, headers, body);
  }
}
