import { performance } from 'node:perf_hooks';
import { SeededRandom } from '../../test/doubles/seeded-random.js';
import { SseReader } from './sse-reader.js';

interface Seen {
  readonly bytes: string;
  readonly name: string;
  readonly data: string | undefined;
  readonly isComment: boolean;
}

const BYTES_MAX = 1024 * 1024;

function read(stream: Buffer, sizes: () => number, reader = new SseReader(BYTES_MAX)): Seen[] {
  const seen: Seen[] = [];
  for (let at = 0; at < stream.length;) {
    const size = Math.max(1, sizes());
    // A chunk's memory may be used again by its owner: what was kept of it must be a copy.
    const chunk = Buffer.from(stream.subarray(at, at + size));
    at += size;
    reader.take(chunk);
    while (reader.next()) {
      const { start, end, name, isComment, hasData, dataStart, dataEnd } = reader;
      const data = hasData ? reader.data() : undefined;
      if (dataStart !== undefined) expect(reader.bytes.toString('utf8', dataStart, dataEnd)).toBe(data);
      seen.push({ bytes: reader.bytes.toString('utf8', start, end), name, data, isComment });
    }
    chunk.fill(0x21);
  }
  return seen;
}

const whole = (text: string): Seen[] => read(Buffer.from(text), () => Infinity);
const dataOf = (seen: readonly Seen[]): (string | undefined)[] => seen.flatMap(({ data }) => (data === undefined ? [] : [data]));

const STREAM = [
  '\ufeffdata: {"a":"語😀"}\n\n',
  ': a comment\n\n',
  'data:no space\r\n\r\n',
  'event: error\rid: 7\rretry: 10\rdata:  two blanks\r\r',
  'data: first\ndata: second\ndata\ndata:\n\n',
  'data: x\n: inside\nfoo: bar\ndatax: y\n\n',
  'event: alone\n\n',
  '\n',
  `data: ${'z'.repeat(200)}\r\n\r\n`,
  'data: [DONE]\n\n',
].join('');

it('tells events, their names, data and comments in every spelling of lines', () => {
  expect(whole(STREAM).filter(({ bytes }) => bytes.trim() !== '')).toEqual([
    { bytes: 'data: {"a":"語😀"}\n\n', name: '', data: '{"a":"語😀"}', isComment: false },
    { bytes: ': a comment\n', name: '', data: undefined, isComment: true },
    { bytes: 'data:no space\r\n\r\n', name: '', data: 'no space', isComment: false },
    { bytes: 'event: error\rid: 7\rretry: 10\rdata:  two blanks\r\r', name: 'error', data: ' two blanks', isComment: false },
    { bytes: 'data: first\ndata: second\ndata\ndata:\n\n', name: '', data: 'first\nsecond\n\n', isComment: false },
    { bytes: 'data: x\n: inside\nfoo: bar\ndatax: y\n\n', name: '', data: 'x', isComment: false },
    { bytes: 'event: alone\n\n', name: 'alone', data: undefined, isComment: false },
    { bytes: `data: ${'z'.repeat(200)}\r\n\r\n`, name: '', data: 'z'.repeat(200), isComment: false },
    { bytes: 'data: [DONE]\n\n', name: '', data: '[DONE]', isComment: false },
  ]);
});

it('the spans of the events are the whole stream, in order, but for a byte order mark', () => {
  const random = new SeededRandom(3);
  for (let round = 0; round < 300; round++) {
    const seen = read(Buffer.from(STREAM), () => 1 + random.below(round % 2 === 0 ? 4 : 90));
    expect(seen.map(({ bytes }) => bytes).join('')).toBe(STREAM.slice(1));
  }
});

it.each([1, 2, 3, 5, 7, 64])('slices of %d bytes mean the same', (size) => {
  const meant = (seen: Seen[]): Omit<Seen, 'bytes'>[] =>
    seen.filter(({ bytes }) => bytes.trim() !== '').map(({ name, data, isComment }) => ({ name, data, isComment }));
  expect(meant(read(Buffer.from(STREAM), () => size))).toEqual(meant(whole(STREAM)));
});

