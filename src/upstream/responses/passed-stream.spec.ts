import OpenAI from 'openai';
import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { servedBytes } from '../../../test/doubles/served-bytes.js';
import { GatewayError } from '../../contracts/gateway-error.js';
import { UpstreamFailure } from '../upstream-failure.js';
import type { PassedStream } from './passed-stream.js';
import { ResponsesPassThrough } from './responses-pass-through.js';

const adapter = new ResponsesPassThrough();
const call = openaiCall({ model: 'asked', input: 'hi', stream: true });
const event = (type: string, rest: object = {}): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
const response = (status: string, rest: object = {}): object => ({
  response: { id: 'resp_1', object: 'response', created_at: 1, status, model: 'inner', output: [], error: null, ...rest },
});
const CREATED = event('response.created', { sequence_number: 0, ...response('in_progress') });
const ADDED = event('response.output_item.added', {
  sequence_number: 1,
  output_index: 0,
  item: { id: 'msg_1', type: 'message', role: 'assistant', status: 'in_progress', content: [] },
});
const PART = event('response.content_part.added', {
  sequence_number: 2,
  item_id: 'msg_1',
  output_index: 0,
  content_index: 0,
  part: { type: 'output_text', text: '', annotations: [] },
});
const DELTA = event('response.output_text.delta', { sequence_number: 3, item_id: 'msg_1', output_index: 0, content_index: 0, delta: 'half' });
const USAGE = { input_tokens: 3, output_tokens: 2, input_tokens_details: { cached_tokens: 1 }, output_tokens_details: { reasoning_tokens: 1 } };
const COMPLETED = event('response.completed', { sequence_number: 4, ...response('completed', { usage: USAGE }) });

function passed(...chunks: string[]): { translator: PassedStream; output: string } {
  const translator = adapter.translator(call, openaiTarget(), 4096);
  const output = chunks.map((chunk) => translator.write(Buffer.from(chunk)).toString()).join('');
  return { translator, output: output + (translator.failure === undefined ? translator.end().toString() : '') };
}

it('the request goes as it came but for the model', () => {
  const body = '{ "model":"asked","previous_response_id":"resp_0","input":[{"big":12345678901234567890}],"store":true }';
  const request = adapter.encode(openaiCall(body), openaiTarget());
  expect(request.path).toBe('/responses');
  expect(request.headers).toMatchObject({ authorization: 'Bearer sk-CANARY0123456789abcdef', accept: 'application/json' });
  expect(request.body.toString()).toBe(body.replace('"asked"', '"inner"'));
});

it('progress follows the stream: alive, content at the first delta, done at its end', () => {
  const translator = adapter.translator(call, openaiTarget(), 4096);
  const steps = ['', ': x\n\n', CREATED, ADDED, PART, DELTA, COMPLETED].map((chunk) => {
    translator.write(Buffer.from(chunk));
    return translator.progress;
  });
  expect(steps).toEqual(['silent', 'alive', 'alive', 'alive', 'alive', 'content', 'done']);
  expect(translator.deltas).toBe(1);
  expect(translator.usage).toEqual({ input: 3, output: 2, cached: 1, reasoning: 1 });
  expect(translator.end()).toHaveLength(0);
  expect(translator.failure).toBeUndefined();
});

it('the model is the one that the client asked for, wherever the provider names its own', () => {
  const { output } = passed(CREATED + DELTA, COMPLETED + event('response.x') + 'data: [DONE]\n\n');
  expect(output).toBe((CREATED + DELTA + COMPLETED).replaceAll('"inner"', '"outer"'));
});

it('a response that is spread over lines is put together', () => {
  const spread = 'event: response.created\ndata: {"type":"response.created",\ndata: "response":{"id":"r","model":"inner"}}\n\n';
  expect(passed(spread).output).toBe('event: response.created\ndata: {"type":"response.created", "response":{"id":"r","model":"outer"}}\n\n');
});

it('a chunk in which nothing changes is handed on itself', () => {
  const translator = adapter.translator(call, openaiTarget(), 4096);
  translator.write(Buffer.from(CREATED));
  const chunk = Buffer.from(DELTA + DELTA);
  expect(translator.write(chunk)).toBe(chunk);
});

it.each([
  ['nothing', '', 'invalid'],
  ['no content', CREATED, 'invalid'],
  ['half an answer', CREATED + ADDED + PART + DELTA, 'interrupted'],
])('a stream that ends with %s is incomplete', (_name, stream, kind) => {
  expect(passed(stream).translator.failure?.kind).toBe(kind);
});

