import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import type { InferenceEndpoint } from '../../contracts/endpoint.js';
import type { ProviderQuirks } from '../../contracts/gateway-settings.js';
import type { StreamTranslator } from '../upstream-adapter.js';
import { OpenaiAdapter } from './openai-adapter.js';

const DONE = 'data: [DONE]\n\n';
const EVENT_BYTES_MAX = 1_000;
const event = (chunk: object | string): string => `data: ${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}\n\n`;
const chunk = (delta: object, rest: object = {}): object => ({
  id: 'c1',
  model: 'outer',
  choices: [{ index: 0, delta, finish_reason: null, ...rest }],
});
const ROLE = event(chunk({ role: 'assistant', content: '' }));
const TEXT = event(chunk({ content: 'hé' }));
const STOP = event(chunk({}, { finish_reason: 'stop' }));
const USAGE = event({ id: 'c1', model: 'outer', choices: [], usage: { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 } });

interface Given {
  readonly quirks?: ProviderQuirks;
  readonly request?: object;
  readonly endpoint?: InferenceEndpoint;
  readonly provider?: string;
}

class Stream {
  readonly translator: StreamTranslator;
  output = '';

  constructor({ quirks = {}, request = {}, endpoint = 'chat_completions', provider }: Given = {}) {
    const call = openaiCall({ model: 'chat', stream: true, ...request }, {}, endpoint);
    this.translator = new OpenaiAdapter().translator(call, openaiTarget(quirks, provider === undefined ? {} : { provider }), EVENT_BYTES_MAX);
  }

  write(...texts: string[]): this {
    for (const text of texts) this.output += this.translator.write(Buffer.from(text)).toString('utf8');
    return this;
  }

  end(): this {
    this.output += this.translator.end().toString('utf8');
    return this;
  }
}

const through = (text: string, given: Given = {}): string => new Stream(given).write(text).end().output;
const USAGE_WANTED = { request: { stream_options: { include_usage: true } } };

