import type { IncomingHttpHeaders } from 'node:http';
import type { InferenceEndpoint } from '../contracts/endpoint.js';
import { GatewayError } from '../contracts/gateway-error.js';
import type { Principal } from '../contracts/principal.js';
import { readCall } from './read-call.js';

const principal: Principal = { kind: 'key', id: 'p'.repeat(32), allowedModels: undefined, rateLimitPerMinute: 60 };

function read(body: string | Buffer, headers: IncomingHttpHeaders = {}, endpoint: InferenceEndpoint = 'chat_completions') {
  return readCall(Buffer.from(body), headers, { endpoint, requestId: 'req-1', principal });
}

function refusal(body: string | Buffer): GatewayError {
  try {
    read(body);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('a call', () => {
  it('keeps the very bytes, and tells of them only what the gateway must understand', () => {
    const body = Buffer.from('{"seed":9007199254740993,"model":"chat","n":1e400,"x":-0,"messages":[{"content":"\\u0000 \\ud800"}]}');
    const call = readCall(body, {}, { endpoint: 'completions', requestId: 'req-1', principal });
    expect(call.body).toBe(body);
    expect(call).toMatchObject({ endpoint: 'completions', requestId: 'req-1', model: 'chat', stream: false, wantsUsage: false, endUser: undefined });
    expect(call.principal).toBe(principal);
    expect([...call.fields.keys()]).toEqual(['seed', 'model', 'n', 'x', 'messages']);
  });

  it('reads escaped names and values as JSON means them', () => {
    expect(read('{"\\u006dodel":"\\u0063hat","str\\u0065am":true}')).toMatchObject({ model: 'chat', stream: true });
    expect(read('\ufeff{"model":"a/b:c \\"d\\" é"}').model).toBe('a/b:c "d" é');
  });

  it.each([
    ['true', true],
    ['false', false],
    ['null', false],
  ])('stream %s', (value, stream) => expect(read(`{"model":"m","stream":${value}}`).stream).toBe(stream));

  it('embeddings are never streamed, whatever they ask for', () => {
    expect(read('{"model":"m","stream":true}', {}, 'embeddings').stream).toBe(false);
  });

  it.each([
    ['{"include_usage":true}', true],
    ['{"include_usage":false}', false],
    ['{"include_usage":null}', false],
    ['{"other":{"include_usage":true}}', false],
    ['{"__proto__":{"include_usage":true}}', false],
    [' { } ', false],
    ['null', false],
  ])('stream_options %s', (value, wantsUsage) => expect(read(`{"model":"m","stream":true,"stream_options":${value}}`).wantsUsage).toBe(wantsUsage));

  it('words that mean something to JavaScript are harmless', () => {
    const words = '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"\\u005f_proto__":{"polluted":1}';
    expect(read(`{${words},"model":"m","metadata":{${words}},"stream_options":{${words}}}`)).toMatchObject({ model: 'm', endUser: undefined });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(refusal(`{${words}}`).code).toBe('missing_required_parameter');
  });
});

describe('what is no JSON object', () => {
  it.each([
    ['', 0],
    ['   ', 3],
    ['null', 0],
    ['[]', 0],
    ['"x"', 0],
    [' 1', 1],
    ['{"model":"m",}', 13],
    ['{"model":"m"', 12],
    ['{"model":NaN}', 9],
    ["{'model':'m'}", 1],
    ['{"model":"m"} {"model":"m"}', 14],
    ['{"model":"m"/* secret */}', 12],
    ['{"model":"a\nb"}', 11],
    [Buffer.from('{"model":"m"}', 'utf16le'), 1],
    [Buffer.from([0x7b, 0x22, 0xff, 0x22]), 2],
    [Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22]), 2],
  ])('%j is refused with the byte at which that shows', (body, at) => {
    const error = refusal(body);
    expect([error.code, error.status, error.details.param]).toEqual(['invalid_json', 400, undefined]);
    expect(error.message).toMatch(new RegExp(`\\bbyte ${at}\\b`));
  });

  it('never repeats the body', () => {
    expect(JSON.stringify(refusal('{"model":"m","prompt": hunter2}').body)).not.toContain('hunter2');
  });

  it.each(['[', '{"a":', '[{"a":'])('%j nested 128 levels deep is taken, 129 and 100,000 are too complex', (opening) => {
    const closing = [...opening].filter((sign) => '[{'.includes(sign)).map((sign) => (sign === '[' ? ']' : '}'));
    const nested = (levels: number): string => {
      const times = levels / closing.length;
      return `{"model":"m","deep":${opening.repeat(times)}0${closing.toReversed().join('').repeat(times)}}`;
    };
    const whole = closing.length;
    expect(read(nested(128 - 1 - ((128 - 1) % whole))).model).toBe('m');
    for (const levels of [128 + (128 % whole), 5_000, 100_000])
      expect(refusal(nested(levels))).toMatchObject({ code: 'json_too_complex', status: 400 });
  });
});

