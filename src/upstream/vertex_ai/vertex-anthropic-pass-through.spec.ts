import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { GoogleAccessTokens } from './google-access-tokens.js';
import { VertexAnthropicPassThrough } from './vertex-anthropic-pass-through.js';

const options = { project: 'p', location: 'global', tokens: new GoogleAccessTokens(undefined) };
const adapter = new VertexAnthropicPassThrough(options);
const counting = new VertexAnthropicPassThrough(options, true);
const target = openaiTarget({}, { baseUrl: 'https://aiplatform.googleapis.com', apiKey: undefined }, { model: 'claude-x@1' });
const V = '"anthropic_version":"vertex-2023-10-16"';

describe("a client's message to Claude at Vertex AI", () => {
  it.each([
    ['{"model":"m","max_tokens":1}', `{${V},"max_tokens":1}`],
    ['{ "x_new":[1e1,-0], "\\u006dodel" : "m" }', `{ "x_new":[1e1,-0], ${V} }`],
    ['{"anthropic_version":"2023-06-01","model":"m","a":1}', `{${V},"a":1}`],
    ['{"anthropic_version":"2023-06-01" , "model":"m" }', `{${V}  }`],
  ])('%s is %s', (body, expected) => {
    const request = adapter.encode(openaiCall(body), target);
    expect(request.body.toString()).toBe(expected);
    expect(JSON.parse(expected)).not.toHaveProperty('model');
    expect(request.path).toBe('/v1/projects/p/locations/global/publishers/anthropic/models/claude-x@1:rawPredict');
    expect(request.authorization).toBe(options.tokens);
  });

  it('keeps the wishes in its headers', () => {
    const { path, headers } = adapter.encode(openaiCall({ model: 'm', stream: true }, { headers: { 'anthropic-beta': 'a' } }), target);
    expect(path).toMatch(/:streamRawPredict$/);
    expect(headers).toMatchObject({ 'anthropic-beta': 'a', accept: 'text/event-stream' });
  });

  it('is counted where tokens are counted, with its model', () => {
    const request = counting.encode(openaiCall('{"model":"m","messages":[]}'), target);
    expect(request.path).toBe('/v1/projects/p/locations/global/publishers/anthropic/models/count-tokens:rawPredict');
    expect(request.body.toString()).toBe(`{"model":"claude-x@1",${V},"messages":[]}`);
    const versioned = counting.encode(openaiCall('{"model":"m","anthropic_version":"x"}'), target);
    expect(versioned.body.toString()).toBe(`{"model":"claude-x@1",${V}}`);
  });
});
