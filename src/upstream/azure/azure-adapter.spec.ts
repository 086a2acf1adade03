import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import type { InferenceEndpoint } from '../../contracts/endpoint.js';
import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import type { Target } from '../../contracts/target.js';
import { AccessTokens } from '../access-tokens.js';
import { asArray, asObject, type JsonObject, parsedJson } from '../openai/json-value.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { AzureAdapter } from './azure-adapter.js';
import type { AzureOptions } from './azure-options.js';

class Tokens extends AccessTokens {
  override authorization(): string {
    return 'Bearer t';
  }
}

const tokens = new Tokens();
const RESOURCE = 'https://r.openai.azure.com';
const VERSION = '2025-02-01-preview';
const options: AzureOptions = { apiVersion: VERSION, keyIsToken: false, tokens: undefined };
const azure = new AzureAdapter(options);
const at = (model: string, part: Partial<UpstreamSettings> = {}): Target => openaiTarget({}, { baseUrl: RESOURCE, ...part }, { model });
const bodyOf = (body: Buffer): JsonObject => parsedJson(body.toString()) as JsonObject;
const chat = (body: object = {}): ReturnType<typeof openaiCall> => openaiCall({ model: 'asked', messages: [], ...body });

describe('a request to Azure', () => {
  it.each([
    [RESOURCE, VERSION, `/openai/deployments/gpt%204%2Fx/chat/completions?api-version=${VERSION}`],
    [`${RESOURCE}/openai`, VERSION, `/deployments/gpt%204%2Fx/chat/completions?api-version=${VERSION}`],
    [`${RESOURCE}/openai/deployments/mine`, VERSION, `/chat/completions?api-version=${VERSION}`],
    [`${RESOURCE}/openai/v1`, VERSION, '/chat/completions'],
    [`${RESOURCE}/openai/v1`, 'preview', '/chat/completions?api-version=preview'],
    [RESOURCE, 'v1', '/openai/v1/chat/completions'],
    [RESOURCE, 'latest', '/openai/v1/chat/completions'],
    [`${RESOURCE}/openai`, 'preview', '/v1/chat/completions?api-version=preview'],
    ['https://r.services.ai.azure.com/models', '2024-05-01-preview', '/chat/completions?api-version=2024-05-01-preview'],
    ['https://apim.example/team', 'a b', '/openai/deployments/gpt%204%2Fx/chat/completions?api-version=a%20b'],
  ])('goes from the base %s at version %s to %s', (baseUrl, apiVersion, path) => {
    const encoded = new AzureAdapter({ ...options, apiVersion }).encode(chat(), at('gpt 4/x', { baseUrl }));
    expect(encoded.path).toBe(path);
    expect(bodyOf(encoded.body)['model']).toBe('gpt 4/x');
  });

  it.each([
    ['completions', 'completions'],
    ['embeddings', 'embeddings'],
  ] as const)('of %s goes to the same deployment', (endpoint: InferenceEndpoint, verb) => {
    const encoded = azure.encode(openaiCall({ model: 'asked', input: 'a', prompt: 'a' }, {}, endpoint), at('d'));
    expect(encoded.path).toBe(`/openai/deployments/d/${verb}?api-version=${VERSION}`);
  });

  it("carries the key as Azure's, or as a token, or a token that is asked for when it leaves", () => {
    const keyed = azure.encode(chat(), at('d', { apiKey: 'k', headers: { authorization: 'Bearer other' } }));
    expect(keyed.headers).toMatchObject({ 'api-key': 'k' });
    expect(keyed.headers).not.toHaveProperty('authorization');
    const token = new AzureAdapter({ ...options, keyIsToken: true }).encode(chat(), at('d', { apiKey: 'ey' }));
    expect(token.headers).toMatchObject({ authorization: 'Bearer ey' });
    expect(token.headers).not.toHaveProperty('api-key');
    const asked = new AzureAdapter({ ...options, tokens }).encode(chat(), at('d', { apiKey: undefined }));
    expect(asked.authorization).toBe(tokens);
    expect(asked.headers).not.toHaveProperty('authorization');
    expect(azure.encode(chat(), at('d', { apiKey: undefined }))).not.toHaveProperty('authorization');
  });

  it("keeps the client's bytes, and names a marked deployment without its mark", () => {
    const call = openaiCall('{ "model":"asked",  "messages":[], "unknown":1.0 }');
    const encoded = azure.encode(call, at('o_series/mine'));
    expect(encoded.body.toString()).toBe('{ "model":"mine",  "messages":[], "unknown":1.0 }');
    expect(encoded.path).toContain('/deployments/mine/');
  });

  it('asks for usage in a stream, but not of a version that did not know how', () => {
    const wish = (apiVersion: string, baseUrl = RESOURCE): unknown =>
      bodyOf(new AzureAdapter({ ...options, apiVersion }).encode(chat({ stream: true }), at('d', { baseUrl })).body)['stream_options'];
    expect(wish(VERSION)).toEqual({ include_usage: true });
    expect(wish('v1')).toEqual({ include_usage: true });
    expect(wish('2024-06-01')).toBeUndefined();
    expect(wish('2024-05-01-preview', 'https://r.services.ai.azure.com/models')).toEqual({ include_usage: true });
  });
});

