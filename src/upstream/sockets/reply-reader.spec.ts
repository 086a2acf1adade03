import fc from 'fast-check';
import { HttpFault } from './http-fault.js';
import { ReplyReader } from './reply-reader.js';
import type { ReplyHead } from './reply-head.js';

interface Heard {
  readonly head: ReplyHead | undefined;
  readonly body: string;
  readonly ended: boolean;
  readonly fault: string | undefined;
  readonly idleMs: number;
}

/** What is heard of a reply that comes in these slices, each in a buffer that is overwritten afterwards. */
function heard(slices: readonly Buffer[], closes = false): Heard {
  let head: ReplyHead | undefined;
  const body: Buffer[] = [];
  let ended = false;
  let fault: string | undefined;
  const reader = new ReplyReader({
    replyHead: (told) => {
      expect([head, body, ended]).toEqual([undefined, [], false]);
      head = told;
    },
    replyData: (chunk) => {
      expect([head !== undefined, ended, chunk.length > 0]).toEqual([true, false, true]);
      body.push(chunk);
    },
    replyEnd: () => {
      expect(ended).toBe(false);
      ended = true;
    },
  });
  reader.expectReply();
  const shared = Buffer.alloc(64 * 1024, 'HTTP/1.1 200 STALE\r\n\r\n');
  try {
    for (const slice of slices) {
      slice.copy(shared);
      reader.read(shared, slice.length);
    }
    if (closes) reader.endByClose();
  } catch (error) {
    expect(error).toBeInstanceOf(HttpFault);
    fault = (error as Error).message;
  }
  return { head, body: Buffer.concat(body).toString('latin1'), ended, fault, idleMs: reader.idleMs };
}

const whole = (text: string, closes = false): Heard => heard([Buffer.from(text, 'latin1')], closes);
const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';

it('a body by its length, in chunks, and until the connection closes', () => {
  expect(whole('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Odd:\t a\xe9 \r\n\r\nhello')).toMatchObject({
    head: { status: 200, headers: { 'content-length': '5', 'x-odd': 'a\xe9' }, body: 5 },
    body: 'hello',
    ended: true,
    idleMs: 3_500,
  });
  expect(whole(`${CHUNKED}5;name="x"\r\nhello\r\n00A \r\n, world...\r\n0\r\nx-trailer: 1\r\n\r\n`)).toMatchObject({
    body: 'hello, world...',
    ended: true,
  });
  expect(whole('HTTP/1.1 200 OK\r\n\r\nhello')).toMatchObject({ body: 'hello', ended: false, idleMs: 0 });
  expect(whole('HTTP/1.1 200 OK\r\n\r\nhello', true)).toMatchObject({ body: 'hello', ended: true, idleMs: 0 });
});

it.each(['204 No Content', '304 Not Modified'])('%s has no body, whatever it announces', (status) => {
  expect(whole(`HTTP/1.1 ${status}\r\ncontent-length: 5\r\n\r\n`)).toMatchObject({ body: '', ended: true });
});

it.each([
  ['HTTP/1.1 200 OK\r\n', 3_500],
  ['HTTP/1.1 200 OK\r\nconnection: Close\r\n', 0],
  ['HTTP/1.1 200 OK\r\nconnection: x-other\r\nconnection: close\r\n', 0],
  ['HTTP/1.0 200 OK\r\n', 0],
  ['HTTP/1.0 200 OK\r\nconnection: keep-alive\r\n', 3_500],
  ['HTTP/1.1 200 OK\r\nkeep-alive: timeout=5, max=100\r\n', 3_000],
  ['HTTP/1.1 200 OK\r\nkeep-alive: timeout=1\r\n', 500],
  ['HTTP/1.1 200 OK\r\nkeep-alive: timeout=900\r\n', 30_000],
  ['HTTP/1.1 200 OK\r\nkeep-alive: timeout=0\r\n', 0],
])('%j lets the connection be idle for %i ms', (head, idleMs) => {
  expect(whole(`${head}content-length: 0\r\n\r\n`)).toMatchObject({ ended: true, idleMs });
});

