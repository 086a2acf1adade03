import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { told } from '../../../test/doubles/told-events.js';
import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import type { Target } from '../../contracts/target.js';
import { AdapterTable } from '../adapters.js';
import { MessagesInbound } from '../anthropic/messages-inbound.js';
import type { UpstreamRequest } from '../upstream-transport.js';
import { GoogleAccessTokens } from './google-access-tokens.js';
import { VertexPartnerAdapter } from './vertex-partner-adapter.js';
import { VertexPartnerOutbound } from './vertex-partner-outbound.js';

const tokens = new GoogleAccessTokens(undefined);
const options = { project: 'my-project', location: 'us-east5', tokens };
const adapter = new VertexPartnerAdapter(options);
const outbound = new VertexPartnerOutbound(options);
const MODEL = 'meta/llama-3.3-70b-instruct-maas';
const PATH = '/v1/projects/my-project/locations/us-east5/endpoints/openapi/chat/completions';
const at = (upstream: Partial<UpstreamSettings> = {}): Target =>
  openaiTarget({}, { baseUrl: 'https://us-east5-aiplatform.googleapis.com', apiKey: undefined, ...upstream }, { model: MODEL });
const bodyOf = ({ body, bodyRest = [] }: UpstreamRequest): unknown => JSON.parse(Buffer.concat([body, ...bodyRest]).toString());

it("a client of chat completions keeps his bytes, at the project's address and with a token of Google's", () => {
  const call = openaiCall({ model: 'asked', messages: [{ role: 'user', content: 'hi' }], top_k: 3 });
  const request = adapter.encode(call, at());
  expect(request).toMatchObject({ path: PATH, authorization: tokens });
  expect(bodyOf(request)).toEqual({ model: MODEL, messages: [{ role: 'user', content: 'hi' }], top_k: 3 });
  const given = adapter.encode(call, at({ baseUrl: 'http://127.0.0.1:1/v1beta1', apiKey: 'ya29' }));
  expect(given.path).toBe(PATH.slice('/v1'.length));
  expect(given.headers['authorization']).toBe('Bearer ya29');
  expect(given.authorization).toBeUndefined();
});

it.each([
  ['mistral-small-2503', 'publishers/mistralai/models/mistral-small-2503'],
  ['meta/llama-4-scout', 'endpoints/openapi/chat/completions'],
  ['codestral@2405', 'publishers/mistralai/models/codestral@2405'],
  ['mistral-large@2407', 'publishers/mistralai/models/mistral-large@2407'],
  ['jamba-1.5-large', 'publishers/ai21/models/jamba-1.5-large'],
])('%s is asked at %s', (model, resource) => {
  const target = { ...at(), model };
  for (const [stream, verb] of [
    [false, ':rawPredict'],
    [true, ':streamRawPredict'],
  ] as const) {
    const request = adapter.encode(openaiCall({ model: 'asked', stream, messages: [] }), target);
    const { path } = request;
    // Whoever is not asked to count in a stream counts in any case.
    expect(bodyOf(request)).toEqual({
      model,
      stream,
      messages: [],
      ...(stream && model.includes('/') && { stream_options: { include_usage: true } }),
    });
    expect(path).toBe(`/v1/projects/my-project/locations/us-east5/${resource}${resource.startsWith('endpoints') ? '' : verb}`);
  }
});

it('clients of other wires are translated to it, and hear it', () => {
  const call = openaiCall({ model: 'asked', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] }, {}, 'messages');
  const request = outbound.write(new MessagesInbound().read(call), at(), call);
  expect(request).toMatchObject({ path: PATH, authorization: tokens });
  expect(bodyOf(request)).toMatchObject({ model: MODEL, max_tokens: 9 });
  const answer = { id: 'r', choices: [{ index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: 'stop' }] };
  expect(told(outbound.read(Buffer.from(JSON.stringify(answer)), at())).choices).toMatchObject([{ text: 'x', finish: 'stop' }]);
});

it('refusals are Google’s', () => {
  const body = Buffer.from('[{"error":{"code":404,"message":"Publisher Model was not found.","status":"NOT_FOUND"}}]');
  for (const wire of [adapter, outbound])
    expect(wire.explain(at(), 404, {}, body)).toMatchObject({ kind: 'rejected', message: 'Publisher Model was not found.' });
});

it('chat completions go straight, everything else is translated, embeddings there are none', () => {
  const dialect = { name: 'vertex_ai', publisher: 'partner', project: 'p', location: 'global', credentials: undefined } as const;
  const { upstream } = at({ dialect });
  const table = new AdapterTable();
  expect(table.for(upstream, openaiCall({ model: 'm' }))).toBeInstanceOf(VertexPartnerAdapter);
  const embeds = openaiCall({ model: 'm', input: 'a' }, {}, 'embeddings');
  expect(() => table.for(upstream, embeds).encode(embeds, at({ dialect }))).toThrow('does not serve /v1/embeddings');
});
