import { MessageStream } from '@anthropic-ai/sdk/lib/MessageStream';
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { TranslatingAdapter } from '../neutral/translating-adapter.js';
import { ChatOutbound } from '../openai/chat-outbound.js';
import { MessagesInbound } from './messages-inbound.js';

const inbound = new MessagesInbound();
const text = (words: string): NeutralEvent => ({ kind: 'text', choice: 0, text: words });
const thought = (words: string): NeutralEvent => ({ kind: 'reasoning', choice: 0, text: words });
const call = (number: number): NeutralEvent => ({
  kind: 'tool_call',
  choice: 0,
  call: number,
  id: `c${number}`,
  name: `f${number}`,
  signature: undefined,
});
const json = (number: number, piece: string): NeutralEvent => ({ kind: 'tool_arguments', choice: 0, call: number, json: piece });
const FINISH: NeutralEvent = { kind: 'finish', choice: 0, reason: 'tool_calls', stopSequence: undefined };

/** What goes out at each event, in short, and at the end. */
function written(events: readonly NeutralEvent[]): string[] {
  const writer = inbound.streamWriter({ id: 'a', model: 'outer', createdAt: 1 });
  return [...events.map((event) => writer.write(event)), writer.end()].map(short);
}

function short(stream: string): string {
  return stream
    .split('\n\n')
    .flatMap((event) => {
      const { type, index, content_block: block, delta } = JSON.parse(event.slice(event.indexOf('{')) || 'null') ?? {};
      switch (type) {
        case 'content_block_start':
          return [`+${index} ${block.name ?? block.type}`];
        case 'content_block_delta':
          return [`${index} ${delta.text ?? delta.thinking ?? delta.partial_json ?? delta.type}`];
        case 'content_block_stop':
          return [`-${index}`];
        default:
          return [];
      }
    })
    .join(' | ');
}

it('calls one after another, and words after them, go out as they come', () => {
  expect(written([call(0), json(0, '{"a":'), json(0, '1}'), call(1), json(1, '{}'), text('so'), text('.'), FINISH])).toEqual([
    '+0 f0',
    '0 {"a":',
    '0 1}',
    '-0 | +1 f1',
    '1 {}',
    '-1 | +2 text | 2 so',
    '2 .',
    '-2',
    '',
  ]);
});

it('the pieces of a call wait until the one before it is whole, and then follow at once', () => {
  expect(written([call(0), call(1), json(1, '{"b":'), json(0, '{"a"'), json(1, '2'), json(0, ':1}'), json(1, '}'), FINISH])).toEqual([
    '+0 f0',
    '',
    '',
    '0 {"a"',
    '',
    '0 :1} | -0 | +1 f1 | 1 {"b":2',
    '1 }',
    '-1',
    '',
  ]);
});

it('words in the midst of a call follow it, together, in their order with other calls', () => {
  const events = [
    call(0),
    json(0, '{'),
    thought('h'),
    thought('m'),
    text('a'),
    json(0, '"x":1'),
    text('b'),
    call(1),
    json(1, '{'),
    text('c'),
    json(0, '}'),
  ];
  expect(written([...events, text('d'), json(1, '}'), text('e'), FINISH]).slice(events.length - 1)).toEqual([
    '0 } | -0 | +1 thinking | 1 hm | -1 | +2 text | 2 ab | -2 | +3 f1 | 3 {',
    '',
    '3 } | -3 | +4 text | 4 cd',
    '4 e',
    '-4',
    '',
  ]);
});

it('signatures and sources that wait stay with what they belong to', () => {
  const waiting: NeutralEvent[] = [
    thought('h'),
    { kind: 'reasoning_signature', choice: 0, signature: 'S' },
    { kind: 'redacted_reasoning', choice: 0, data: 'R' },
    text('a'),
    { kind: 'citation', choice: 0, url: 'u', title: 't', quote: undefined },
  ];
  expect(written([call(0), ...waiting, json(0, '{}'), FINISH]).slice(6)).toEqual([
    '0 {} | -0 | +1 thinking | 1 h | 1 signature_delta | -1 | +2 redacted_thinking | -2 | +3 text | 3 a | 3 citations_delta',
    '-3',
    '',
  ]);
});