describe('an answer of Azure', () => {
  const answered = (body: object): JsonObject => {
    const answer = azure.answer(chat(), at('d'), Buffer.from(JSON.stringify(body)));
    if (answer instanceof UpstreamFailure) throw answer;
    return bodyOf(answer.body);
  };
  const filter = { hate: { filtered: true, severity: 'high' } };

  it.each([
    ['absent', {}],
    ['null', { message: null }],
  ])('that was filtered, its message %s, has one that clients can look at', (_name, part) => {
    const choice = { content_filter_results: filter, finish_reason: 'content_filter', index: 0, ...part };
    expect(answered({ model: 'm', choices: [choice], prompt_filter_results: [1] })).toEqual({
      model: 'outer',
      choices: [{ ...choice, message: { role: 'assistant', content: null, refusal: null } }],
      prompt_filter_results: [1],
    });
  });

  it("ends a hosted model's calls as clients know it", () => {
    const choice = { index: 0, finish_reason: 'tool_call', message: { content: 'a' } };
    expect(answered({ choices: [choice] })).toEqual({ choices: [{ ...choice, finish_reason: 'tool_calls' }] });
  });

  it('that needs nothing stays the very bytes', () => {
    const body = Buffer.from(
      '{"choices": [ {"index":0,"message":{"content":"content_filter"},"finish_reason":"stop","content_filter_results":{}} ]}',
    );
    expect(azure.answer(chat(), at('d'), body)).toMatchObject({ body });
  });
});

describe('a stream of Azure', () => {
  const FIRST = { choices: [], created: 0, id: '', model: '', object: '', prompt_filter_results: [{ prompt_index: 0 }] };
  const chunk = (choice: object, part: object = {}): object => ({
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, ...choice }],
    ...part,
  });
  const SAID = chunk({ delta: { role: 'assistant', content: 'hi' }, finish_reason: null });
  const ENDED = chunk({ delta: {}, finish_reason: 'stop' });
  const USAGE = { ...chunk({}), choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } };

  function streamed(
    chunks: readonly object[],
    wantsUsage = false,
  ): { readonly text: string; readonly chunks: JsonObject[]; readonly failure: unknown } {
    const call = chat({ stream: true, ...(wantsUsage && { stream_options: { include_usage: true } }) });
    const translator = azure.translator(call, at('d'), 65_536);
    const lines = Buffer.from(chunks.map((one) => `data: ${JSON.stringify(one)}\n\n`).join(''));
    const parts = [...lines].map((byte) => Buffer.from(translator.write(Buffer.of(byte))));
    const text = Buffer.concat([...parts, translator.end()]).toString();
    const events = text.split('\n\n').filter((line) => line.startsWith('data: {'));
    return { text, chunks: events.map((line) => parsedJson(line.slice(6)) as JsonObject), failure: translator.failure };
  }

  it('begins with a chunk that has a choice, and what was found in the prompt stands there', () => {
    for (const wantsUsage of [false, true]) {
      const { chunks, failure } = streamed([FIRST, SAID, ENDED], wantsUsage);
      expect(failure).toBeUndefined();
      expect(chunks).toHaveLength(2);
      expect(chunks[0]).toEqual({ ...SAID, model: 'outer', prompt_filter_results: FIRST.prompt_filter_results });
      expect(chunks[1]).toEqual({ ...ENDED, model: 'outer' });
    }
  });

  it('tells usage to whom asked for it, and to nobody else', () => {
    expect(streamed([FIRST, SAID, ENDED, USAGE], true).chunks.at(-1)).toEqual({ ...USAGE, model: 'outer' });
    expect(streamed([FIRST, SAID, ENDED, USAGE], false).chunks.at(-1)).toEqual({ ...ENDED, model: 'outer' });
  });

  it('has a delta in every choice, annotations of the filter too', () => {
    const note = { content_filter_results: {}, content_filter_offsets: { check_offset: 1 }, finish_reason: null };
    const { chunks } = streamed([SAID, chunk(note), chunk({ ...note, delta: null }), ENDED]);
    expect(chunks.map(({ choices }) => asObject(asObject(asArray(choices)?.[0])?.['delta']))).toEqual([
      { role: 'assistant', content: 'hi' },
      {},
      {},
      {},
    ]);
    expect(asObject(asArray(chunks[1]?.['choices'])?.[0])?.['content_filter_offsets']).toEqual({ check_offset: 1 });
  });

  it('writes down that there is no end yet, where a hosted model does not', () => {
    const ends = (one: JsonObject): unknown[] => (asArray(one['choices']) ?? []).map((choice) => asObject(choice)?.['finish_reason']);
    const { chunks } = streamed([chunk({ delta: { content: 'a' }, finish_reason: undefined }), chunk({ finish_reason: undefined }), ENDED]);
    expect(chunks.map(ends)).toEqual([[null], [null], ['stop']]);
  });

  it('that is cut by the filter ends as the filter says', () => {
    const { text, failure } = streamed([SAID, chunk({ finish_reason: 'content_filter', content_filter_results: {} })]);
    expect(failure).toBeUndefined();
    expect(text).toContain('"finish_reason":"content_filter"');
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('of completions is left without deltas', () => {
    const call = openaiCall({ model: 'asked', prompt: 'a', stream: true }, {}, 'completions');
    const translator = azure.translator(call, at('d'), 65_536);
    const out = translator.write(
      Buffer.from(`data: ${JSON.stringify(FIRST)}\n\ndata: {"choices":[{"index":0,"text":"a","finish_reason":"stop"}]}\n\n`),
    );
    expect(out.toString()).toBe('data: {"prompt_filter_results":[{"prompt_index":0}],"choices":[{"index":0,"text":"a","finish_reason":"stop"}]}\n\n');
  });
});

