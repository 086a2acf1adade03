import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import type { NeutralRequest } from '../neutral/neutral-request.js';
import type { OutboundDialect, StreamReader } from '../neutral/outbound-dialect.js';
import { SseJsonReader } from '../sse-json-reader.js';
import type { Answer } from '../upstream-adapter.js';
import type { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders, UpstreamRequest } from '../upstream-transport.js';
import { ChatEvents } from './chat-events.js';
import { bearerHeaders } from '../bearer-headers.js';
import { coherePath } from './cohere-path.js';
import { explainCohere } from './explain-cohere.js';
import { readChat } from './read-chat.js';
import { readEmbeddings } from './read-embeddings.js';
import { writeChatBody } from './write-chat-body.js';
import { writeEmbeddings } from './write-embeddings.js';

/**
 * Cohere's second version: chat and embed. What is left out stands at `writeUnsaid`; refused by name are several answers (`n`), alternatives of
 * tokens (`top_logprobs`), audio, files that are no text, and `parallel_tool_calls: false` where there are several tools.
 */
export class CohereOutbound implements OutboundDialect {
  readonly streamType = 'text/event-stream';

  write(request: NeutralRequest, target: Target, call: InferenceCall): UpstreamRequest {
    const body = { ...writeChatBody(request, target.model), stream: call.stream };
    return { path: coherePath(target, 'chat'), headers: bearerHeaders(call, target.upstream, FOREIGN), body: Buffer.from(JSON.stringify(body)) };
  }

  read(body: Buffer, target?: Target): readonly NeutralEvent[] {
    return readChat(body, target?.upstream);
  }

  streamReader(eventBytesMax: number, target?: Target): StreamReader {
    return new SseJsonReader(new ChatEvents(target?.upstream), eventBytesMax);
  }

  explain(target: Target, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
    return explainCohere(target.upstream, status, headers, body);
  }

  writeEmbeddings(call: InferenceCall, target: Target): UpstreamRequest {
    const body = Buffer.from(JSON.stringify(writeEmbeddings(call, target.model)));
    return { path: coherePath(target, 'embed'), headers: bearerHeaders(call, target.upstream, FOREIGN), body };
  }

  readEmbeddings(body: Buffer, call: InferenceCall, target: Target): Answer | UpstreamFailure {
    return readEmbeddings(body, call, target);
  }
}

/** What clients say to others. */
const FOREIGN = /^(?:anthropic|openai)-/;
