import { createHash } from 'node:crypto';
import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import type { InferenceEndpoint } from '../../contracts/endpoint.js';
import type { ProviderQuirks, UpstreamSettings } from '../../contracts/gateway-settings.js';
import type { Answer } from '../upstream-adapter.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { translateAnswer } from './translate-answer.js';

const CHOICE = '{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}';

function translate(
  body: string,
  quirks: ProviderQuirks = {},
  endpoint: InferenceEndpoint = 'chat_completions',
  request: object = {},
  upstream: Partial<UpstreamSettings> = {},
): Answer | UpstreamFailure {
  return translateAnswer(openaiCall({ model: 'chat', ...request }, {}, endpoint), openaiTarget(quirks, upstream), Buffer.from(body));
}

function answered(...args: Parameters<typeof translate>): string {
  const answer = translate(...args);
  if (answer instanceof UpstreamFailure) throw answer;
  return answer.body.toString('utf8');
}

it('an answer passes byte for byte but for the name of the model', () => {
  const body = `{ "id":"\\u0041","created":9007199254740993,"x":1e400, "model" : "inner-2024" ,"choices":[${CHOICE}],"model_":"inner-2024","usage":null}\n`;
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
  expect(digest(answered(body))).toBe(digest(body.replace('"inner-2024" ,', '"outer" ,')));
});

it('an answer that names the model as the client does, or not at all, is the very bytes', () => {
  for (const text of [`{"model":"outer","choices":[${CHOICE}]}`, `{"choices":[${CHOICE}]}`]) {
    const body = Buffer.from(text);
    const answer = translateAnswer(openaiCall({ model: 'chat' }), openaiTarget(), body);
    expect((answer as Answer).body).toBe(body);
  }
});

it.each<[string, string, InferenceEndpoint]>([
  ['nothing', '', 'chat_completions'],
  ['half of an object', '{', 'chat_completions'],
  ['a page', '<html><body>502</body></html>', 'chat_completions'],
  ['null', 'null', 'chat_completions'],
  ['a list', '[]', 'chat_completions'],
  ['an event stream', `data: {"choices":[${CHOICE}]}\n\ndata: [DONE]\n\n`, 'chat_completions'],
  ['an object without choices', '{"id":"x"}', 'chat_completions'],
  ['choices that are none', '{"choices":null}', 'chat_completions'],
  ['choices for embeddings', `{"choices":[${CHOICE}]}`, 'embeddings'],
  ['data for a chat', '{"data":[]}', 'chat_completions'],
])('a 2xx with %s is invalid', (_name, body, endpoint) => {
  expect(translate(body, {}, endpoint)).toMatchObject({ kind: 'invalid' });
});

it('a 2xx that is no UTF-8 is invalid', () => {
  const body = Buffer.concat([Buffer.from('{"choices":["'), Buffer.from([0xff]), Buffer.from('"]}')]);
  expect(translateAnswer(openaiCall({ model: 'chat' }), openaiTarget(), body)).toMatchObject({ kind: 'invalid' });
});

it.each([
  ['{"error":{"message":"slow down","code":429}}', 'rate_limited', 429],
  ['{"error":{"message":"x","type":"rate_limit_exceeded","code":null}}', 'rate_limited', 429],
  ['{"error":{"message":"x","type":"insufficient_quota","code":"insufficient_quota"}}', 'quota_exhausted', 429],
  ['{"error":{"message":"boom","type":"server_error"}}', 'server_error', 500],
  ['{"error":{"message":"boom","code":502},"user_id":"u"}', 'server_error', 502],
  ['{"error":"boom"}', 'server_error', 500],
  ['{"error":{}}', 'server_error', 500],
  ['{"object":"error","message":"boom","type":"InternalServerError","param":null,"code":500}', 'server_error', 500],
  [
    '{"object":"error","message":"too long, maximum context length is 8","type":"BadRequestError","param":"messages","code":400}',
    'context_length',
    400,
  ],
  ['{"error":{"message":"no such field","type":"invalid_request_error","param":"x","code":null}}', 'rejected', 400],
  ['{"error":{"message":"bad key","code":401}}', 'auth', 401],
  [`{"choices":[${CHOICE}],"error":{"message":"boom"}}`, 'server_error', 500],
])('an error in place of an answer, %s, is %s', (body, kind, status) => {
  expect(translate(body)).toMatchObject({ kind, details: { status } });
});

