import { createHash } from 'node:crypto';
import { NotingUpstream } from '../doubles/noting-upstream.js';
import { rawTalk } from '../doubles/raw-talk.js';
import { type RunningGateway, runGateway } from '../doubles/running-gateway.js';

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Everything that a parser and a serializer would change on the way: numbers, escapes, spacing, order, odd keys, unknown fields. */
const ODD = String.raw`{  "seed" : 9007199254740993,"big":1e400, "tiny":-0, "one":1.0,
	"text":"\u0041\u00e9\/ \ud83d\ude00 ü😀 \ud800", "z":1,"a":{"b":[ ],"model":"inside"},
  "model" : "MODEL" ,"messages":[ {"role":"user","content":"Hello\u0000"} ], "user":null,"x-unknown":[1,2.50,3e0],"": ""  }`;
const ANSWER = String.raw`{ "id":"a-1","object":"chat.completion","model" : "MODEL","big":9007199254740993,"e":1e400,
 "choices":[{"index":0,"message":{"role":"assistant","content":"\u0041 ü \/ \ud83d","model":"MODEL"},"finish_reason":"stop"}], "unknown":{ } ,"usage":{"prompt_tokens":1,"completion_tokens":1.0,"total_tokens":2}}`;

const CHUNK = String.raw`data:  { "id":"s-1","object":"chat.completion.chunk","model" : "MODEL","choices":[{"index":0,"delta":{"content":"\u0041 ü"},"finish_reason":"stop"}],"n":1e400}`;
const USAGE = '{"id":"s-1","model":"MODEL","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}';