it.each([
  ['server_error', 'server_error'],
  ['rate_limit_exceeded', 'rate_limited'],
  ['insufficient_quota', 'quota_exhausted'],
  ['context_length_exceeded', 'context_length'],
  ['invalid_prompt', 'rejected'],
])('an error before any content is a failure of its kind: %s', (code, kind) => {
  const error = { code, message: 'words' };
  for (const told of [event('error', { error }), event('error', error), event('response.failed', response('failed', { error }))]) {
    const { translator, output } = passed(CREATED, told, COMPLETED);
    expect(translator.failure?.kind).toBe(kind);
    expect(output).not.toContain('words');
  }
});

it('an error after content interrupts, and its words go nowhere', () => {
  const { translator, output } = passed(CREATED + ADDED + PART + DELTA + event('error', { error: { code: 'server_error', message: 'words' } }));
  expect(translator.failure).toMatchObject({ kind: 'interrupted' });
  expect(`${output}${String(translator.failure?.message)}${String(translator.failure?.details.cause)}`).not.toContain('words');
});

it('one event that is no JSON is dropped and counted, three in a row are a failure', () => {
  const { translator, output } = passed(CREATED + 'data: {broken\n\n' + DELTA + COMPLETED);
  expect(translator).toMatchObject({ dropped: 1, progress: 'done', failure: undefined });
  expect(output).not.toContain('broken');
  expect(passed(CREATED + 'data: [DONE]\n\n'.repeat(3) + DELTA + COMPLETED).translator).toMatchObject({ dropped: 0, progress: 'done' });
  expect(passed(CREATED + 'data: {\n\n'.repeat(3)).translator.failure?.kind).toBe('invalid');
  expect(passed(`data: ${'x'.repeat(5000)}`).translator.failure?.kind).toBe('invalid');
});

describe('a stream that broke', () => {
  const error = new GatewayError('upstream_stream_interrupted', 'It broke.').body;

  it('ends with error and response.failed, counted on from the last event', () => {
    const { translator, output } = passed(CREATED + ADDED + PART + DELTA);
    expect(output).toContain('half');
    const [, first = '', last = ''] =
      /^event: error\ndata: (.*)\n\nevent: response.failed\ndata: (.*)\n\n$/.exec(translator.farewell(error).toString()) ?? [];
    const words = { code: 'upstream_stream_interrupted', message: 'It broke.', param: null };
    expect(JSON.parse(first)).toEqual({ type: 'error', sequence_number: 4, ...words, error: { type: 'server_error', ...words } });
    expect(JSON.parse(last)).toMatchObject({
      type: 'response.failed',
      sequence_number: 5,
      response: { id: 'resp_1', status: 'failed', model: 'outer', error: { code: 'upstream_stream_interrupted', message: 'It broke.' } },
    });
  });

  it('is created first, where nothing came', () => {
    const { translator } = passed('');
    expect(translator.farewell(error).toString()).toMatch(/^event: response.created\n.*\n\nevent: error\n.*\n\nevent: response.failed\n/);
  });

  it('keeps the code of a limit that the provider named', () => {
    const { translator } = passed(CREATED + DELTA + event('error', { code: 'insufficient_quota', message: 'x' }));
    expect(translator.farewell(error).toString()).toContain('"code":"insufficient_quota"');
  });

  it('is heard as failed by the official client', async () => {
    const { translator, output } = passed(CREATED + ADDED + PART + DELTA);
    const server = await servedBytes(Buffer.from(output + translator.farewell(error).toString()), 'text/event-stream');
    try {
      const client = new OpenAI({ apiKey: 'x', baseURL: server.baseUrl, maxRetries: 0 });
      const final = client.responses.stream({ model: 'm', input: 'x' }).finalResponse();
      await expect(final).rejects.toMatchObject({ code: 'upstream_stream_interrupted', message: 'It broke.' });
    } finally {
      await server.close();
    }
  });
});

it.each([
  ['no JSON', '<html>', 'invalid'],
  ['no response', '{"id":"x"}', 'invalid'],
  ['an output that is no list', '{"output":{}}', 'invalid'],
  ['an error', '{"error":{"message":"x","type":"server_error"}}', 'server_error'],
  ['a failed response', '{"object":"response","output":[],"error":{"code":"rate_limit_exceeded","message":"x"}}', 'rate_limited'],
])('a body that is %s is a failure', (_name, body, kind) => {
  const answer = adapter.answer(call, openaiTarget(), Buffer.from(body));
  expect(answer).toBeInstanceOf(UpstreamFailure);
  expect(answer).toMatchObject({ kind });
});

it('an answer keeps its bytes but for the model', () => {
  const body = '{"id":"r", "model" : "inner","output":[ ],"error":null,"usage":{"input_tokens":3,"output_tokens":2}}';
  const answer = adapter.answer(call, openaiTarget(), Buffer.from(body));
  if (answer instanceof UpstreamFailure) throw answer;
  expect(answer.body.toString()).toBe(body.replace('"inner"', '"outer"'));
  expect(answer.usage).toEqual({ input: 3, output: 2, cached: 0, reasoning: 0 });
});
