import { runInNewContext } from 'node:vm';
import { SeededRandom } from '../../test/doubles/seeded-random.js';
import { type ObjectScan, scanObject, type ScanFault } from './scan-object.js';

const DEPTH_MAX = 128;
const scan = (text: string | Buffer, depthMax = DEPTH_MAX): ObjectScan | ScanFault => scanObject(Buffer.from(text as string), depthMax);
const nested = (open: string, inner: string, close: string, times: number): string => open.repeat(times) + inner + close.repeat(times);

/** What the scan says, in terms of `JSON.parse`: every top-level value by name, or the fault. */
function scanned(bytes: Buffer): unknown {
  const result = scanObject(bytes, DEPTH_MAX);
  if ('fault' in result) return result.fault;
  const values: [string, unknown][] = [];
  for (const [name, { start, end }] of result.fields) values.push([name, JSON.parse(bytes.toString('utf8', start, end))]);
  return { values, closes: bytes[result.closeAt] === 0x7d };
}

function parsed(bytes: Buffer): unknown {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, ''));
  } catch {
    return 'invalid';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not_object';
  return { values: Object.entries(value), closes: true };
}

/**
 * A second opinion on names: once V8 13.6 has parsed an object whose name is a lone backslash, it reads an escaped name of one character in
 * an object of that shape as a backslash too.
 */
function literal(bytes: Buffer): unknown {
  const result = parsed(bytes);
  if (typeof result === 'string') return result;
  return { values: Object.entries(runInNewContext(`(${bytes.toString('utf8').replace(/^\ufeff/, '')})`) as object), closes: true };
}

const sorted = (outcome: unknown): unknown => {
  if (typeof outcome === 'string') return outcome;
  const { values, closes } = outcome as { values: [string, unknown][]; closes: boolean };
  return { values: values.toSorted(([a], [b]) => (a < b ? -1 : 1)), closes };
};

it('tells where every top-level value stands, by its decoded name', () => {
  const text = ' { "mo\\u0064el" : "a\\"}" ,"n": [1,{"model":2}],"e":{},"z":-1.5e+3 } \n';
  const result = scan(text) as ObjectScan;
  const slices = [...result.fields].map(([name, { start, end }]) => [name, text.slice(start, end)]);
  expect(slices).toEqual([
    ['model', '"a\\"}"'],
    ['n', '[1,{"model":2}]'],
    ['e', '{}'],
    ['z', '-1.5e+3'],
  ]);
  expect(text[result.closeAt]).toBe('}');
  expect([...result.duplicates]).toEqual([]);
});

it('names what stands twice however it is spelled, and keeps the last, as JSON.parse does', () => {
  const text = '{"model":"a","stream":1,"\\u006dodel":"b","x":{"x":1,"x":2}}';
  const result = scan(text) as ObjectScan;
  expect([...result.duplicates]).toEqual(['model']);
  const { start, end } = result.fields.get('model') as { start: number; end: number };
  expect(text.slice(start, end)).toBe('"b"');
});