describe('bytes', () => {
  it('a chunk of whole events that need no change is the very buffer that came', () => {
    const { translator } = new Stream();
    const bytes = Buffer.from(ROLE + TEXT + TEXT);
    expect(translator.write(bytes)).toBe(bytes);
    const next = Buffer.from(STOP);
    expect(translator.write(next)).toBe(next);
  });

  it('of an event nothing changes but the top-level model, whatever else is called so', () => {
    const odd =
      'id: 7\r\nevent: message\r\ndata:  { "choices":[{"delta":{"content":"\\"model\\":\\"inner\\"","model":"inner"}}] ,"big":9007199254740993, "mo\\u0064el" : "inner-1" , "z":1e400}\r\n\r\n';
    expect(through(odd + STOP)).toBe(odd.replace('"inner-1"', '"outer"') + STOP + DONE);
  });

  it('the model is hidden in every event, whether the events begin alike or not', () => {
    const named = (i: number): string => `data: {"id":"c1","model":"inner-${i % 3}","choices":[{"delta":{"content":"${i}"}}]}\n\n`;
    const late = (i: number): string => `data: {"choices":[{"delta":{"content":"${'x'.repeat(i)}"}}],"model":"inner"}\n\n`;
    const absent = 'data: {"id":"c1","choices":[]}\n\n';
    const strange = 'data: {"model":null,"choices":[]}\n\ndata: {"model":"","choices":[],"prompt_filter_results":[{}]}\n\n';
    const events = [0, 0, 1, 1, 0, 2].map(named).join('') + [1, 2, 3].map(late).join('') + absent + strange;
    const expected = events.replaceAll(/"model":(null|"[^"]*")/g, '"model":"outer"') + STOP + DONE;
    for (const size of [1, 7, 1_000_000]) {
      const stream = new Stream();
      for (let at = 0; at < (events + STOP).length; at += size) stream.write((events + STOP).slice(at, at + size));
      expect(stream.end().output).toBe(expected);
    }
  });

  it('a chunk that begins like another, but is cut short there, is not taken for it', () => {
    const first = '{"id":"c1","model":"inner","choices":[]}';
    expect(through(event(first) + event('{"id":"c1","model":"inner-2","choices":[]}') + event('{"id":"c1","model":"inner"}') + STOP)).toBe(
      event(first.replace('inner', 'outer')) + event('{"id":"c1","model":"outer","choices":[]}') + event('{"id":"c1","model":"outer"}') + STOP + DONE,
    );
  });

  it('data over several lines that must change comes out as one line with the same meaning', () => {
    const text = 'event: message\ndata: {"model":\ndata: "inner","choices":\ndata: [{"delta":{"content":"a"},"finish_reason":"stop"}]}\n\n';
    expect(through(text)).toBe('event: message\ndata: {"model": "outer","choices": [{"delta":{"content":"a"},"finish_reason":"stop"}]}\n\n' + DONE);
    expect(through(text.replace('inner', 'outer'))).toBe(text.replace('inner', 'outer') + DONE);
  });

  it('comments, blank lines and events without data go through; a byte order mark does not', () => {
    const extras = ': OPENROUTER PROCESSING\n\n\nevent: ping\n\nretry: 10\n\n';
    expect(through(`\ufeff${extras}${TEXT}${STOP}`)).toBe(extras + TEXT + STOP + DONE);
  });

  it('a chunk that tells of the prompt alone goes through', () => {
    const azure = event({ choices: [], created: 0, id: '', model: 'outer', object: '', prompt_filter_results: [{ prompt_index: 0 }] });
    expect(through(azure + TEXT + STOP)).toBe(azure + TEXT + STOP + DONE);
  });
});

describe('progress', () => {
  it.each([
    ['nothing', '', 'silent'],
    ['half of an event', ROLE.slice(0, -1), 'silent'],
    ['a blank line', '\n', 'silent'],
    ['a comment', ': ping\n', 'alive'],
    ['a role', ROLE, 'alive'],
    ['an empty delta', event(chunk({})), 'alive'],
    ['nulls', event(chunk({ content: null, refusal: null, tool_calls: null, function_call: null, reasoning_content: null })), 'alive'],
    ['an event that is no JSON', 'data: {"choices":[\n\n', 'silent'],
    ['text', TEXT, 'content'],
    ['text in parts', event(chunk({ content: [{ type: 'thinking', thinking: [] }] })), 'content'],
    ['a refusal', event(chunk({ refusal: 'no' })), 'content'],
    ['a tool call', event(chunk({ content: null, tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '' } }] })), 'content'],
    ['an old function call', event(chunk({ function_call: { name: 'f', arguments: '' } })), 'content'],
    ['reasoning', event(chunk({ reasoning_content: 'hm' })), 'content'],
    ['reasoning by its other name', event(chunk({ reasoning: 'hm' })), 'content'],
    ['an end without content', ROLE + STOP, 'finished'],
    ['an end', TEXT + STOP, 'finished'],
    ['content and end in one', event(chunk({ content: 'a' }, { finish_reason: 'length' })), 'finished'],
    ['an end by a filter', TEXT + event(chunk({}, { finish_reason: 'content_filter' })), 'finished'],
    ['an empty end', TEXT + event(chunk({}, { finish_reason: '' })), 'content'],
    ['usage after the end', TEXT + STOP + USAGE, 'finished'],
    ['[DONE]', TEXT + STOP + DONE, 'done'],
    ['[DONE] without an end', TEXT + DONE, 'done'],
  ])('%s', (_name, text, progress) => {
    expect(new Stream().write(text).translator).toMatchObject({ progress, failure: undefined });
  });

  it.each(['data:  [DONE]\n\n', 'data: [DONE] \n\n', 'data:[DONE]\r\n\r\n', 'data: \t[DONE]\n\n'])(
    'tells the end in the bytes that clients look for: %j',
    (odd) => {
      expect(through(TEXT + STOP + odd)).toMatch(/\ndata: ?\[DONE\]\r?\n\r?\n$/);
    },
  );

  it('text alone counts for a completion', () => {
    const text = (words: string, finish: string | null = null): string =>
      event({ model: 'outer', choices: [{ index: 0, text: words, finish_reason: finish }] });
    const stream = new Stream({ endpoint: 'completions' });
    expect(stream.write(text('')).translator.progress).toBe('alive');
    expect(stream.write(text('a')).translator).toMatchObject({ progress: 'content', deltas: 1 });
    expect(stream.write(text('', 'stop')).translator.progress).toBe('finished');
  });

  it('every choice must be finished, also one that has not begun', () => {
    const of = (index: number, delta: object, finish: string | null = null): string =>
      event({ model: 'outer', choices: [{ index, delta, finish_reason: finish }] });
    const { translator, write } = ((stream) => ({ translator: stream.translator, write: (text: string) => stream.write(text) }))(
      new Stream({ request: { n: 2 } }),
    );
    write(of(0, { content: 'a' }) + of(0, {}, 'stop'));
    expect(translator.progress).toBe('content');
    write(of(1, { content: 'b' }));
    expect(translator.progress).toBe('content');
    write(of(1, {}, 'stop'));
    expect(translator.progress).toBe('finished');
    expect(translator.deltas).toBe(2);
  });

  it('a provider that answers fewer choices than were asked for has still answered', () => {
    expect(through(TEXT + STOP, { request: { n: 3 } })).toBe(TEXT + STOP + DONE);
  });

  it('choices of a completion are as many as its prompts', () => {
    const of = (index: number): string => event({ model: 'outer', choices: [{ index, text: 'a', finish_reason: 'stop' }] });
    const progressOf = (prompt: unknown): string => new Stream({ endpoint: 'completions', request: { prompt } }).write(of(0)).translator.progress;
    expect(progressOf(['a', 'b'])).toBe('content');
    expect(progressOf([1, 2, 3])).toBe('finished');
    expect(progressOf('a')).toBe('finished');
  });

  it('deltas are counted', () => {
    expect(new Stream().write(ROLE + TEXT + TEXT + STOP + USAGE + DONE).translator.deltas).toBe(2);
  });
});