it('an error that is none does no harm', () => {
  expect(answered(`{"error":null,"object":"chat.completion","choices":[${CHOICE}]}`)).toContain('"hi"');
});

it.each(['error', 'insufficient_system_resource'])('a choice that ended in %s is no answer', (reason) => {
  expect(translate(`{"choices":[${CHOICE.replace('"stop"', `"${reason}"`)}]}`)).toMatchObject({ kind: 'server_error' });
  expect(answered(`{"choices":[${CHOICE.replace('"hi"', `"\\"${reason}\\" \\"error\\""`)}]}`)).toContain(reason);
});

it.each<[string, object, ProviderQuirks, object]>([
  ['usage', { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 }, {}, { input: 5, output: 3, cached: 0, reasoning: 0 }],
  [
    'details',
    { prompt_tokens: 5, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 4 }, completion_tokens_details: { reasoning_tokens: 2 } },
    {},
    { input: 5, output: 3, cached: 4, reasoning: 2 },
  ],
  ['details that are null', { prompt_tokens: 5, prompt_tokens_details: null }, {}, { input: 5, output: 0, cached: 0, reasoning: 0 }],
  [
    'cached tokens elsewhere',
    { prompt_tokens: 5, prompt_cache_hit_tokens: 4, completion_tokens: 1 },
    {},
    { input: 5, output: 1, cached: 4, reasoning: 0 },
  ],
  [
    'reasoning apart',
    { prompt_tokens: 5, completion_tokens: 3, total_tokens: 28, completion_tokens_details: { reasoning_tokens: 20 } },
    { reasoningApart: true },
    { input: 5, output: 23, cached: 0, reasoning: 20 },
  ],
  [
    'reasoning that is in it after all',
    { prompt_tokens: 5, completion_tokens: 23, total_tokens: 28, completion_tokens_details: { reasoning_tokens: 20 } },
    { reasoningApart: true },
    { input: 5, output: 23, cached: 0, reasoning: 20 },
  ],
])('%s is read', (_name, usage, quirks, expected) => {
  expect(translate(JSON.stringify({ choices: [], usage }), quirks)).toMatchObject({ usage: expected });
});

it.each(['null', '{}', '"x"', '{"prompt_tokens":"5"}', '[]'])('usage that is %s is none', (usage) => {
  expect(translate(`{"choices":[],"usage":${usage}}`)).toMatchObject({ usage: undefined });
});

it('reasoning that stands apart is put in for the client too, and nothing else is touched', () => {
  const body =
    '{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens": 3 ,"total_tokens":28,"completion_tokens_details":{"reasoning_tokens":20}}}';
  expect(answered(body, { reasoningApart: true })).toBe(body.replace(' 3 ', ' 23 '));
  expect(answered(body)).toBe(body);
});