describe('fields that the gateway must understand', () => {
  it.each([
    ['{}', 'missing_required_parameter', 'model'],
    ['{"model":null}', 'invalid_value', 'model'],
    ['{"model":1}', 'invalid_value', 'model'],
    ['{"model":["m"]}', 'invalid_value', 'model'],
    ['{"model":{"m":1}}', 'invalid_value', 'model'],
    ['{"model":""}', 'invalid_value', 'model'],
    ['{"model":"m","model":"m"}', 'invalid_value', 'model'],
    ['{"model":"m","\\u006dodel":"n"}', 'invalid_value', 'model'],
    ['{"model":"m","stream":true,"stream":true}', 'invalid_value', 'stream'],
    ['{"model":"m","stream_options":{},"stream_options":{}}', 'invalid_value', 'stream_options'],
    ['{"model":"m","stream":"true"}', 'invalid_value', 'stream'],
    ['{"model":"m","stream":1}', 'invalid_value', 'stream'],
    ['{"model":"m","stream":{}}', 'invalid_value', 'stream'],
    ['{"model":"m","stream_options":[]}', 'invalid_value', 'stream_options'],
    ['{"model":"m","stream_options":true}', 'invalid_value', 'stream_options'],
    ['{"model":"m","stream_options":{"include_usage":"true"}}', 'invalid_value', 'stream_options.include_usage'],
    ['{"model":"m","stream_options":{"include_usage":1}}', 'invalid_value', 'stream_options.include_usage'],
  ])('%s is refused', (body, code, param) => {
    const error = refusal(body);
    expect([error.code, error.status, error.details.param]).toEqual([code, 400, param]);
  });

  it('any other field may stand there twice: upstreams judge', () => {
    expect(read('{"model":"m","n":1,"n":2}').model).toBe('m');
  });

  it('a model name of kilobytes is no model, and is not repeated', () => {
    expect(refusal(`{"model":"${'x'.repeat(10_000)}"}`)).toMatchObject({ code: 'model_not_found', status: 404 });
    expect(refusal(`{"model":"${'x'.repeat(10_000)}"}`).message).not.toContain('xxx');
  });

  it('long values are not repeated', () => {
    expect(refusal(`{"model":"m","stream":"${'hunter2'.repeat(1_000)}"}`).message.length).toBeLessThan(100);
  });
});

describe('the end user', () => {
  it.each([
    ['"user":"u","safety_identifier":"s","metadata":{"user_id":"m"}', { 'x-session-id': 'h' }, 'u'],
    ['"safety_identifier":"s","metadata":{"user_id":"m"}', {}, 's'],
    ['"metadata":{"session":1,"user_id":"m\\u0021"}', { 'x-session-id': 'h' }, 'm!'],
    ['"metadata":null', { 'x-session-id': 'h' }, 'h'],
    ['"x":1', { 'x-claude-code-session-id': 'c', 'session-id': 's' }, 'c'],
    ['"x":1', { 'session-id': 's' }, 's'],
    ['"x":1', { 'x-openwebui-chat-id': 'chat', 'x-openwebui-user-id': 'user' }, 'user'],
    ['"x":1', { 'x-openwebui-chat-id': 'chat' }, 'chat'],
  ])('of %s and %j is %j', (fields, headers, user) => expect(read(`{"model":"m",${fields}}`, headers).endUser).toBe(user));

  it.each([
    ['"user":1,"metadata":[]', {}],
    ['"user":"","metadata":{"user_id":""}', { 'x-session-id': '' }],
    ['"user":{"user":"u"},"metadata":{"user_id":7}', {}],
    ['"metadata":{"deeper":{"user_id":"u"}}', {}],
    ['"metadata":"user_id"', {}],
    [`"user":"${'u'.repeat(1_025)}"`, { 'x-session-id': 'u'.repeat(1_025) }],
    ['"x":1', { session_id: 's', x_session_id: 's' }],
  ])('of %s and %j is nobody, and that is no mistake', (fields, headers) => expect(read(`{"model":"m",${fields}}`, headers).endUser).toBeUndefined());
});

describe('headers that cross', () => {
  const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

  it('are our request id and what is well formed of the trace and of OpenAI, and nothing else', () => {
    const headers = {
      authorization: 'Bearer key',
      cookie: 'c',
      'x-api-key': 'key',
      'x-request-id': 'theirs',
      'x-stainless-os': 'Linux',
      'openai-organization': 'org',
      'anthropic-beta': 'b',
      host: 'h',
      traceparent: trace,
      tracestate: 'vendor=1, other=2',
      'openai-beta': 'assistants=v2',
    };
    expect(read('{"model":"m"}', headers).headers).toEqual({
      'x-request-id': 'req-1',
      traceparent: trace,
      tracestate: 'vendor=1, other=2',
      'openai-beta': 'assistants=v2',
    });
  });

  it.each([
    { traceparent: `${trace}, ${trace}`, tracestate: 'a=1' },
    { traceparent: `ff${trace.slice(2)}` },
    { traceparent: trace.replace('a'.repeat(32), '0'.repeat(32)) },
    { traceparent: trace.replace('b'.repeat(16), '0'.repeat(16)) },
    { traceparent: trace.toUpperCase() },
    { traceparent: `${trace}-extra` },
    { tracestate: 'a=1' },
    { 'openai-beta': 'é' },
    { 'openai-beta': 'x'.repeat(513) },
    { 'openai-beta': '' },
  ])('%j stays here', (headers) => expect(read('{"model":"m"}', headers).headers).toEqual({ 'x-request-id': 'req-1' }));
});

it('wide bodies are read like any other', () => {
  const wide = [
    `{"model":"m","a":[${'1,'.repeat(400_000)}1]}`,
    `{"model":"m",${Array.from({ length: 300_000 }, (_, index) => `"k${index}":1`).join()}}`,
    `{"model":"m","n":${'9'.repeat(1_000_000)}}`,
    `{"${'k'.repeat(3_000_000)}":1,"model":"m"}`,
    `{"model":"m","metadata":{${Array.from({ length: 300_000 }, (_, index) => `"k${index}":1`).join()}}}`,
    `{"model":"m","stream_options":{${Array.from({ length: 300_000 }, (_, index) => `"k${index}":1`).join()}}}`,
  ].map((text) => Buffer.from(text));
  for (const body of wide) expect(read(body).model).toBe('m');
});