it('a comment is told as soon as its line has ended', () => {
  expect(whole(': ping\n')).toEqual([{ bytes: ': ping\n', name: '', data: undefined, isComment: true }]);
});

it('an event is told with the last byte of its blank line, and never before', () => {
  const reader = new SseReader(BYTES_MAX);
  expect(read(Buffer.from('data: 1\n'), () => Infinity, reader)).toEqual([]);
  expect(dataOf(read(Buffer.from('\r'), () => 1, reader))).toEqual(['1']);
  expect(read(Buffer.from('\n'), () => 1, reader)).toEqual([{ bytes: '\n', name: '', data: undefined, isComment: false }]);
});

it('a chunk of whole events is the very buffer that they lie in, and is let go with the last of them', () => {
  const reader = new SseReader(BYTES_MAX);
  const chunk = Buffer.from('data: 1\n\ndata: 2\n\n');
  for (let round = 0; round < 2; round++) {
    reader.take(chunk);
    let end = 0;
    while (reader.next()) {
      expect(reader.bytes).toBe(chunk);
      end = reader.end;
    }
    expect(end).toBe(chunk.length);
    expect(reader.bytes).toHaveLength(0);
  }
});

it.each([
  ['at the limit passes', 100, false],
  ['one byte over is reported', 101, true],
])('an event %s, in one piece and in slices', (_name, length, isOver) => {
  const event = Buffer.from(`data: ${'x'.repeat(length - 8)}\n\n`);
  for (const size of [1, 7, Infinity]) {
    const reader = new SseReader(100);
    expect(read(event, () => size, reader)).toHaveLength(isOver ? 0 : 1);
    expect(reader.isOverLimit).toBe(isOver);
    expect(read(Buffer.from('data: y\n\n'), () => size, reader)).toHaveLength(isOver ? 0 : 1);
  }
});

it('a line without an end is given up at the limit, and no more of it is kept', () => {
  const reader = new SseReader(4096);
  for (let round = 0; round < 1000; round++) {
    reader.take(Buffer.alloc(1000, 'x'));
    expect(reader.next()).toBe(false);
  }
  expect(reader.isOverLimit).toBe(true);
  expect(reader.bytes.length).toBeLessThan(8192);
});

it('what was told is not kept, though no chunk ever ends with an event', () => {
  const reader = new SseReader(4096);
  for (let round = 0; round < 2_000; round++) {
    reader.take(Buffer.from(round === 0 ? 'data: 1\n\ndata:' : ' 2\n\ndata: 3\n\ndata:'));
    while (reader.next());
    expect(reader.bytes.length).toBeLessThan(64);
  }
});

it.each([1, 97])('900 KB in slices of %d bytes take linear time', (size) => {
  const stream = Buffer.from(`data: ${'é'.repeat(450_000)}\n\n`);
  const reader = new SseReader(BYTES_MAX);
  const before = performance.now();
  let events = 0;
  for (let at = 0; at < stream.length; at += size) {
    reader.take(stream.subarray(at, at + size));
    while (reader.next()) events += 1;
  }
  expect(events).toBe(1);
  expect(performance.now() - before).toBeLessThan(2_000);
});

it('many short lines in one chunk take linear time, whichever way they end', () => {
  for (const end of ['\n', '\r', '\r\n']) {
    const chunk = Buffer.from(`data: ${'x'.repeat(60)}${end}${end}`.repeat(30_000));
    const before = performance.now();
    const reader = new SseReader(BYTES_MAX);
    let events = 0;
    reader.take(chunk);
    while (reader.next()) events += 1;
    expect(events).toBe(30_000);
    expect(performance.now() - before).toBeLessThan(500);
  }
});
