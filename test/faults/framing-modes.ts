import type { FaultMode } from './fault-mode.js';
import { answerOf, chunk, head, sendAnswer, sendGood } from './wire.js';

/** What HTTP forbids, allows to no end, or leaves to chance. */
export const FRAMING_MODES: readonly FaultMode[] = [
  {
    usage: 'garbage:letters|nul|tls|http09|rtsp|icy|h2|smtp',
    what: 'something that is not HTTP',
    play: (call) => {
      const kind = (call.args[0] ?? 'letters') as keyof typeof GARBAGE;
      const bytes = GARBAGE[kind] ?? GARBAGE.letters;
      call.writeEach(kind === 'letters' ? endlessly(bytes) : [bytes], 0, () => undefined);
    },
  },
  {
    usage: 'header-bomb:big|many|line|odd-names',
    what: 'a head of 1 MB, of 20,000 headers, with an endless status line; or names that hurt objects',
    play: (call) => {
      const kind = call.args[0] ?? 'big';
      if (kind === 'big') return sendAnswer(call, answerOf(call), { 'x-bomb': 'a'.repeat(1_000_000) });
      if (kind === 'many')
        return sendAnswer(call, answerOf(call), Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`a${index.toString(36)}`, ''])));
      if (kind === 'odd-names')
        return sendAnswer(call, answerOf(call), { ['__proto__']: 'polluted', constructor: 'polluted', prototype: 'polluted', toString: 'polluted' });
      call.write('HTTP/1.1 200 ');
      call.writeEach(endlessly(Buffer.alloc(65_536, 'A')), 0, () => undefined);
    },
  },
  {
    usage: 'informational:N=1,NNN=103',
    what: 'N informational answers, then a good one',
    play: (call) => {
      const code = call.args[1] ?? '103';
      for (let count = call.number(0, 1); count > 0; count--) call.write(head(code, code === '103' ? { link: '</a>; rel=preload' } : {}));
      sendGood(call);
    },
  },
  {
    usage: 'upgrade:plain|headers',
    what: 'an unasked 101',
    play: (call) => {
      call.write(head(101, call.args[0] === 'headers' ? { connection: 'upgrade', upgrade: 'websocket' } : {}));
      sendGood(call);
    },
  },
  {
    usage: 'raw-status:TEXT',
    what: 'a good answer with this for a status',
    play: (call) => sendAnswer(call, answerOf(call), {}, call.args[0] ?? '000'),
  },
  {
    usage: 'cl-shorter:BYTES=10',
    what: 'a body longer than its Content-Length',
    play: (call) => {
      const answer = answerOf(call);
      call.write(head(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) - call.number(0, 10) }) + answer);
      call.done();
    },
  },
  {
    usage: 'two-cl',
    what: 'two lengths',
    play: (call) => {
      const answer = answerOf(call);
      call.write(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${answer.length}\r\ncontent-length: 5\r\n\r\n${answer}`);
      call.done();
    },
  },
  {
    usage: 'cl-and-te',
    what: 'a length, and chunked',
    play: (call) => {
      const answer = answerOf(call);
      call.write(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${answer.length}\r\ntransfer-encoding: chunked\r\n\r\n`);
      call.write(chunk(answer));
      call.write('0\r\n\r\n');
      call.done();
    },
  },
  {
    usage: 'bad-chunk',
    what: 'a chunk whose size is no number',
    play: (call) => {
      call.write(`${head(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' })}zz\r\n${answerOf(call)}\r\n0\r\n\r\n`);
      call.done();
    },
  },
  {
    usage: 'trailers:length|plain|encoding',
    what: 'a good answer with trailers that look like headers',
    play: (call) => {
      call.write(head(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked', trailer: 'authorization, set-cookie' }));
      call.write(chunk(answerOf(call)));
      const last = { length: 'content-length: 3', plain: 'x-last: 1', encoding: 'transfer-encoding: gzip' }[call.args[0] ?? 'length'] ?? 'x: y';
      call.write(`0\r\nauthorization: Bearer canary\r\nset-cookie: session=canary\r\n${last}\r\n\r\n`);
      call.done();
    },
  },
  {
    usage: 'unasked:MS=1',
    what: 'a good answer, and so much later a second one that nobody asked for (0: in the same segment)',
    play: (call) => {
      const answer = answerOf(call);
      const second = answerOf(call, 'UNASKED');
      const bytes = (text: string): string => head(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }) + text;
      const ms = call.number(0, 1);
      call.write(ms === 0 ? bytes(answer) + bytes(second) : bytes(answer));
      call.done();
      if (ms > 0) call.after(ms, () => call.write(bytes(second)));
    },
  },
];

const GARBAGE = {
  letters: Buffer.alloc(65_536, 'A'),
  nul: Buffer.alloc(1_024),
  tls: Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28]),
  http09: Buffer.from('<html>hello</html>'),
  rtsp: Buffer.from('RTSP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}'),
  icy: Buffer.from('ICY 200 OK\r\ncontent-length: 2\r\n\r\n{}'),
  h2: Buffer.from([0, 0, 18, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 128, 0, 4, 0, 1, 0, 0, 0, 5, 0, 255, 255, 255]),
  smtp: Buffer.from('220 mail ESMTP\r\n'),
};

/** Up to 1 GiB, should anybody read it. */
function* endlessly(piece: Buffer): Iterable<Buffer> {
  for (let sent = 0; sent < 2 ** 30; sent += piece.length) yield piece;
}
