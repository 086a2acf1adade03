import type { InferenceEndpoint } from '../../contracts/endpoint.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import { scanObject } from '../../json/scan-object.js';
import { fieldSplice, type Splice } from '../../json/splice-json.js';
import { bearerHeaders } from '../bearer-headers.js';
import { splicedBody } from '../spliced-body.js';
import type { UpstreamRequest } from '../upstream-transport.js';

const PATHS = {
  chat_completions: '/chat/completions',
  completions: '/completions',
  embeddings: '/embeddings',
  responses: '/responses',
  messages: '/messages',
  count_tokens: '/messages/count_tokens',
} as const satisfies Record<InferenceEndpoint, string>;

/** The client's body byte for byte, but for the model's name, and the wish for usage where the client streams and did not ask for it itself. */
export function encodeRequest(call: InferenceCall, target: Target): UpstreamRequest {
  return {
    path: PATHS[call.endpoint],
    headers: bearerHeaders(call, target.upstream),
    ...encodedBody(call, target),
  };
}

function encodedBody(call: InferenceCall, target: Target): Pick<UpstreamRequest, 'body' | 'bodyRest'> {
  const splices: Splice[] = [];
  const model = call.fields.get('model');
  if (model !== undefined && call.model !== target.model) splices.push({ ...model, text: JSON.stringify(target.model) });
  const asksForUsage = call.stream && !call.wantsUsage && call.endpoint !== 'embeddings' && target.upstream.quirks.noStreamOptions !== true;
  const wish = asksForUsage ? usageWish(call) : undefined;
  if (wish !== undefined) splices.push(wish);
  return splicedBody(call.body, splices);
}

function usageWish({ body, fields }: InferenceCall): Splice | undefined {
  const options = fields.get('stream_options');
  if (options !== undefined) {
    const bytes = body.subarray(options.start, options.end);
    const scan = scanObject(bytes, Infinity);
    // `null` asks for nothing.
    if ('fault' in scan) return { ...options, text: WISH };
    const splice = fieldSplice(scan, 'include_usage', 'true');
    return { ...splice, start: options.start + splice.start, end: options.start + splice.end };
  }
  // Behind a field that is there in any case; where in the object it stands does not matter.
  const after = fields.get('model')?.end;
  return after === undefined ? undefined : { start: after, end: after, text: `,"stream_options":${WISH}` };
}

const WISH = '{"include_usage":true}';
