import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import type { Target } from '../../contracts/target.js';
import type { NeutralRequest } from '../neutral/neutral-request.js';
import { parsedJson } from '../openai/json-value.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { GoogleAccessTokens } from './google-access-tokens.js';
import { VertexAnthropicOutbound } from './vertex-anthropic-outbound.js';
import { VertexGeminiOutbound } from './vertex-gemini-outbound.js';

const tokens = new GoogleAccessTokens(undefined);
const options = { project: 'my-project', location: 'us-east5', tokens };
const gemini = new VertexGeminiOutbound(options);
const claude = new VertexAnthropicOutbound(options);
const REQUEST: NeutralRequest = {
  system: [{ kind: 'text', text: 'be brief' }],
  turns: [{ role: 'user', parts: [{ kind: 'text', text: 'hello' }] }],
  tools: [],
  toolChoice: undefined,
  parallelTools: undefined,
  outputTokensMax: 10,
  temperature: undefined,
  topP: undefined,
  topK: undefined,
  stop: [],
  seed: undefined,
  frequencyPenalty: undefined,
  presencePenalty: undefined,
  logprobs: undefined,
  choices: 1,
  format: { kind: 'text' },
  reasoning: undefined,
  user: undefined,
  unsaid: new Map([['labels', { team: 'a' }]]),
};
const PLAIN = { ...REQUEST, unsaid: new Map<string, unknown>() };
const at = (model: string, part: Partial<Target['upstream']> = {}): Target =>
  openaiTarget({}, { baseUrl: 'https://us-east5-aiplatform.googleapis.com', apiKey: undefined, ...part }, { model });
const once = openaiCall({ model: 'asked' });
const stream = openaiCall({ model: 'asked', stream: true });
const PLACE = '/v1/projects/my-project/locations/us-east5';

describe('Gemini at Vertex AI', () => {
  it('is asked at the project, with a token that is asked for when the request leaves', () => {
    const written = gemini.write(REQUEST, at('gemini-2.5-pro'), once);
    expect(written.path).toBe(`${PLACE}/publishers/google/models/gemini-2.5-pro:generateContent`);
    expect(written.authorization).toBe(tokens);
    expect(Object.keys(written.headers)).not.toContain('x-goog-api-key');
    expect(parsedJson(written.body.toString())).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'hello' }] }],
      systemInstruction: { parts: [{ text: 'be brief' }] },
      labels: { team: 'a' },
      generationConfig: { maxOutputTokens: 10 },
    });
    expect(gemini.write(REQUEST, at('gemini-2.5-pro'), stream).path).toBe(
      `${PLACE}/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse`,
    );
  });

  it('a number is an endpoint, a version may be in the address, a key that is set is a token', () => {
    expect(gemini.write(PLAIN, at('123456'), once).path).toBe(`${PLACE}/endpoints/123456:generateContent`);
    const written = gemini.write(PLAIN, at('gemini-x', { baseUrl: 'http://127.0.0.1:9/v1beta1', apiKey: 'ya29.t' }), once);
    expect(written.path).toBe('/projects/my-project/locations/us-east5/publishers/google/models/gemini-x:generateContent');
    expect(written).not.toHaveProperty('authorization');
    expect(written.headers).toMatchObject({ authorization: 'Bearer ya29.t' });
  });

  it('embeds several texts by prediction, and one a call with newer models', () => {
    const call = openaiCall({ model: 'asked', input: ['a', 'b'], dimensions: 8, task_type: 'RETRIEVAL_QUERY' }, {}, 'embeddings');
    const predicted = gemini.writeEmbeddings(call, at('text-embedding-005'));
    expect(predicted.path).toBe(`${PLACE}/publishers/google/models/text-embedding-005:predict`);
    expect(parsedJson(predicted.body.toString())).toEqual({
      instances: [
        { content: 'a', task_type: 'RETRIEVAL_QUERY' },
        { content: 'b', task_type: 'RETRIEVAL_QUERY' },
      ],
      parameters: { outputDimensionality: 8 },
    });
    expect(() => gemini.writeEmbeddings(call, at('gemini-embedding-2'))).toThrow('input');
    const alone = gemini.writeEmbeddings(openaiCall({ model: 'asked', input: 'a' }, {}, 'embeddings'), at('gemini-embedding-2'));
    expect(alone.path).toBe(`${PLACE}/publishers/google/models/gemini-embedding-2:embedContent`);
    expect(parsedJson(alone.body.toString())).toEqual({ content: { parts: [{ text: 'a' }] } });
    const answered = { predictions: [1, 2].map((token_count) => ({ embeddings: { values: [0.5], statistics: { token_count } } })) };
    const answer = gemini.readEmbeddings(Buffer.from(JSON.stringify(answered)), call, at('text-embedding-005'));
    if (answer instanceof UpstreamFailure) throw answer;
    expect(answer.usage).toEqual({ input: 3, output: 0, cached: 0, reasoning: 0 });
    expect(parsedJson(answer.body.toString())).toMatchObject({ data: [{ index: 0, embedding: [0.5] }, { index: 1 }], usage: { prompt_tokens: 3 } });
  });
});

describe('Claude at Vertex AI', () => {
  it('has its model in the address and its version in the body', () => {
    const written = claude.write(PLAIN, at('claude-sonnet-4-5@20250929'), stream);
    expect(written.path).toBe(`${PLACE}/publishers/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict`);
    expect(written.authorization).toBe(tokens);
    expect(Object.keys(written.headers)).not.toContain('x-api-key');
    const body = parsedJson(written.body.toString());
    expect(body).toMatchObject({ anthropic_version: 'vertex-2023-10-16', stream: true, max_tokens: 10, messages: [{ role: 'user' }] });
    expect(body).not.toHaveProperty('model');
    expect(claude.write(PLAIN, at('claude-haiku-4-5'), once).path).toBe(`${PLACE}/publishers/anthropic/models/claude-haiku-4-5:rawPredict`);
  });

  it("names refusals of Google's and of Anthropic's", () => {
    const explain = (status: number, body: object): UpstreamFailure => claude.explain(at('claude-x'), status, {}, Buffer.from(JSON.stringify(body)));
    expect(explain(429, { error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'q' } }).kind).toBe('rate_limited');
    expect(explain(400, { type: 'error', error: { type: 'invalid_request_error', message: 'prompt is too long: 9 > 8' } }).kind).toBe(
      'context_length',
    );
    expect(explain(404, { error: { code: 404, status: 'NOT_FOUND', message: 'no such model' } }).details.body?.error.message).toBe('no such model');
    expect(explain(529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }).kind).toBe('server_error');
  });
});
