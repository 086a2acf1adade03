import { openaiCall, openaiTarget } from '../../test/doubles/openai-call.js';
import type { InferenceCall } from '../contracts/inference-call.js';
import { AnthropicPassThrough } from './anthropic/anthropic-pass-through.js';
import { azureRequest } from './azure/azure-request.js';
import { OpenaiAdapter } from './openai/openai-adapter.js';
import { ResponsesPassThrough } from './responses/responses-pass-through.js';
import type { UpstreamRequest } from './upstream-transport.js';

const text = (letters: number): string => `{"a":1,"model":"chat","stream":true,"input":"${'x'.repeat(letters)}"}`;
const target = openaiTarget();
const whole = ({ body, bodyRest = [] }: UpstreamRequest): string => Buffer.concat([body, ...bodyRest]).toString();

describe.each<[string, (call: InferenceCall) => UpstreamRequest, (body: string) => string]>([
  ["OpenAI's", (call) => new OpenaiAdapter().encode(call, target), withWish],
  [
    "Azure's",
    (call) => azureRequest(new OpenaiAdapter().encode(call, target), target, { apiVersion: '1', keyIsToken: false, tokens: undefined }),
    withWish,
  ],
  ["Anthropic's", (call) => new AnthropicPassThrough().encode(call, target), renamed],
  ["Responses'", (call) => new ResponsesPassThrough().encode(call, target), renamed],
])('a body on %s wire whose model has another name there', (_wire, encode, expected) => {
  it('is not copied when it is large: what is sent are parts of the bytes that came', () => {
    const call = openaiCall(text(2 ** 20));
    const request = encode(call);
    expect(whole(request)).toBe(expected(text(2 ** 20)));
    for (const piece of [request.body, ...(request.bodyRest ?? [])]) if (piece.length > 100) expect(piece.buffer).toBe(call.body.buffer);
    // It is sent again elsewhere as it came.
    expect(call.body.toString()).toBe(text(2 ** 20));
  });

  it('is one piece when it is small', () => {
    const request = encode(openaiCall(text(100)));
    expect(request.bodyRest).toBeUndefined();
    expect(whole(request)).toBe(expected(text(100)));
  });
});

function renamed(body: string): string {
  return body.replace('"chat"', '"inner"');
}

function withWish(body: string): string {
  return renamed(body).replace('"inner"', '"inner","stream_options":{"include_usage":true}');
}
