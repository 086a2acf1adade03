import { openaiTarget } from '../../../test/doubles/openai-call.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { ResponsesOutbound } from './responses-outbound.js';

const outbound = new ResponsesOutbound();
const sse = (...data: (object | string)[]): string =>
  data.map((item) => `data: ${typeof item === 'string' ? item : JSON.stringify(item)}\n\n`).join('');
const CREATED = { type: 'response.created', response: { id: 'resp_1' } };
const COMPLETED = { type: 'response.completed', response: { id: 'resp_1', status: 'completed', output: [] } };

function read(stream: string): { events: NeutralEvent[]; dropped: number } {
  const reader = outbound.streamReader(4096, openaiTarget());
  const events = [...reader.read(Buffer.from(stream)), ...reader.end()];
  return { events: events.filter(({ kind }) => kind !== 'alive'), dropped: reader.dropped };
}
const kinds = (stream: string): string[] => read(stream).events.map(({ kind }) => kind);
const failureOf = (stream: string): object | undefined => {
  const last = read(stream).events.at(-1);
  return last?.kind === 'failure' ? { kind: last.failure.kind, message: last.failure.message, ...last.failure.details } : undefined;
};

it('an item whose deltas never came is told when it is done', () => {
  const item = (place: number, value: object): object => ({ type: 'response.output_item.done', output_index: place, item: value });
  const { events } = read(
    sse(
      CREATED,
      item(0, { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: 'E' }),
      item(1, { type: 'message', content: [{ type: 'output_text', text: 'Yes.', annotations: [{ type: 'url_citation', url: 'https://a.test' }] }] }),
      item(2, { type: 'function_call', call_id: 'c', name: 'f', arguments: '' }),
      COMPLETED,
    ),
  );
  expect(events).toMatchObject([
    { kind: 'start', id: 'resp_1' },
    { kind: 'reasoning', text: 'Hm.' },
    { kind: 'reasoning_signature' },
    { kind: 'text', text: 'Yes.' },
    { kind: 'citation', url: 'https://a.test' },
    { kind: 'tool_call', call: 0, id: 'c', name: 'f' },
    { kind: 'tool_arguments', call: 0, json: '{}' },
    { kind: 'finish', reason: 'tool_calls' },
  ]);
});

it('what was told in deltas is not told again, however its parts are numbered; a part without deltas is', () => {
  const delta = (place: number, text: string): object => ({ type: 'response.output_text.delta', output_index: 0, content_index: place, delta: text });
  const done = (...texts: string[]): object => {
    const content = texts.map((text) => ({ type: 'output_text', text }));
    return { type: 'response.output_item.done', output_index: 0, item: { type: 'message', content } };
  };
  const text = (...data: object[]): string =>
    read(sse(CREATED, ...data, COMPLETED))
      .events.flatMap((e) => (e.kind === 'text' ? [e.text] : []))
      .join('|');
  expect(text(delta(1, 'a'), done('a'))).toBe('a');
  expect(text(delta(0, 'a'), delta(1, 'b'), done('a', 'b'))).toBe('a|b');
  expect(text(delta(0, 'a'), done('a', 'b'))).toBe('a|b');
});

it('a stream of nothing but its end is told from its end', () => {
  const output = [{ type: 'message', content: [{ type: 'output_text', text: 'Yes.' }] }];
  expect(kinds(sse({ type: 'response.completed', response: { id: 'r', status: 'completed', output } }))).toEqual(['start', 'text', 'finish']);
});

it('calls are known by their place, whatever their item is called', () => {
  const added = (place: number, id: string): object => ({
    type: 'response.output_item.added',
    output_index: place,
    item: { type: 'function_call', id, call_id: `c${place}`, name: 'f', arguments: '' },
  });
  const delta = (place: number, piece: string): object => ({
    type: 'response.function_call_arguments.delta',
    output_index: place,
    item_id: `rotating-${piece}`,
    delta: piece,
  });
  const { events } = read(sse(CREATED, added(1, 'x'), added(2, 'y'), delta(2, '{"b":1}'), delta(1, '{"a":1}'), COMPLETED));
  expect(events.filter(({ kind }) => kind === 'tool_arguments')).toMatchObject([
    { call: 1, json: '{"b":1}' },
    { call: 0, json: '{"a":1}' },
  ]);
});