describe('usage', () => {
  it('that only the gateway asked for is read and kept back', () => {
    const stream = new Stream().write(TEXT + STOP + USAGE + DONE);
    expect(stream.output).toBe(TEXT + STOP + DONE);
    expect(stream.translator.usage).toEqual({ input: 5, output: 3, cached: 0, reasoning: 0 });
  });

  it('that the client asked for goes through', () => {
    expect(through(TEXT + STOP + USAGE + DONE, USAGE_WANTED)).toBe(TEXT + STOP + USAGE + DONE);
  });

  it('on a chunk with a choice stays there; the last one counts, and nulls say nothing', () => {
    const counted = (tokens: number | null): string =>
      event({
        model: 'outer',
        choices: [{ index: 0, delta: { content: 'a' } }],
        usage: tokens === null ? null : { prompt_tokens: 5, completion_tokens: tokens },
      });
    const text = counted(1) + counted(2) + counted(null) + STOP + DONE;
    const stream = new Stream().write(text);
    expect(stream.output).toBe(text);
    expect(stream.translator.usage).toMatchObject({ output: 2 });
  });

  it('in an odd place is read where the row says so, and told in the right place to a client that asked', () => {
    const odd = event({
      id: 'c1',
      object: 'chat.completion.chunk',
      created: 7,
      model: 'outer',
      choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
      x_groq: { usage: { prompt_tokens: 5, completion_tokens: 3 } },
    });
    const told = event({
      id: 'c1',
      object: 'chat.completion.chunk',
      created: 7,
      model: 'outer',
      choices: [],
      usage: { prompt_tokens: 5, completion_tokens: 3 },
    });
    const quirks = { usageAt: 'x_groq' } as const;
    expect(new Stream({ quirks }).write(odd).translator.usage).toMatchObject({ input: 5, output: 3 });
    expect(new Stream().write(odd).translator.usage).toBeUndefined();
    expect(through(TEXT + odd + DONE, { quirks })).toBe(TEXT + odd + DONE);
    expect(through(TEXT + odd + DONE, { quirks, ...USAGE_WANTED })).toBe(TEXT + odd + told + DONE);
    expect(through(TEXT + odd, { quirks, ...USAGE_WANTED })).toBe(TEXT + odd + told + DONE);
    expect(through(TEXT + odd + USAGE + DONE, { quirks, ...USAGE_WANTED })).toBe(TEXT + odd + USAGE + DONE);
  });

  it('without the reasoning is made whole where the row says so', () => {
    const apart = event(
      '{"model":"inner","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":3,"total_tokens":28,"completion_tokens_details":{"reasoning_tokens":20}}}',
    );
    const stream = new Stream({ quirks: { reasoningApart: true }, ...USAGE_WANTED }).write(TEXT + STOP + apart + DONE);
    expect(stream.output).toBe(TEXT + STOP + apart.replace(':3,', ':23,').replace('inner', 'outer') + DONE);
    expect(stream.translator.usage).toEqual({ input: 5, output: 23, cached: 0, reasoning: 20 });
  });
});

