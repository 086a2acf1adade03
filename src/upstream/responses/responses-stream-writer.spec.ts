import OpenAI from 'openai';
import { openaiCall } from '../../../test/doubles/openai-call.js';
import { servedBytes } from '../../../test/doubles/served-bytes.js';
import { ERRORS, GatewayError } from '../../contracts/gateway-error.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { ResponsesInbound } from './responses-inbound.js';

const inbound = new ResponsesInbound();
const FRAME = { id: 'chatcmpl-a1', model: 'outer', createdAt: 1_700_000_000 };
const USAGE: NeutralEvent = { kind: 'usage', usage: { input: 10, output: 5, cached: 4, cacheWritten: 0, reasoning: 2 } };
const text = (words: string): NeutralEvent => ({ kind: 'text', choice: 0, text: words });
const thought = (words: string): NeutralEvent => ({ kind: 'reasoning', choice: 0, text: words });
const call = (number: number, name = 'f', signature?: string): NeutralEvent => ({
  kind: 'tool_call',
  choice: 0,
  call: number,
  id: `call_${number}`,
  name,
  signature,
});
const json = (number: number, piece: string): NeutralEvent => ({ kind: 'tool_arguments', choice: 0, call: number, json: piece });
const finish = (reason: Extract<NeutralEvent, { kind: 'finish' }>['reason'] = 'stop'): NeutralEvent => ({
  kind: 'finish',
  choice: 0,
  reason,
  stopSequence: undefined,
});

interface Told {
  readonly type: string;
  readonly sequence_number: number;
  readonly [name: string]: unknown;
}

function written(events: readonly NeutralEvent[], body: object = {}): string {
  const writer = inbound.streamWriter(FRAME, openaiCall({ model: 'asked', input: 'hi', ...body }));
  return events.map((event) => writer.write(event)).join('') + writer.end();
}

function parsed(stream: string): Told[] {
  return stream
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const [, name, data] = /^event: (\S+)\ndata: (.*)$/.exec(block) ?? [];
      const told = JSON.parse(data ?? 'null') as Told;
      expect(told.type).toBe(name);
      return told;
    });
}

const short = (stream: string): string[] =>
  parsed(stream).map(({ type, output_index: index }) => `${type.replace('response.', '')}${index === undefined ? '' : ` ${String(index)}`}`);

/** What the official client's own parser makes of it. */
async function bySdk(stream: string): Promise<OpenAI.Responses.Response> {
  const server = await servedBytes(Buffer.from(stream), 'text/event-stream');
  try {
    const client = new OpenAI({ apiKey: 'x', baseURL: server.baseUrl, maxRetries: 0 });
    return await client.responses.stream({ model: 'm', input: 'x' }).finalResponse();
  } finally {
    await server.close();
  }
}

it('an answer that is thought, said and called comes in the order that the wire has', async () => {
  const stream = written([
    { kind: 'start', id: 'resp_42' },
    { kind: 'alive' },
    thought('Hm'),
    thought('.'),
    { kind: 'reasoning_signature', choice: 0, signature: 'S' },
    text('Let me'),
    text(' see.'),
    call(0),
    json(0, '{"a":'),
    json(0, '1}'),
    call(1, 'g'),
    json(1, '{}'),
    USAGE,
    finish('tool_calls'),
  ]);
  expect(short(stream)).toEqual(
    [
      ['created', 'in_progress'],
      ['output_item.added 0', 'reasoning_summary_part.added 0', 'reasoning_summary_text.delta 0', 'reasoning_summary_text.delta 0'],
      ['reasoning_summary_text.done 0', 'reasoning_summary_part.done 0', 'output_item.done 0'],
      ['output_item.added 1', 'content_part.added 1', 'output_text.delta 1', 'output_text.delta 1'],
      ['output_text.done 1', 'content_part.done 1', 'output_item.done 1'],
      ['output_item.added 2', 'function_call_arguments.delta 2', 'function_call_arguments.delta 2'],
      ['function_call_arguments.done 2', 'output_item.done 2'],
      ['output_item.added 3', 'function_call_arguments.delta 3', 'function_call_arguments.done 3', 'output_item.done 3'],
      ['completed'],
    ].flat(),
  );
  const told = parsed(stream);
  expect(told.map(({ sequence_number: number }) => number)).toEqual(told.map((_, index) => index));
  const final = await bySdk(stream);
  expect(final).toMatchObject({ id: 'resp_42', status: 'completed', model: 'outer', created_at: 1_700_000_000, error: null, store: false });
  expect(final.output_text).toBe('Let me see.');
  expect(final.output).toMatchObject([
    { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: expect.any(String) as string },
    { type: 'message', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text: 'Let me see.' }] },
    { type: 'function_call', status: 'completed', call_id: 'call_0', name: 'f', arguments: '{"a":1}' },
    { type: 'function_call', status: 'completed', call_id: 'call_1', name: 'g', arguments: '{}' },
  ]);
  expect(final.usage).toEqual({
    input_tokens: 10,
    input_tokens_details: { cached_tokens: 4 },
    output_tokens: 5,
    output_tokens_details: { reasoning_tokens: 2 },
    total_tokens: 15,
  });
  const ids = final.output.map(({ id }) => id);
  expect(ids.map((id) => id?.replace(/_.*/, ''))).toEqual(['rs', 'msg', 'fc', 'fc']);
  expect(new Set(ids).size).toBe(4);
});