describe('a refusal of Azure', () => {
  const refused = (status: number, body: object, headers: Readonly<Record<string, string>> = {}): UpstreamFailure =>
    azure.explain(at('d', { apiKey: 'azure-key-0123456789' }), status, headers, Buffer.from(JSON.stringify(body)));

  it('of a filter is the answer, with what the filter found, and without the key', () => {
    const innererror = { code: 'ResponsibleAIPolicyViolation', content_filter_result: { hate: { filtered: true } } };
    const error = { message: 'filtered', type: null, param: 'prompt', code: 'content_filter', status: 400 };
    const failure = refused(400, { error: { ...error, innererror: { ...innererror, echo: 'azure-key-0123456789' } } });
    expect(failure.kind).toBe('rejected');
    expect(failure.details.status).toBe(400);
    expect(failure.details.body).toEqual({
      error: {
        message: 'filtered',
        type: 'invalid_request_error',
        param: 'prompt',
        code: 'content_filter',
        innererror: { ...innererror, echo: '[key]' },
      },
    });
  });

  it('of a hosted model tells which parameter it means', () => {
    const details = [{ input: { secret: 1 }, loc: ['body', 'tool_choice'], msg: 'Input should be a valid string' }];
    const { details: told } = refused(422, { error: { code: 'Invalid input', details, message: 'invalid input error', status: 422 } });
    expect(told.body?.error).toMatchObject({ message: 'invalid input error: tool_choice: Input should be a valid string', param: 'tool_choice' });
  });

  it.each([
    [429, { error: { code: 'RateLimitReached', message: 'wait' } }, { 'retry-after-ms': '1500', 'retry-after': '60' }, 'rate_limited', 1_500],
    [429, { error: { code: '429', message: 'wait' } }, { 'retry-after': '7' }, 'rate_limited', 7_000],
    [401, { error: { code: '401', message: 'Access denied' } }, {}, 'auth', undefined],
    [403, { error: { code: 'AuthenticationTypeDisabled', message: 'no' } }, {}, 'auth', undefined],
    [404, { error: { code: 'DeploymentNotFound', message: 'no such' } }, {}, 'rejected', undefined],
    [400, { error: { code: 'context_length_exceeded', message: 'long' } }, {}, 'context_length', undefined],
    [500, { error: { code: 'InternalServerError', message: 'x' } }, {}, 'server_error', undefined],
  ] as const)('with status %d is named', (status, body, headers, kind, retryAfterMs) => {
    const failure = refused(status, body, headers);
    expect(failure.kind).toBe(kind);
    expect(failure.details.retryAfterMs).toBe(retryAfterMs);
  });
});