describe('content', () => {
  const chunk = (delta: string): string => `data: {"model":"outer","choices":[{"index":0,"delta":{${delta}}}]}\n\n`;
  const parts = chunk('"content":[{"type":"thinking","thinking":[{"type":"text","text":"So "},{"type":"text","text":"be it."}],"closed":true}]');
  const both = chunk('"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]},{"type":"text","text":"1"}]');
  const plain = chunk('"content":"44"');

  it('that comes as a list of parts is one text, and thoughts beside it', () => {
    expect(new Stream().write(parts + both + plain).output).toBe(
      chunk('"content":null,"reasoning_content":"So be it."') + chunk('"role":"assistant","content":"1","reasoning_content":"Hm"') + plain,
    );
  });
});

describe('tool calls', () => {
  const calls = (text: string): string =>
    `data: {"model":"inner","big":9007199254740993,"choices":[{"index":0,"delta":{"tool_calls":[${text}]}}]}\n\n`;
  const masked = (text: string): string => calls(text).replace('inner', 'outer');

  it('without an index get one: a new one with each id', () => {
    const text =
      calls('{"id":"a","function":{}},{"id":"b"}') +
      calls('{"id":"c","index":null}') +
      calls('{"function":{"arguments":"1"}}') +
      calls('{"index":5,"id":"d"},{"id":"e"},{}');
    expect(new Stream().write(text).output).toBe(
      masked('{"index":0,"id":"a","function":{}},{"index":1,"id":"b"}') +
        masked('{"id":"c","index":2}') +
        masked('{"index":2,"function":{"arguments":"1"}}') +
        masked('{"index":5,"id":"d"},{"index":6,"id":"e"},{"index":6}'),
    );
  });

  it('that are numbered alike are calls of their own by their ids, with all that follows of them', () => {
    const call = (index: number, id: string): string => `{"index":${index},"id":"${id}","function":{"name":"f","arguments":"{}"}}`;
    const more = (index: number): string => `{"index":${index},"function":{"arguments":""}}`;
    const text = calls(call(0, 'a')) + calls(call(0, 'a')) + calls(call(0, 'b')) + calls(more(0)) + calls(`${call(0, 'c')},${call(3, 'd')}`);
    const mended = calls(call(0, 'a')) + calls(call(0, 'a')) + calls(call(1, 'b')) + calls(more(1)) + calls(`${call(2, 'c')},${call(3, 'd')}`);
    expect(new Stream().write(text).output).toBe(mended.replaceAll('inner', 'outer'));
  });

  it('without an id get one where they begin, the same for nobody else', () => {
    const piece = (index: number, name: string): string => `{"index":${index},"function":{${name}"arguments":"{}"}}`;
    const { output } = new Stream().write(
      calls(piece(0, '"name":"f",')) + calls(piece(0, '')) + calls(`{"id":"",${piece(1, '"name":"g",').slice(1)}`),
    );
    const ids = [...output.matchAll(/"id":"([^"]*)"/g)].map(([, id]) => id);
    expect(ids).toEqual([expect.stringMatching(/^call_\w+_0$/) as string, expect.stringMatching(/^call_\w+_1$/) as string]);
  });

  it('of different choices are numbered apart', () => {
    const of = (index: number): object => ({ model: 'outer', choices: [{ index, delta: { tool_calls: [{ id: `id${index}` }] } }] });
    const { output } = new Stream().write(event(of(0)) + event(of(1)));
    expect(output.match(/"tool_calls":\[\{"index":0/g)).toHaveLength(2);
  });

  it('with null for arguments, or an object, get the text of one', () => {
    const text =
      calls('{"index":0,"id":"a","function":{"name":"f","arguments":"null"}}') +
      calls('{"index":1,"id":"b","function":{"name":"f","arguments":"{\\"a\\":"}}') +
      calls('{"index":1,"function":{"arguments":"null"}}') +
      calls('{"index":2,"id":"c","function":{"name":"f","arguments":{"a":[null]}}}');
    const mended = text.replace('"null"', '"{}"').replace('{"a":[null]}', JSON.stringify('{"a":[null]}'));
    expect(new Stream().write(text).output).toBe(mended.replaceAll('inner', 'outer'));
  });

  it('are an end of their own, also where the call was demanded and the provider says "stop"; not of OpenAI, Azure and a server by its address', () => {
    const end = (index: number, rest = ''): string =>
      `data: {"model":"outer","choices":[{"index":${index},"delta":{${rest}},"finish_reason":"stop"}]}\n\n`;
    const told = (text: string): string => text.replace('"stop"', '"tool_calls"');
    const begun = calls('{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}').replace('inner', 'outer');
    const whole = end(1, '"tool_calls":[{"index":0,"id":"b","function":{"name":"f","arguments":"{}"}}]');
    const stream = begun + end(0) + whole + end(2, '"content":"stop"');
    expect(new Stream({ provider: 'mistral', request: { n: 3 } }).write(stream).output).toBe(
      begun + told(end(0)) + told(whole) + end(2, '"content":"stop"'),
    );
    for (const provider of ['openai', 'azure', undefined])
      expect(new Stream({ ...(provider !== undefined && { provider }), request: { n: 3 } }).write(stream).output).toBe(stream);
    const nothing = calls('{"index":0,"function":{"name":""}}').replace('inner', 'outer') + end(0);
    expect(new Stream({ provider: 'mistral' }).write(nothing).output).toBe(nothing);
  });

  it('that are as OpenAI has them go on byte for byte', () => {
    const text = calls('{"index":0,"id":"a","function":{"name":"f","arguments":""}}') + calls('{"index":0,"function":{"arguments":"null"}}');
    expect(new Stream().write(text).output).toBe(text.replaceAll('inner', 'outer'));
  });
});

describe('a choice without a delta', () => {
  it.each(['', ',"delta":null'])('has one that clients can look into (%j)', (delta) => {
    const end = `data: {"model":"outer","choices":[{"index":0,"finish_reason":"stop"${delta}}]}\n\n`;
    const mended = delta === '' ? end.replace('{"index"', '{"delta":{},"index"') : end.replace('null', '{}');
    expect(through(TEXT + end + DONE)).toBe(TEXT + mended + DONE);
    const text = `data: {"model":"outer","choices":[{"index":0,"text":"a","finish_reason":"stop"}]}\n\n`;
    expect(through(text + DONE, { endpoint: 'completions' })).toBe(text + DONE);
  });
});

describe('a chunk that only counts', () => {
  it.each(['', '"choices":null,'])('has choices that clients can go through (%j)', (choices) => {
    const usage = '"usage":{"prompt_tokens":5,"completion_tokens":3,"total_tokens":8}';
    const text = ROLE + TEXT + STOP + `data: {${choices}"id":"c1","model":"outer",${usage}}\n\n` + DONE;
    const output = through(text, USAGE_WANTED);
    expect(JSON.parse(output.split('\n\n').at(-3)?.slice(6) ?? '')).toMatchObject({ choices: [], usage: { total_tokens: 8 } });
    expect(through(text)).toBe(ROLE + TEXT + STOP + DONE);
  });
});

describe('failure', () => {
  const ERROR = event({ error: { message: 'boom', type: 'server_error', code: 500 } });

  it.each([
    ['an error', ERROR, 'server_error'],
    ['an error that is a text', event({ error: 'boom' }), 'server_error'],
    ['a flat error', event({ object: 'error', message: 'boom', code: 500 }), 'server_error'],
    ['an error by name', 'event: error\ndata: {"message":"boom"}\n\n', 'server_error'],
    ['an error by name without JSON', 'event: error\ndata: boom\n\n', 'server_error'],
    ['an error by name without data', 'event: error\n\n', 'server_error'],
    ['an error of the request', event({ error: { message: 'x', type: 'invalid_request_error', code: 400 } }), 'server_error'],
    [
      'an error beside a choice',
      event({ error: { code: 502 }, choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }] }),
      'server_error',
    ],
    ['an end that is an error', event(chunk({}, { finish_reason: 'error' })), 'server_error'],
    ['an end for want of resources', event(chunk({ content: 'x' }, { finish_reason: 'insufficient_system_resource' })), 'server_error'],
    ['a limit by its code', event({ error: { message: 'x', code: 429 } }), 'rate_limited'],
    ['a limit by its type', event({ error: { message: 'x', type: 'rate_limit_error' } }), 'rate_limited'],
    ['a quota', event({ error: { message: 'x', code: 'insufficient_quota' } }), 'quota_exhausted'],
    ['three events that are no JSON', 'data: {"a\n\n'.repeat(3), 'invalid'],
    ['an event over the limit', `data: ${'x'.repeat(EVENT_BYTES_MAX)}\n\n`, 'invalid'],
    ['a line without an end', 'x'.repeat(EVENT_BYTES_MAX + 1), 'invalid'],
    ['[DONE] and nothing else', DONE, 'invalid'],
  ])('%s: before the first content it is %s, after it an interruption', (_name, text, kind) => {
    const early = new Stream().write(ROLE + (kind === 'invalid' && text === DONE ? '' : text));
    const late = new Stream().write(ROLE + TEXT + text);
    if (text === DONE) {
      expect(new Stream().write(DONE).translator.failure?.kind).toBe('invalid');
      return;
    }
    expect(early.translator.failure?.kind).toBe(kind);
    expect(late.translator.failure?.kind).toBe('interrupted');
    for (const stream of [early, late]) {
      expect(stream.translator.failure?.message).not.toMatch(/boom/);
      const { output } = stream;
      expect(output.startsWith(ROLE)).toBe(true);
      expect(output).not.toMatch(/boom|error/);
      expect(stream.write(TEXT + DONE).end().output).toBe(output);
    }
  });

  it.each([
    ['nothing', '', 'invalid'],
    ['a comment', ': ping\n\n', 'invalid'],
    ['a role', ROLE, 'invalid'],
    ['text', TEXT, 'interrupted'],
    ['text and half of an event', TEXT + STOP.slice(0, 20), 'interrupted'],
    ['text and half of [DONE]', `${TEXT}data: [DO`, 'interrupted'],
    ['one of two choices', TEXT + event({ choices: [{ index: 1, delta: {}, finish_reason: 'stop' }] }), 'interrupted'],
  ])('a stream that ends after %s did not end well', (_name, text, kind) => {
    const stream = new Stream().write(text).end();
    expect(stream.translator.failure?.kind).toBe(kind);
    expect(stream.output).not.toContain('[DONE]');
  });

  it('an answer without content that had ended is not tried again', () => {
    expect(new Stream().write(ROLE + STOP + ERROR).translator.failure?.kind).toBe('interrupted');
  });

  it('the limit is named', () => {
    expect(new Stream().write('x'.repeat(EVENT_BYTES_MAX + 1)).translator.failure?.message).toContain('1000 bytes');
  });

  it('an error that is none does no harm', () => {
    expect(through(event({ ...chunk({ content: 'a' }), error: null }) + STOP)).toContain('"a"');
  });

  it('an event that is no JSON is dropped and counted, and those behind it arrive', () => {
    const bad = 'data: {"choices":[\n\n';
    for (const one of [bad, 'data: 12\n\n', 'data: null\n\n', 'data: "x"\n\n', 'data: [1]\n\n', 'data: NaN\n\n']) {
      const stream = new Stream().write(one + one + TEXT + one + one + STOP + DONE);
      expect(stream.output).toBe(TEXT + STOP + DONE);
      expect(stream.translator).toMatchObject({ dropped: 4, failure: undefined });
    }
  });

  it('an event that is no UTF-8 is no JSON; a true U+FFFD is', () => {
    const stream = new Stream();
    const bytes = Buffer.from(TEXT);
    bytes[bytes.indexOf(0xc3)] = 0xff;
    stream.translator.write(bytes);
    expect(stream.translator.dropped).toBe(1);
    expect(stream.write(TEXT.replace('é', '\ufffd')).translator.dropped).toBe(1);
  });

  it('an empty event is a heartbeat: it goes nowhere and counts for nothing', () => {
    const stream = new Stream().write('data:\n\ndata: \n\ndata:\n\n' + TEXT);
    expect(stream.output).toBe(TEXT);
    expect(stream.translator).toMatchObject({ dropped: 0, failure: undefined });
  });
});