it('a connection over which more came than was announced may not serve again', () => {
  expect(whole('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n')).toMatchObject({ body: 'ok', ended: true, idleMs: 0 });
  expect(whole('HTTP/1.1 204 OK\r\n\r\nx')).toMatchObject({ ended: true, idleMs: 0 });
  expect(whole(`${CHUNKED}0\r\n\r\nx`)).toMatchObject({ ended: true, idleMs: 0 });
});

describe('what could be read in two ways is not read', () => {
  it.each([
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nok'],
    ['a list of lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2, 2\r\n\r\nok'],
    ['a length with a sign', 'HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\nok'],
    ['an empty length', 'HTTP/1.1 200 OK\r\ncontent-length:\r\n\r\nok'],
    ['a length beyond all', `HTTP/1.1 200 OK\r\ncontent-length: ${'9'.repeat(16)}\r\n\r\nok`],
    ['length and chunks', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n'],
    ['chunks twice', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n'],
    ['compressed chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n'],
    ['a blank before the colon', 'HTTP/1.1 200 OK\r\ncontent-length : 2\r\n\r\nok'],
    ['a folded line', 'HTTP/1.1 200 OK\r\nx-a: 1\r\n content-length: 2\r\n\r\nok'],
    ['a line without a colon', 'HTTP/1.1 200 OK\r\ncontent-length\r\nx: 1\r\n\r\nok'],
    ['no name', 'HTTP/1.1 200 OK\r\n: 2\r\n\r\nok'],
    ['a bare line feed', 'HTTP/1.1 200 OK\r\nx-a: 1\ncontent-length: 2\r\n\r\nok'],
    ['a bare carriage return', 'HTTP/1.1 200 OK\r\nx-a: 1\rcontent-length: 2\r\n\r\nok'],
    ['a zero byte', 'HTTP/1.1 200 OK\r\nx-a: 1\0\r\n\r\nok'],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['no version', 'HTTP/1. 200 OK\r\n\r\n'],
    ['two blanks', 'HTTP/1.1  200 OK\r\n\r\n'],
    ['an unasked switch', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
    ['257 headers', `HTTP/1.1 200 OK\r\n${'a: 1\r\n'.repeat(257)}\r\n`],
    ['a head of more than 64 KiB', `HTTP/1.1 200 OK\r\na: ${'1'.repeat(65_537)}\r\n\r\n`],
    ['21 informational answers', `${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(21)}HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n`],
  ])('%s', (_what, text) => {
    const slices = text.length > 65_536 ? [text.slice(0, 40_000), text.slice(40_000)] : [text];
    expect(heard(slices.map((slice) => Buffer.from(slice, 'latin1')))).toMatchObject({
      head: undefined,
      ended: false,
      fault: expect.any(String) as unknown,
    });
  });

  it.each([
    ['no size', '\r\nok\r\n'],
    ['a sign', '+2\r\nok\r\n'],
    ['a prefix', '0x2\r\nok\r\n'],
    ['a size beyond all', '1000000000000\r\nok\r\n'],
    ['a bare line feed after the size', '2\nok\r\n'],
    ['a bare line feed in an extension', '2;a\nok\r\n'],
    ['more bytes than the size', '2\r\nokay\r\n'],
    ['a bare line feed after the bytes', '2\r\nok\n'],
    ['an extension without end', `2;${'a'.repeat(60_000)}`],
    ['trailers without end', `0\r\nx: ${'a'.repeat(60_000)}`],
  ])('chunks: %s', (_what, text) => {
    const more = Buffer.alloc(60_000, 'a');
    expect(heard([Buffer.from(CHUNKED), Buffer.from(text), more])).toMatchObject({
      ended: false,
      fault: 'The upstream sent less, or other, than it had announced.',
    });
  });

  it('bytes before the first that is wrong are told', () => {
    expect(whole(`${CHUNKED}2\r\nok\r\nx`)).toMatchObject({ body: 'ok', ended: false, fault: expect.any(String) as unknown });
  });
});

it.each(['RTSP/1.0 200 OK', 'ICY 200 OK', '220 mail', '\x15\x03\x01', 'HTTP/2', '{"error"'])(
  '%j is known for no HTTP before its first line has ended',
  (text) => {
    expect(whole(text).fault).toBe('The upstream sent something that is not HTTP.');
  },
);

it.each([['HTTP/1.1 200 OK\ncontent-length: 2\n\nok'], ['HTTP/1.1 200 OK\r', '\nx-a: 1\n'], ['HTTP/1.1 200 OK\r\nx-a: 1', '\n']])(
  'a head of bare line feeds is not waited for: %j',
  (...slices) => {
    expect(heard(slices.map((slice) => Buffer.from(slice))).fault).toBe('The upstream sent something that is not HTTP.');
  },
);

it.each([
  ['line feeds of its own', 'data: {"a":1}\n\ndata: [DONE]\n\n'],
  ['as much as one read brings', 'x'.repeat(64 * 1024)],
])('wherever a head is cut, what follows it in the same read is body: %s', (_what, body) => {
  const head = `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`;
  for (let cut = 1; cut < head.length; cut++) {
    const bytes = Buffer.from(head + body);
    const second = bytes.subarray(cut, cut + 64 * 1024);
    expect(heard([bytes.subarray(0, cut), second, bytes.subarray(cut + second.length)].filter(({ length }) => length > 0))).toMatchObject({
      body,
      ended: true,
      fault: undefined,
    });
  }
});

it('the same is heard however a reply is sliced', () => {
  const piece = fc.oneof(fc.string({ minLength: 1, maxLength: 40 }), fc.constantFrom('\n', 'data: x\n\n', '\r\n\r\n', 'HTTP/1.1 200 OK\r\n'));
  const pieces = fc.array(piece, { maxLength: 6 });
  const framings = fc.constantFrom<(body: string[]) => string>(
    (body) => `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body.join(''))}\r\n\r\n${body.join('')}`,
    (body) => `HTTP/1.1 200 OK\r\n\r\n${body.join('')}`,
    (body) => `${CHUNKED}${body.map((piece) => `${Buffer.byteLength(piece).toString(16)}\r\n${piece}\r\n`).join('')}0\r\na: b\r\n\r\n`,
    (body) => `\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nlink: a\r\n\r\nHTTP/1.1 500 No\r\ncontent-length: 3\r\n\r\n${body.join('')}abc`,
  );
  fc.assert(
    fc.property(pieces, framings, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 40 }), (body, framed, sizes) => {
      const bytes = Buffer.from(framed(body));
      const slices: Buffer[] = [];
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const to = at + (sizes[turn % sizes.length] ?? 1);
        slices.push(bytes.subarray(at, to));
        at = to;
      }
      const { idleMs: _sliced, ...told } = heard(slices, true);
      const { idleMs: _whole, ...expected } = heard([bytes], true);
      expect(told).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

it('nothing more is told once the listener has stopped it', () => {
  const told: string[] = [];
  const reader: ReplyReader = new ReplyReader({
    replyHead: () => (told.push('head'), reader.stop()),
    replyData: () => void told.push('data'),
    replyEnd: () => void told.push('end'),
  });
  for (const body of [
    'content-length: 0\r\n\r\n',
    'content-length: 2\r\n\r\nok',
    'transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    '\r\nok',
  ]) {
    reader.expectReply();
    const bytes = Buffer.from(`HTTP/1.1 200 OK\r\n${body}`);
    reader.read(bytes, bytes.length);
    reader.endByClose();
  }
  expect(told).toEqual(['head', 'head', 'head', 'head']);
});