describe('calls', () => {
  const call = (text: string, id = '"id":"c",'): string => `{${id}"type":"function","function":{"name":"f"${text}}}`;
  const body = (...calls: string[]): string =>
    `{"choices":[{"index":0,"message":{"content":"null","tool_calls":[${calls.join(', ')}]},"finish_reason":"tool_calls"}]}`;

  it.each([
    [',"arguments":"null"', ',"arguments":"{}"'],
    [',"arguments":null', ',"arguments":"{}"'],
    [',"arguments" : ""', ',"arguments" : "{}"'],
    [',"arguments":{"a":[1]}', `,"arguments":${JSON.stringify('{"a":[1]}')}`],
  ])('with %s get %s', (given, mended) => {
    const whole = call(`,"arguments":${JSON.stringify('{"a":null}')}`);
    expect(answered(body(whole, call(given)))).toBe(body(whole, call(mended)));
  });

  it('without arguments get empty ones, and without an id one of their own', () => {
    expect(answered(body(call('')))).toBe(body('{"id":"c","type":"function","function":{"arguments":"{}","name":"f"}}'));
    const given = ',"arguments":"{}"';
    const { choices } = JSON.parse(answered(body(call(given, ''), call(given, '"id":"",'), call(given)))) as {
      choices: { message: { tool_calls: { id: string }[] } }[];
    };
    const ids = choices[0]?.message.tool_calls.map(({ id }) => id) ?? [];
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^(call_\w+|c)$/);
  });

  it('say that they call a function, where the provider does not', () => {
    expect(answered(body('{"id":"c","function":{"name":"f","arguments":"{}"}}'))).toBe(
      body('{"type":"function","id":"c","function":{"name":"f","arguments":"{}"}}'),
    );
  });

  it.each(['', ' ', '\n    '])(
    'are the end of an answer that says "stop", however it is written (%j); not of OpenAI, Azure and a server by its address',
    (blank) => {
      const ended = (reason: string, calls: string): string =>
        `{"choices":[{"message":{"content":"stop","tool_calls":${blank}[${blank}${calls}]},"finish_reason":${blank}"${reason}"}]}`;
      const whole = call(',"arguments":"{}"');
      const named = (text: string, provider = 'mistral'): string => answered(text, {}, 'chat_completions', {}, { provider });
      expect(named(ended('stop', whole))).toBe(ended('tool_calls', whole));
      expect(named(ended('length', whole))).toBe(ended('length', whole));
      expect(named(ended('stop', ''))).toBe(ended('stop', ''));
      expect(answered(ended('stop', whole))).toBe(ended('stop', whole));
      for (const provider of ['openai', 'azure']) expect(named(ended('stop', whole), provider)).toBe(ended('stop', whole));
    },
  );

  it.each(['{}', '{"function":{}}', 'null', '7', '{"function":{"name":""}}'])('that call nothing (%s) go on as they came', (nothing) => {
    expect(answered(body(nothing, '{"id":"c"}'))).toBe(body(nothing, '{"id":"c"}'));
  });
});

describe('embeddings', () => {
  const body =
    '{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5, -1.25,3e-2]}, {"embedding":[1],"index":1}],"model":"inner"}';

  it('become base64 for a client that asked for it and an upstream that answers with numbers', () => {
    const base64 = (numbers: number[]): string => Buffer.from(Float32Array.from(numbers).buffer).toString('base64');
    const expected = body
      .replace('[0.5, -1.25,3e-2]', `"${base64([0.5, -1.25, 0.03])}"`)
      .replace('[1]', `"${base64([1])}"`)
      .replace('inner', 'outer');
    expect(answered(body, {}, 'embeddings', { encoding_format: 'base64' })).toBe(expected);
  });

  it('stay as they are otherwise', () => {
    expect(answered(body, {}, 'embeddings', { encoding_format: 'float' })).toBe(body.replace('inner', 'outer'));
    expect(answered(body, {}, 'embeddings')).toBe(body.replace('inner', 'outer'));
    const encoded = '{"data":[{"embedding":"AAAAPw=="}]}';
    expect(answered(encoded, {}, 'embeddings', { encoding_format: 'base64' })).toBe(encoded);
  });
});

it('content that comes as a list of parts is one text, and thoughts beside it, where the row says so', () => {
  const body = (message: string): string =>
    `{"model":"outer","choices":[{"index":0,"message":{"role":"assistant",${message}},"finish_reason":"stop"}]}`;
  const parts = body(
    '"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]},{"type":"text","text":"4"},{"type":"text","text":"2"}]',
  );
  expect(answered(parts, { contentParts: true })).toBe(body('"content":"42","reasoning_content":"Hm"'));
  const summed = body('"content":[{"type":"reasoning","summary":[{"type":"summary_text","text":"Hm"}]},{"type":"text","text":"42"}]');
  expect(answered(summed, { contentParts: true })).toBe(body('"content":"42","reasoning_content":"Hm"'));
  expect(answered(body('"content":"42"'), { contentParts: true })).toBe(body('"content":"42"'));
  expect(answered(body('"content":{"a": [1]}'), { contentParts: true })).toBe(body('"content":"{\\"a\\":[1]}"'));
  expect(answered(parts)).toBe(parts);
});