describe('end', () => {
  it.each([
    ['with [DONE]', TEXT + STOP + DONE, TEXT + STOP + DONE],
    ['without [DONE]', TEXT + STOP, TEXT + STOP + DONE],
    ['with [DONE] alone', TEXT + DONE, TEXT + DONE],
    ['in the last event, without its blank line', TEXT + STOP.slice(0, -1), TEXT + STOP + DONE],
    ['in the last event, without a line end', TEXT + STOP.slice(0, -2), TEXT + STOP + DONE],
    ['in [DONE], without its blank line', TEXT + STOP + DONE.slice(0, -2), TEXT + STOP + DONE],
    ['in an event that breaks off after the finish', TEXT + STOP + USAGE.slice(0, 30), TEXT + STOP + DONE],
    ['with more behind [DONE]', TEXT + STOP + DONE + TEXT + DONE, TEXT + STOP + DONE],
  ])('a complete stream %s has exactly one [DONE]', (_name, text, expected) => {
    const stream = new Stream().write(text).end();
    expect(stream.output.replaceAll(/\n{3,}/g, '\n\n')).toBe(expected);
    expect(stream.translator.failure).toBeUndefined();
    expect(stream.end().output.match(/\[DONE\]/g)).toHaveLength(1);
  });

  it('whatever comes, nothing is thrown', () => {
    const strange = [
      '{"choices":{}}',
      '{"choices":[null,1,"x",{}]}',
      '{"choices":[{"delta":1}]}',
      '{"choices":[{"index":"a","delta":{"tool_calls":{"a":1}}}]}',
      '{"usage":[]}',
      '{"error":[]}',
      '{"model":{"a":[1]},"choices":[{"delta":{"tool_calls":[null,1]}}]}',
      '{"x_groq":1}',
    ];
    for (const quirks of [{}, { contentParts: true, usageAt: 'x_groq', reasoningApart: true } as const])
      for (const endpoint of ['chat_completions', 'completions'] as const)
        for (const text of strange) new Stream({ quirks, endpoint }).write(event(text), `event: error\ndata: ${text}\n\n`).end();
  });
});