it('ids are made of the reply’s: the same reply has the same ones, and another has others', () => {
  const events = [text('a'), finish()];
  expect(written(events)).toBe(written(events));
  expect(written(events)).toContain('"id":"resp_a1"');
  expect(written([{ kind: 'start', id: 'msg_01ABC' }, ...events])).toContain('"id":"resp_01ABC"');
  const long = written([{ kind: 'start', id: 'x-'.repeat(100) }, ...events]);
  for (const [, id = ''] of long.matchAll(/"(?:item_)?id":"([^"]*)"/g)) expect(id.length).toBeLessThanOrEqual(64);
});

it('arguments that come mixed are told each at its own call', async () => {
  const stream = written([call(0), call(1), json(0, '{"a"'), json(1, '{"b":'), json(0, ':1}'), json(1, '2}'), finish('tool_calls')]);
  const { output } = await bySdk(stream);
  expect(output).toMatchObject([{ arguments: '{"a":1}' }, { arguments: '{"b":2}' }]);
});

it('a call without arguments has an empty object', async () => {
  expect((await bySdk(written([call(0), finish('tool_calls')]))).output).toMatchObject([{ arguments: '{}' }]);
});

it('a custom tool is called as one, its input told as it comes', async () => {
  const tools = [{ type: 'custom', name: 'patch' }];
  const stream = written(
    [call(0, 'patch'), ...['{"inp', 'ut": "a\\', 'n\\u00', 'e9\\ud83d', '\\ude00 \\"', '"}'].map((piece) => json(0, piece)), finish()],
    {
      tools,
    },
  );
  expect(short(stream).slice(2)).toEqual([
    'output_item.added 0',
    ...Array<string>(4).fill('custom_tool_call_input.delta 0'),
    'custom_tool_call_input.done 0',
    'output_item.done 0',
    'completed',
  ]);
  const deltas = parsed(stream).flatMap((told) => (told.type === 'response.custom_tool_call_input.delta' ? [told['delta']] : []));
  expect(deltas.join('')).toBe('a\né😀 "');
  for (const delta of deltas) expect((delta as string).isWellFormed()).toBe(true);
  expect((await bySdk(stream)).output).toMatchObject([{ type: 'custom_tool_call', call_id: 'call_0', name: 'patch', input: 'a\né😀 "' }]);
});

it.each([
  ['{"input":"x"}', 'x'],
  ['{"why":1,"input":"x"}', 'x'],
  ['{"input":"half \\ud83d of one"}', 'half \ud83d of one'],
  ['{"patch":"x"}', '{"patch":"x"}'],
  ['*** Begin', '*** Begin'],
  ['{"input":"cut off \\u00', 'cut off '],
  ['', ''],
])('of the custom input %j the client gets %j', async (piece, input) => {
  const { output } = await bySdk(written([call(0, 'patch'), json(0, piece), finish('length')], { tools: [{ type: 'custom', name: 'patch' }] }));
  expect(output).toMatchObject([{ input }]);
});

it('a tool of a namespace is called by its own name in it', async () => {
  const tools = [{ type: 'namespace', name: 'crm', tools: [{ type: 'function', name: 'find' }] }];
  const { output } = await bySdk(written([call(0, 'crm__find'), json(0, '{}'), finish()], { tools }));
  expect(output).toMatchObject([{ type: 'function_call', namespace: 'crm', name: 'find' }]);
});

it.each([
  ['length', 'max_output_tokens'],
  ['content_filter', 'content_filter'],
] as const)('an answer cut for %s is incomplete', async (reason, why) => {
  const stream = written([text('a'), call(0), json(0, '{"a":'), finish(reason)]);
  expect(short(stream).at(-1)).toBe('incomplete');
  const final = await bySdk(stream);
  expect(final).toMatchObject({ status: 'incomplete', incomplete_details: { reason: why } });
  expect(final.output).toMatchObject([{ status: 'completed' }, { status: 'incomplete', arguments: '{"a":' }]);
});

it('a refusal is a part of its own', async () => {
  const stream = written([text('Well.'), { kind: 'refusal', choice: 0, text: 'No.' }, finish()]);
  const { output } = await bySdk(stream);
  expect(output).toMatchObject([
    {
      content: [
        { type: 'output_text', text: 'Well.' },
        { type: 'refusal', refusal: 'No.' },
      ],
    },
  ]);
});

