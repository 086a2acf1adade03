import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import type { NeutralRequest } from '../neutral/neutral-request.js';
import type { OutboundDialect, StreamReader } from '../neutral/outbound-dialect.js';
import { explainRefusal } from '../openai/explain-refusal.js';
import { SseJsonReader } from '../sse-json-reader.js';
import type { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders, UpstreamRequest } from '../upstream-transport.js';
import { readResponse } from './read-response.js';
import { ResponseEvents } from './response-events.js';
import { bearerHeaders } from '../bearer-headers.js';
import { writeResponsesRequest } from './write-responses-request.js';

/**
 * OpenAI's Responses, for models that are served nowhere else (`*-pro`, `*-codex`, deep research). Nothing is stored there unless the client asks
 * for it; what the model thought comes back encrypted and is taken back in the next request. See `writeResponsesRequest` for what cannot be said.
 */
export class ResponsesOutbound implements OutboundDialect {
  readonly streamType = 'text/event-stream';

  write(request: NeutralRequest, target: Target, call: InferenceCall): UpstreamRequest {
    const body = writeResponsesRequest(request, target, call);
    return { path: '/responses', headers: bearerHeaders(call, target.upstream), body };
  }

  read(body: Buffer, target?: Target): readonly NeutralEvent[] {
    return readResponse(body, target?.upstream);
  }

  streamReader(eventBytesMax: number, target?: Target): StreamReader {
    return new SseJsonReader(new ResponseEvents(target?.upstream), eventBytesMax);
  }

  explain(target: Target, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
    return explainRefusal(target.upstream, status, headers, body);
  }
}
