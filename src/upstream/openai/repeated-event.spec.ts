import fc from 'fast-check';
import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { OpenaiAdapter } from './openai-adapter.js';
import { RepeatedEvent } from './repeated-event.js';

const EVENT = 'data: {"id":"c1","choices":[{"index":0,"delta":{"content":"TEXT"},"finish_reason":null}]}\n\n';
const [BEFORE = '', AFTER = ''] = EVENT.split('TEXT');

function learnt(): RepeatedEvent {
  const repeated = new RepeatedEvent();
  const bytes = Buffer.from(`: earlier\n\n${EVENT}`);
  const start = bytes.indexOf('data');
  const textStart = bytes.indexOf('TEXT');
  repeated.learn(bytes, start, bytes.length, textStart, textStart + 4);
  return repeated;
}

function isAgain(text: string | Buffer, repeated = learnt()): boolean {
  const bytes = Buffer.concat([Buffer.from(`xx${BEFORE}`), Buffer.from(text as string), Buffer.from(`${AFTER}yy`)]);
  return repeated.isAgain(bytes, 2, bytes.length - 2);
}

it.each(['a', ' word', 'größer, 中文, 😀', "it's }]}"])('is the same event with the text %j', (text) => {
  expect(isAgain(text)).toBe(true);
});

it.each([
  ['no text', ''],
  ['a quote, behind which other members may stand', '","content":"x'],
  ['an escape', 'a\\nb'],
  ['a line end', 'a\nb'],
  ['a control character', 'a\u0001b'],
  ['bytes that are no UTF-8', Buffer.from([0x61, 0xff])],
])('is another event with %s', (_what, text) => {
  expect(isAgain(text)).toBe(false);
});

it('is another event where a byte before or behind the text differs, and where nothing was learnt', () => {
  const repeated = learnt();
  for (const other of [EVENT.replace('c1', 'c2'), EVENT.replace('null', '"x"'), EVENT.slice(1), EVENT.slice(0, -1), EVENT.replace('TEXT', '')])
    expect(repeated.isAgain(Buffer.from(other), 0, Buffer.byteLength(other))).toBe(false);
  expect(isAgain('a', new RepeatedEvent())).toBe(false);
});

it('is given up where no event is ever like the one before, and not where one is now and then', () => {
  const learn = (repeated: RepeatedEvent, id: string): void => {
    const bytes = Buffer.from(EVENT.replace('c1', id));
    const at = bytes.indexOf('TEXT');
    repeated.learn(bytes, 0, bytes.length, at, at + 4);
  };
  const never = new RepeatedEvent();
  const sometimes = new RepeatedEvent();
  const oftenTheSame = new RepeatedEvent();
  for (let count = 0; count < 20; count++) {
    if (never.learns) learn(never, `c${count}`);
    learn(sometimes, `c${count - (count % 2)}`);
    learn(oftenTheSame, 'c1');
    if (count % 4 === 3)
      expect(sometimes.isAgain(Buffer.from(EVENT.replace('c1', `c${count - 1}`)), 0, EVENT.length + (count > 10 ? 1 : 0))).toBe(true);
  }
  expect([never.learns, sometimes.learns, oftenTheSame.learns]).toEqual([false, true, true]);
});

describe('a stream of events alike and unlike', () => {
  const text = fc.oneof(
    fc.constantFrom('', ' word', '"', '\\', '\n', 'é', '😀', '","finish_reason":"stop'),
    fc.string({ unit: 'binary', maxLength: 6 }),
  );
  const delta = fc.oneof(
    { weight: 8, arbitrary: text.map((content) => ({ content })) },
    { weight: 1, arbitrary: text.map((reasoning_content) => ({ content: '', reasoning_content })) },
    { weight: 1, arbitrary: text.map((content) => ({ role: 'assistant', content })) },
  );
  const rest = fc.oneof(
    { weight: 6, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.constantFrom({ id: 'c2' }, { usage: null }, { model: 'other' }) },
  );
  const events = fc.array(fc.record({ delta, rest, index: fc.constantFrom(0, 0, 0, 1) }), { minLength: 1, maxLength: 30 });
  const isFilled = (value: unknown): boolean => typeof value === 'string' && value !== '';

  it.each(['inner', 'outer'])('has the same bytes but for the name of the model (%s), and as many deltas as events that bring something', (model) => {
    fc.assert(
      fc.property(events, fc.integer({ min: 1, max: 400 }), (list, size) => {
        const chunks = list.map(({ delta: brought, rest: more, index }) => ({
          id: 'c1',
          model,
          choices: [{ index, delta: brought, finish_reason: null }],
          ...more,
        }));
        const wire = (name?: string): string =>
          chunks.map((one) => `data: ${JSON.stringify(name === undefined ? one : { ...one, model: name })}\n\n`).join('');
        const call = openaiCall({ model: 'chat', stream: true });
        const translator = new OpenaiAdapter().translator(call, openaiTarget(), 10_000);
        const sent = Buffer.from(wire());
        const told: Buffer[] = [];
        for (let at = 0; at < sent.length; at += size) told.push(Buffer.from(translator.write(sent.subarray(at, at + size))));
        expect(Buffer.concat(told).toString()).toBe(wire('outer'));
        expect(translator.failure).toBeUndefined();
        const filled = list.filter(({ delta: brought }) => Object.entries(brought).some(([name, value]) => name !== 'role' && isFilled(value)));
        expect(translator.deltas).toBe(filled.length);
      }),
      { numRuns: 300, seed: 20_261_125 },
    );
  });
});