it('a call whose arguments never begin, or never end, is over with the answer; what waited for it follows', () => {
  expect(written([call(0), call(1), json(1, '{}'), text('a'), FINISH]).at(-2)).toBe('-0 | +1 f1 | 1 {} | -1 | +2 text | 2 a | -2');
  expect(written([call(0), json(0, '{"a'), call(1), json(1, '{"b'), call(2), json(2, '{}'), FINISH]).at(-2)).toBe(
    '-0 | +1 f1 | 1 {"b | -1 | +2 f2 | 2 {} | -2',
  );
});

it('of calls that are known to have no arguments only at the end, each says so in its own block', () => {
  expect(written([call(0), call(1), json(0, '{}'), json(1, '{}'), FINISH]).slice(1)).toEqual(['', '0 {} | -0 | +1 f1', '1 {}', '-1', '']);
});

it('what comes of a call that is over is not told of another', () => {
  expect(written([call(0), json(0, '{}'), text('a'), json(0, ' '), FINISH]).slice(2)).toEqual(['-0 | +1 text | 1 a', '', '-1', '']);
  expect(written([call(0), json(0, '{}'), call(1), json(0, ' '), json(1, '{}'), FINISH]).slice(2)).toEqual(['-0 | +1 f1', '', '1 {}', '-1', '']);
});

it('brackets and quotation marks within texts end nothing', () => {
  const pieces = ['{"a":"}\\', '"}', '","b', '":{}'];
  expect(written([call(0), ...pieces.map((piece) => json(0, piece)), call(1), json(0, '}'), FINISH]).slice(5)).toEqual([
    '',
    '0 } | -0 | +1 f1',
    '-1',
    '',
  ]);
});

function chunk(delta: object): Buffer {
  return Buffer.from(`data: ${JSON.stringify({ id: 'chatcmpl-1', choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`);
}
const piece = (index: number, given: string, name?: string): object => ({
  index,
  ...(name !== undefined && { id: `call_${index}`, type: 'function' }),
  function: { ...(name !== undefined && { name }), arguments: given },
});
const END = Buffer.from('data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n');
const translator = (): ReturnType<TranslatingAdapter['translator']> =>
  new TranslatingAdapter(inbound, new ChatOutbound()).translator(
    openaiCall({ model: 'outer', stream: true }, {}, 'messages'),
    openaiTarget(),
    1024 * 1024,
  );

it("Anthropic's own library hears every call whole, those that come whole in one chunk too, and each end with its own block", async () => {
  const stream = translator();
  const bytes = [
    chunk({ tool_calls: [piece(0, '{"a":', 'f'), piece(1, '', 'g')] }),
    chunk({ content: 'Wait.', tool_calls: [piece(1, '{"b":2}')] }),
    chunk({ tool_calls: [piece(0, '1}'), piece(2, '{"c":3}', 'h'), piece(3, '{"d":4}', 'i')] }),
    END,
  ].map((one) => stream.write(one).toString());
  const ended: unknown[] = [];
  const heard = MessageStream.fromReadableStream(new Blob([bytes.join('') + stream.end().toString()].map(jsonLines)).stream());
  heard.on('contentBlock', (block) => ended.push(structuredClone(block)));
  const { content, stop_reason: reason }: Message = await heard.finalMessage();
  expect(content).toMatchObject([
    { type: 'tool_use', name: 'f', input: { a: 1 } },
    { type: 'tool_use', name: 'g', input: { b: 2 } },
    { type: 'text', text: 'Wait.' },
    { type: 'tool_use', name: 'h', input: { c: 3 } },
    { type: 'tool_use', name: 'i', input: { d: 4 } },
  ]);
  expect(ended).toMatchObject(content.map(({ type }) => ({ type })));
  expect(reason).toBe('tool_use');
});

/** As the library's streams are written down. */
function jsonLines(stream: string): string {
  return stream
    .split('\n\n')
    .map((event) => event.slice(event.indexOf('{')))
    .join('\n');
}

it('a stream that tells more beside an open call than is held breaks off, and says so', () => {
  const stream = translator();
  stream.write(chunk({ tool_calls: [piece(0, '{"a":', 'f'), piece(1, '{"b":"', 'g')] }));
  let told = '';
  for (let count = 0; count < 20 && stream.failure === undefined; count++)
    told += stream.write(chunk({ tool_calls: [piece(1, 'x'.repeat(100_000))] })).toString();
  expect(stream.failure).toMatchObject({ kind: 'interrupted' });
  expect(told).toBe('');
  const error = { message: 'm', type: 'server_error', param: null, code: 'upstream_stream_interrupted' };
  expect(stream.farewell?.({ error }).toString()).toMatch(/^event: error\ndata: /);
});