it.each(['__proto__', 'constructor', 'toString', '', '\ud83d\ude00', 'a b'])('a field may be called %j', (name) => {
  const result = scan(`{${JSON.stringify(name)}:1}`) as ObjectScan;
  expect([...result.fields.keys()]).toEqual([name]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

it.each([
  ['', 'invalid', 0],
  ['   ', 'invalid', 3],
  ['null', 'not_object', 0],
  [' [{"a":1}]', 'not_object', 1],
  ['"x"', 'not_object', 0],
  ['1', 'not_object', 0],
  ['[1', 'invalid', 2],
  ['nul', 'invalid', 3],
  ['{"a":1}{"b":2}', 'invalid', 7],
  ['{"a":1,}', 'invalid', 7],
  ['{,"a":1}', 'invalid', 1],
  ['{"a":[1,]}', 'invalid', 8],
  ['{"a" 1}', 'invalid', 5],
  ['{"a":}', 'invalid', 5],
  ["{'a':1}", 'invalid', 1],
  ['{a:1}', 'invalid', 1],
  ['{"a":1 /* c */}', 'invalid', 7],
  ['{"a":NaN}', 'invalid', 5],
  ['{"a":Infinity}', 'invalid', 5],
  ['{"a":trve}', 'invalid', 7],
  ['{"a":01}', 'invalid', 6],
  ['{"a":+1}', 'invalid', 5],
  ['{"a":.5}', 'invalid', 5],
  ['{"a":1.}', 'invalid', 7],
  ['{"a":1e}', 'invalid', 7],
  ['{"a":-}', 'invalid', 6],
  ['{"a":0x1}', 'invalid', 6],
  ['{"a":"\\x"}', 'invalid', 7],
  ['{"a":"\\u12g4"}', 'invalid', 10],
  ['{"a":"\n"}', 'invalid', 6],
  ['{"a":"\u0000"}', 'invalid', 6],
  ['{"a":"b', 'invalid', 7],
  ['{"a":"b\\', 'invalid', 8],
  ['{"a":1]', 'invalid', 6],
  ['{"a":[1}', 'invalid', 7],
  ['{"a":1\u00a0}', 'invalid', 6],
  ['\ufeff\ufeff{}', 'invalid', 3],
] as const)('%j is %s at byte %d', (text, fault, at) => {
  expect(scan(text)).toEqual({ fault, at });
});

it.each([
  '{}',
  '{"a":"\\ud800"}',
  '{"a":"\\udc00\\ud800x"}',
  '{"a":-0.0E-00}',
  '{"a":1e400}',
  '{"a":9007199254740993}',
  '\ufeff {"a":"\u007f\u2028"}',
])('%s is an object', (text) => {
  expect(scan(text)).not.toHaveProperty('fault');
});

it.each([
  ['a cut character', Buffer.from([0x7b, 0x22, 0x61, 0xc3, 0x22, 0x3a, 0x31, 0x7d]), 3],
  ['an overlong character', Buffer.from('7b2261c0af223a317d', 'hex'), 3],
  ['a surrogate', Buffer.from('7b2261eda080223a317d', 'hex'), 3],
  ['a bad byte after a true U+FFFD', Buffer.concat([Buffer.from('{"\ufffd'), Buffer.from([0xff]), Buffer.from('":1}')]), 5],
  ['UTF-16', Buffer.from('\ufeff{}', 'utf16le'), 0],
])('bytes that are no UTF-8 are refused: %s', (_name, bytes, at) => {
  expect(scanObject(bytes, DEPTH_MAX)).toEqual({ fault: 'invalid', at });
});

it.each([
  ['objects', (depth: number) => nested('{"a":', '1', '}', depth), 5 * DEPTH_MAX],
  ['arrays', (depth: number) => `{"a":${nested('[', '', ']', depth - 1)}}`, 5 + DEPTH_MAX - 1],
])('%s nested to the limit pass, one deeper is too deep', (_name, text, at) => {
  expect(scan(text(DEPTH_MAX))).not.toHaveProperty('fault');
  expect(scan(text(DEPTH_MAX + 1))).toEqual({ fault: 'too_deep', at });
  expect(scan(text(100_000))).toEqual({ fault: 'too_deep', at });
});

it('reaches any depth that is allowed, without recursion', () => {
  expect(scan(nested('{"a":', '1', '}', 100_000), 100_000)).not.toHaveProperty('fault');
});

it('accepts exactly what JSON.parse accepts, and reads the same values', () => {
  const random = new SeededRandom(7);
  for (let round = 0; round < 20_000; round++) {
    const text = round % 2 === 0 ? objectText(random) : mutated(random, objectText(random));
    // Odd offsets into a larger buffer: the four-byte view must not mind.
    const bytes = Buffer.concat([Buffer.alloc(round % 5, '"'), Buffer.from(text)]).subarray(round % 5);
    const outcome = sorted(scanned(bytes));
    const agrees = (expected: unknown): boolean => JSON.stringify(outcome) === JSON.stringify(sorted(expected));
    if (!agrees(parsed(bytes)) && !agrees(literal(bytes))) throw new Error(`round ${round}: ${JSON.stringify(text)} is ${JSON.stringify(outcome)}`);
  }
});

it('finds a fault at any offset of a long string', () => {
  for (let at = 0; at < 300; at++) {
    const bytes = Buffer.from(`{"a":"${'x'.repeat(300)}"}`);
    bytes[6 + at] = at % 3 === 0 ? 0x1f : 0x0a;
    expect(scanObject(bytes, DEPTH_MAX)).toEqual({ fault: 'invalid', at: 6 + at });
  }
});

it('keeps no more than 1,024 names, and still sees a name that comes again', () => {
  const many = Array.from({ length: 50_000 }, (_, i) => `"k${i}":${i}`).join(',');
  const result = scan(`{"model":"a",${many},"model":"b"}`) as ObjectScan;
  expect(result.fields.size).toBe(1024);
  expect([...result.duplicates]).toEqual(['model']);
});

function objectText(random: SeededRandom): string {
  return (random.below(20) === 0 ? '\ufeff' : '') + space(random) + memberList(random, 0) + space(random);
}

function valueText(random: SeededRandom, depth: number): string {
  switch (random.below(depth > 4 ? 4 : 6)) {
    case 0:
      return stringText(random);
    case 1:
      return random.pick(['0', '-0', '1', '-12.50', '1e9', '3E-2', '0.1e+10', '9007199254740993']);
    case 2:
      return random.pick(['true', 'false', 'null']);
    case 3:
      return random.pick(['{}', '[]', '[ ]', '{ }']);
    case 4:
      return memberList(random, depth + 1);
    default:
      return `[${space(random)}${Array.from({ length: 1 + random.below(4) }, () => valueText(random, depth + 1)).join(`${space(random)},`)}]`;
  }
}

function memberList(random: SeededRandom, depth: number): string {
  const members = Array.from(
    { length: random.below(5) },
    () => `${space(random)}${stringText(random)}${space(random)}:${space(random)}${valueText(random, depth)}${space(random)}`,
  );
  return `{${members.join(',')}}`;
}

function stringText(random: SeededRandom): string {
  let text = '';
  for (let length = random.below(random.below(12) === 0 ? 400 : 6); length > 0; length--) {
    text += random.pick([
      'a',
      'b',
      'model',
      'é',
      '語',
      '\ud83d\ude00',
      '\\n',
      '\\"',
      '\\\\',
      '\\/',
      '\\u0041',
      '\\ud83d',
      '\\udE00',
      '\u007f',
      '{',
      ']',
    ]);
  }
  return `"${text}"`;
}

function space(random: SeededRandom): string {
  return random.pick(['', '', '', ' ', '\n', '\r\n\t']);
}

function mutated(random: SeededRandom, text: string): string {
  let result = text;
  for (let times = 1 + random.below(2); times > 0; times--) {
    const at = random.below(result.length + 1);
    const piece = random.pick([
      '"',
      '\\',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '0',
      '-',
      '.',
      'e',
      '\n',
      '\u0001',
      ' ',
      'u',
      'null',
      '/',
      '\ufeff',
      '\u00a0',
    ]);
    const cut = random.pick([0, 0, 1, 1, 2, result.length]);
    result = result.slice(0, at) + (random.below(3) === 0 ? '' : piece) + result.slice(at + cut);
  }
  return result;
}