describe('bytes on their way through', () => {
  let upstream: NotingUpstream;
  let gateway: RunningGateway;

  beforeAll(async () => {
    const inner = (text: string): string => text.replaceAll('MODEL', 'inner-name');
    upstream = new NotingUpstream(inner(ANSWER), inner(`${CHUNK}\n\ndata: ${USAGE}\n\ndata: [DONE]\n\n`));
    const base = await upstream.start();
    gateway = await runGateway({
      GATEWAY_UPSTREAMS: `same=${base};renamed=${base}/v1?model=inner-name&api_key_env=PROVIDER_KEY`,
      PROVIDER_KEY: 'sk-provider',
      GATEWAY_API_KEY_POLICIES: '{"dev-key":{"rate_limit_per_minute":0}}',
    });
  });

  afterAll(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  const send = (body: string, headers: Readonly<Record<string, string>> = {}, path = '/v1/chat/completions'): Promise<Response> =>
    fetch(gateway.url + path, { method: 'POST', headers: { authorization: 'Bearer dev-key', 'content-type': 'application/json', ...headers }, body });

  it('a body arrives as it was sent, where the model keeps its name', async () => {
    const body = ODD.replace('MODEL', 'same');
    expect((await send(body)).status).toBe(200);
    expect(sha256(upstream.last.body)).toBe(sha256(body));
  });

  it.each(['/v1/chat/completions', '/chat/completions', '/v1/completions', '/v1/embeddings'])(
    '%s: nothing but the name of the model is changed',
    async (path) => {
      await send(ODD.replace('MODEL', 'renamed'), {}, path);
      expect(upstream.last.body.toString()).toBe(ODD.replace('MODEL', 'inner-name'));
      expect(upstream.last.url).toBe(path.startsWith('/v1') ? path : `/v1${path}`);
    },
  );

  it('an answer comes as it was sent, but for the name of the model', async () => {
    const text = await (await send(ODD.replace('MODEL', 'renamed'))).text();
    expect(text).toBe(ANSWER.replace('MODEL', 'renamed').replace('MODEL', 'inner-name'));
  });

  it('a stream comes as it was sent, but for the name of the model and the usage that nobody asked for', async () => {
    const text = await (await send(ODD.replace('MODEL', 'renamed').replace('"seed"', '"stream":true,"seed"'))).text();
    expect(text).toBe(`${CHUNK.replace('MODEL', 'renamed')}\n\ndata: [DONE]\n\n`);
  });

  it('a stream is asked for its usage, and nothing else is changed', async () => {
    const body = ODD.replace('MODEL', 'same').replace('"seed"', '"stream":true,"seed"');
    await (await send(body)).text();
    const [before, after] = upstream.last.body.toString().split(',"stream_options":{"include_usage":true}');
    expect(`${before}${after}`).toBe(body);
    const given = body.replace('"seed"', '"stream_options":{ "include_usage" : false, "x":1e400},"seed"');
    await (await send(given)).text();
    expect(upstream.last.body.toString()).toBe(given.replace('"include_usage" : false', '"include_usage" : true'));
    const asked = body.replace('"seed"', '"stream_options":{ "include_usage" : true },"seed"');
    expect(await (await send(asked)).text()).toContain('"usage"');
    expect(upstream.last.body.toString()).toBe(asked);
  });

  it.each([
    ['"model":"same","model":"renamed"', 'model'],
    [String.raw`"model":"same","mod\u0065l":"renamed"`, 'model'],
    ['"model":"same","stream":false,"stream":true', 'stream'],
    ['"model":"same","stream_options":{},"stream_options":{}', 'stream_options'],
    ['"model":"same","stream":"true"', 'stream'],
    ['"model":"same","stream":true,"stream_options":[]', 'stream_options'],
    ['"model":7', 'model'],
    ['"model":null', 'model'],
    ['"messages":[]', 'model'],
  ])('{%s} is refused, and the field is named', async (fields, param) => {
    const before = upstream.calls.length;
    const response = await send(`{${fields}}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param, type: 'invalid_request_error' } });
    expect(upstream.calls).toHaveLength(before);
  });

  it.each([
    '',
    '{',
    '[]',
    'null',
    '"text"',
    '{"model":"same",}',
    "{'model':'same'}",
    '{"model":"same"}x',
    '\u{1f600}',
    '{"model":"same","a":01}',
    '{"model":"same","a":"\t"}',
  ])('no JSON object: %j', async (body) => {
    const response = await send(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_json' } });
  });

  it('JSON may be 128 deep, not deeper, and breadth costs nothing', async () => {
    const nested = (depth: number): string => `{"model":"same","a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    expect((await send(nested(128))).status).toBe(200);
    for (const depth of [129, 5_000, 100_000])
      expect(await (await send(nested(depth))).json()).toMatchObject({ error: { code: 'json_too_complex' } });
    expect((await send(`{"model":"same","a":[${'0,'.repeat(200_000)}0]}`)).status).toBe(200);
  });

  it('names that hurt objects are names like others', async () => {
    const body = '{"model":"same","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":"__proto__"}';
    const { status } = await send(body);
    if (status === 200) expect(upstream.last.body.toString()).toBe(body);
    else expect(status).toBe(400);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('headers cross upwards by a list, and our key takes the place of the client’s', async () => {
    await send(ODD.replace('MODEL', 'renamed'), {
      accept: 'application/json',
      'openai-beta': 'assistants=v2',
      'x-request-id': 'my-request_1',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: 'congo=t61rcWkgMzE',
      cookie: 'session=canary',
      'x-api-key': 'dev-key',
      'api-key': 'dev-key',
      'openai-organization': 'org-canary',
      'proxy-authorization': 'Basic canary',
      'x-amz-security-token': 'canary',
      'x-forwarded-for': '6.6.6.6',
      'accept-encoding': 'gzip',
      'x-custom': 'canary',
    });
    const { host: _host, 'content-length': length, connection: _connection, ...headers } = upstream.last.headers;
    expect(headers).toEqual({
      authorization: 'Bearer sk-provider',
      'content-type': 'application/json',
      accept: expect.any(String),
      'accept-encoding': 'identity',
      'openai-beta': 'assistants=v2',
      'x-request-id': 'my-request_1',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: 'congo=t61rcWkgMzE',
      ...(headers['user-agent'] === undefined ? {} : { 'user-agent': expect.stringContaining('nexus') }),
    });
    expect(length).toBe(String(upstream.last.body.length));
  });

  it('no key of a client’s goes to an upstream that has none', async () => {
    await send(ODD.replace('MODEL', 'same'));
    expect(JSON.stringify(upstream.last.headers)).not.toMatch(/dev-key|authorization/i);
  });

  it('headers cross downwards by a list', async () => {
    const { headers } = await send(ODD.replace('MODEL', 'renamed'));
    const names = [...headers.keys()].filter((name) => !['connection', 'keep-alive', 'date'].includes(name));
    expect(names.toSorted()).toEqual(
      [
        'content-length',
        'content-type',
        'openai-processing-ms',
        'x-nexus-attempts',
        'x-nexus-overhead-ms',
        'x-nexus-upstream',
        'x-request-id',
      ].toSorted(),
    );
    expect(headers.get('openai-processing-ms')).toBe('12');
    expect(headers.get('x-nexus-upstream')).toBe('renamed');
    expect(headers.get('x-nexus-attempts')).toBe('1');
    expect(Number(headers.get('x-nexus-overhead-ms'))).toBeLessThan(1_000);
  });

  it.each(['abc-DEF_123', 'a', 'a'.repeat(128)])('a good request id is kept: %s', async (id) => {
    expect((await send(ODD.replace('MODEL', 'same'), { 'x-request-id': id })).headers.get('x-request-id')).toBe(id);
    expect(upstream.last.headers['x-request-id']).toBe(id);
    expect((await gateway.requestLines(1)).at(-1)).toMatchObject({ request_id: id });
  });

  it.each(['', 'a b', '<script>', 'a'.repeat(129), 'a\r\nX-Request-Id: b', 'ä'])('a request id that is none is replaced: %j', async (id) => {
    const said = `GET /v1/models HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer dev-key\r\nX-Request-Id: ${id}\r\n\r\n`;
    const { last } = await rawTalk(gateway.url, said);
    expect(last?.headers['x-request-id']).toMatch(/^req_[0-9a-f]{32}$/);
  });
});