it.each([
  ['a flat error', { type: 'error', code: 'server_error', message: 'Oops', param: null }, 'server_error'],
  ['an error in an object', { type: 'error', error: { type: 'server_error', code: 'server_error', message: 'Oops' } }, 'server_error'],
  ['a quota', { type: 'error', error: { type: 'insufficient_quota', code: 'insufficient_quota', message: 'Pay.' } }, 'quota_exhausted'],
  ['a limit', { type: 'response.failed', response: { error: { code: 'rate_limit_exceeded', message: 'Slow.' } } }, 'rate_limited'],
  ['a bad prompt', { type: 'response.failed', response: { error: { code: 'invalid_prompt', message: 'No.' } } }, 'rejected'],
  ['a bad image', { type: 'response.failed', response: { error: { code: 'image_parse_error', message: 'No.' } } }, 'rejected'],
  ['a prompt too long', { type: 'response.failed', response: { error: { code: 'context_length_exceeded', message: 'Long.' } } }, 'context_length'],
  ['a failure without a word', { type: 'response.failed', response: { status: 'failed' } }, 'server_error'],
  ['an error as chat tells it', { error: { message: 'Oops', type: 'server_error' } }, 'server_error'],
  ['a response that goes on', { type: 'response.completed', response: { status: 'in_progress' } }, 'invalid'],
])('%s is a failure of its kind, and the last event', (_name, event, kind) => {
  const stream = sse(CREATED, event, COMPLETED);
  expect(failureOf(stream)).toMatchObject({ kind });
});

it('what is refused for its prompt keeps the provider’s words and loses our key', () => {
  const message = 'Bad prompt, sk-CANARY0123456789abcdef.';
  const failure = failureOf(sse({ type: 'response.failed', response: { error: { code: 'invalid_prompt', message } } }));
  expect(failure).toMatchObject({ kind: 'rejected', body: { error: { message: 'Bad prompt, [key].', code: 'invalid_prompt' } } });
});

it('an event that is no JSON is dropped and counted, three in a row are a failure', () => {
  const text = { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'a' };
  expect(read(sse(CREATED, '{broken', text, '[1]', COMPLETED))).toMatchObject({ dropped: 2 });
  expect(kinds(sse(CREATED, '{broken', text, '[1]', COMPLETED))).toEqual(['start', 'text', 'finish']);
  expect(failureOf(sse(CREATED, '{', '{', '{'))).toMatchObject({ kind: 'invalid' });
  expect(failureOf(sse({ type: 'x', padding: 'x'.repeat(5000) }))).toMatchObject({ kind: 'invalid' });
});

it.each([
  ['no JSON', '<html>'],
  ['a list', '[]'],
  ['no response', '{"id":"x"}'],
  ['one that waits', '{"status":"queued","output":[]}'],
])('a body that is %s is invalid', (_name, body) => {
  expect(outbound.read(Buffer.from(body), openaiTarget()).at(-1)).toMatchObject({ kind: 'failure', failure: { kind: 'invalid' } });
});

it.each([
  [{ error: { message: 'Oops', type: 'server_error' } }, 'server_error'],
  [{ status: 'failed', output: [], error: { code: 'rate_limit_exceeded', message: 'Slow.' } }, 'rate_limited'],
  [{ status: 'failed', output: [], error: null }, 'server_error'],
])('the body %j is a failure', (body, kind) => {
  expect(outbound.read(Buffer.from(JSON.stringify(body)), openaiTarget()).at(-1)).toMatchObject({ kind: 'failure', failure: { kind } });
});

it('never throws, whatever the upstream sends', () => {
  const types = [...SOURCES.map((name) => `response.${name}`), 'error', 'x'];
  const odd = [
    null,
    7,
    'x',
    [],
    {},
    [null],
    [7],
    { error: 7 },
    { content: [null], summary: 7, type: 'message' },
    { type: 'reasoning', summary: [7] },
  ];
  for (const type of types)
    for (const value of odd)
      for (const place of [0, 'x', null])
        read(sse(CREATED, { type, output_index: place, item: value, response: value, delta: value, annotation: value, logprobs: value }));
});

const SOURCES = (
  'created in_progress completed incomplete failed output_item.added output_item.done output_text.delta refusal.delta reasoning_text.delta ' +
  'reasoning_summary_text.delta function_call_arguments.delta output_text.annotation.added'
).split(' ');

it('a call of a custom tool is one of a function whose argument is its input', () => {
  const item = { type: 'custom_tool_call', id: 'ctc_1', call_id: 'call_1', name: 'shell', input: 'ls "x"' };
  const body = Buffer.from(JSON.stringify({ id: 'resp_1', status: 'completed', output: [item] }));
  expect(new ResponsesOutbound().read(body).slice(1)).toEqual([
    { kind: 'tool_call', choice: 0, call: 0, id: 'call_1', name: 'shell', signature: undefined },
    { kind: 'tool_arguments', choice: 0, call: 0, json: '{"input":"ls \\"x\\""}' },
    { kind: 'finish', choice: 0, reason: 'tool_calls', stopSequence: undefined },
  ]);
});

it('a search on X that xAI ran itself is no call of the client', () => {
  const item = { type: 'custom_tool_call', id: 'ctc_1', call_id: 'xs_1', name: 'x_keyword_search', input: '{"query":"q"}' };
  const body = { id: 'resp_1', status: 'completed', output: [item, { type: 'message', content: [{ type: 'output_text', text: 'found' }] }] };
  expect(new ResponsesOutbound().read(Buffer.from(JSON.stringify(body))).slice(1)).toEqual([
    { kind: 'text', choice: 0, text: 'found' },
    { kind: 'finish', choice: 0, reason: 'stop', stopSequence: undefined },
  ]);
});