it('sources and log probabilities stand at the text, whichever comes first', async () => {
  const logprob = { token: 'a', logprob: -1, bytes: [97], top_logprobs: [] };
  const cite = (url: string): NeutralEvent => ({ kind: 'citation', choice: 0, url, title: 't', quote: undefined });
  const logprobs: NeutralEvent = { kind: 'logprobs', choice: 0, content: [logprob] };
  const stream = written([cite('https://a.test'), logprobs, text('ab'), cite('https://b.test'), logprobs, finish()]);
  const { output } = await bySdk(stream);
  const at = { type: 'url_citation', title: 't', start_index: 2, end_index: 2 };
  expect(output).toMatchObject([
    {
      content: [
        {
          text: 'ab',
          annotations: [
            { ...at, url: 'https://a.test' },
            { ...at, url: 'https://b.test' },
          ],
          logprobs: [logprob, logprob],
        },
      ],
    },
  ]);
});

it('what was told can be handed back: signatures, unreadable thoughts, marks of calls', async () => {
  const { output } = await bySdk(
    written([
      thought('Hm.'),
      { kind: 'reasoning_signature', choice: 0, signature: 'S' },
      { kind: 'redacted_reasoning', choice: 0, data: 'R' },
      thought('So.'),
      call(0, 'f', 'G'),
      json(0, '{"a":1}'),
      call(1, 'f', 'H'),
      finish('tool_calls'),
    ]),
  );
  const { turns } = inbound.read(openaiCall({ model: 'm', input: [{ role: 'user', content: 'hi' }, ...output] }));
  expect(turns[1]?.parts).toEqual([
    { kind: 'reasoning', text: 'Hm.', signature: 'S', redacted: undefined },
    { kind: 'reasoning', text: '', signature: undefined, redacted: 'R' },
    { kind: 'reasoning', text: 'So.', signature: undefined, redacted: undefined },
    { kind: 'tool_call', id: 'call_0', name: 'f', arguments: '{"a":1}', signature: 'G' },
    { kind: 'tool_call', id: 'call_1', name: 'f', arguments: '{}', signature: 'H' },
  ]);
});

it('the request is repeated as it came, and no line end of it ends an event', async () => {
  const writer = inbound.streamWriter(
    FRAME,
    openaiCall('{"model":"m","input":"hi","instructions":"a\\nb","tools":[\r\n {"type":"function",\n"name":"f"}],"temperature":0.50,"store":true}'),
  );
  const stream = writer.write(text('a')) + writer.write(finish()) + writer.end();
  expect(stream).toContain('"temperature":0.50');
  expect(await bySdk(stream)).toMatchObject({ instructions: 'a\nb', tools: [{ type: 'function', name: 'f' }], store: false });
});

it('other choices than the first have no place here', async () => {
  const stream = written([text('a'), { kind: 'text', choice: 1, text: 'b' }, finish()]);
  expect((await bySdk(stream)).output_text).toBe('a');
});

it('an answer without a word is a response without items', async () => {
  expect((await bySdk(written([finish()]))).output).toEqual([]);
});

describe('a stream that broke', () => {
  const fail = (error: GatewayError, ...events: NeutralEvent[]): Told[] => {
    const writer = inbound.streamWriter(FRAME, openaiCall({ model: 'm', input: 'hi' }));
    return parsed(events.map((event) => writer.write(event)).join('') + writer.fail(error.body));
  };

  it('ends with an error and a response that failed, and what was said of it', () => {
    const told = fail(new GatewayError('upstream_stream_interrupted', 'It broke.'), text('half'));
    const words = { code: 'upstream_stream_interrupted', message: 'It broke.', param: null };
    const error = { type: 'server_error', ...words };
    expect(told.at(-2)).toEqual({ type: 'error', sequence_number: told.length - 2, ...words, error });
    expect(told.at(-1)).toMatchObject({
      type: 'response.failed',
      sequence_number: told.length - 1,
      response: { id: 'resp_a1', status: 'failed', error: { code: 'upstream_stream_interrupted', message: 'It broke.' } },
    });
  });

  it('is created first, where nothing had been said', () => {
    expect(fail(new GatewayError('overloaded', 'x')).map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'error',
      'response.failed',
    ]);
  });

  it.each([
    ['rate_limit_exceeded', 'rate_limit_exceeded'],
    ['upstream_rate_limited', 'rate_limit_exceeded'],
    ['upstream_timeout', 'upstream_timeout'],
  ] as const)('%s is told as %s', (code, told) => {
    expect(ERRORS[code]).toBeDefined();
    expect(fail(new GatewayError(code, 'x')).at(-1)).toMatchObject({ response: { error: { code: told } } });
  });

  it.each(['context_length_exceeded', 'insufficient_quota'])('the provider’s own %s stays', (code) => {
    const body = { error: { message: 'x', type: 'invalid_request_error', param: null, code } };
    const error = new GatewayError('invalid_value', 'x', { provider: { status: 400, body } });
    expect(fail(error).at(-1)).toMatchObject({ response: { error: { code } } });
  });

  it('is heard as failed by the official client', async () => {
    const writer = inbound.streamWriter(FRAME, openaiCall({ model: 'm', input: 'hi' }));
    const stream = writer.write(text('half')) + writer.fail(new GatewayError('upstream_timeout', 'It is late.').body);
    await expect(bySdk(stream)).rejects.toMatchObject({ code: 'upstream_timeout', message: 'It is late.' });
  });
});
