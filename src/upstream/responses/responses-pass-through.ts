import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import { imageEventBytes } from '../image-event-bytes.js';
import { explainRefusal } from '../openai/explain-refusal.js';
import { splicedBody } from '../spliced-body.js';
import type { Answer, UpstreamAdapter } from '../upstream-adapter.js';
import type { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders, UpstreamRequest } from '../upstream-transport.js';
import { passedAnswer } from './passed-answer.js';
import { PassedStream } from './passed-stream.js';
import { bearerHeaders } from '../bearer-headers.js';

/**
 * Between a client and an upstream that both speak Responses: byte for byte but for the model's name, both ways. What needs a memory
 * (`previous_response_id`, `background`, `store`) is the upstream's to do or to refuse.
 */
export class ResponsesPassThrough implements UpstreamAdapter {
  encode(call: InferenceCall, target: Target): UpstreamRequest {
    const model = call.fields.get('model');
    const isRenamed = model !== undefined && call.model !== target.model;
    return {
      path: '/responses',
      headers: bearerHeaders(call, target.upstream),
      ...splicedBody(call.body, isRenamed ? [{ ...model, text: JSON.stringify(target.model) }] : []),
    };
  }

  answer(_call: InferenceCall, target: Target, body: Buffer): Answer | UpstreamFailure {
    return passedAnswer(target, body);
  }

  translator(call: InferenceCall, target: Target, eventBytesMax: number): PassedStream {
    return new PassedStream(call, target, imageEventBytes(eventBytesMax, target, call));
  }

  explain(target: Target, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
    return explainRefusal(target.upstream, status, headers, body);
  }
}
