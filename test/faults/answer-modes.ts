import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { FaultCall } from './fault-call.js';
import type { FaultMode } from './fault-mode.js';
import { answerOf, chunk, errorBody, head, LAST_CHUNK, sendAnswer, sendGood, sendStream, streamEvents } from './wire.js';

/** Whole answers, good and odd ones. */
export const ANSWER_MODES: readonly FaultMode[] = [
  { usage: 'ok', what: 'a good answer, a stream where one is asked for', play: (call) => sendGood(call) },
  {
    usage: 'ok-stream:N=20,GAP_MS=0',
    what: 'a good stream of N tokens',
    play: (call) => sendStream(call, streamEvents(call, call.number(0, 20)), call.number(1, 0)),
  },
  { usage: 'slow:MS=1000', what: 'nothing for so long, then a good answer', play: (call) => call.after(call.number(0, 1000), () => sendGood(call)) },
  {
    usage: 'brown-out:PERCENT=30,MS=5000',
    what: 'so many calls of a hundred wait so long, the others are answered well at once',
    play: (call) => call.after((call.before * 37 + 50) % 100 < call.number(0, 30) ? call.number(1, 5_000) : 0, () => sendGood(call)),
  },
  { usage: 'hang', what: 'takes the request and never answers', play: () => undefined },
  {
    usage: 'status:NNN,retry-after=S,json|html|empty|openai-key',
    what: 'this status',
    play: status,
  },
  {
    usage: 'flaky:N=1,NNN=503,RETRY_AFTER',
    what: 'fails N times, then answers well',
    play: (call) => (call.before < call.number(0, 1) ? failWith(call, call.number(1, 503)) : sendGood(call)),
  },
  {
    usage: 'redirect:NNN=302,canary|same|slashes|file',
    what: 'sends elsewhere; whoever follows is in the ledger as __canary',
    play: (call) => {
      const where = {
        canary: `${call.origin}/__canary`,
        same: '/__canary',
        slashes: `//${call.origin.slice(7)}/__canary`,
        file: 'file:///etc/hostname',
      };
      const location = where[(call.args[1] ?? 'canary') as keyof typeof where];
      sendAnswer(call, '', { location }, call.number(0, 302));
    },
  },
  {
    usage: 'echo-digest',
    what: 'the SHA-256 of the body that came, as the content',
    play: (call) => sendAnswer(call, answerOf(call, call.entry.bodySha256)),
  },
  {
    usage: 'usage:IN=7,OUT=5',
    what: 'a good answer with this usage',
    play: (call) => sendAnswer(call, answerOf(call, 'counted', { input: call.number(0, 7), output: call.number(1, 5) })),
  },
  {
    usage: 'big-body:BYTES=1048576',
    what: 'a good answer whose content has so many bytes',
    play: (call) => {
      const [before = '', after = ''] = answerOf(call, '\u0000').split('\\u0000');
      const size = call.number(0, 1_048_576);
      call.write(head(200, { 'content-type': 'application/json', 'content-length': before.length + size + after.length }) + before);
      call.writeEach(pieces(size), 0, () => {
        call.write(after);
        call.done();
      });
    },
  },
  {
    usage: 'encoded:gzip|br|label|twice|transfer,BYTES=1000',
    what: 'compressed though not asked to; label: only called so; transfer: by Transfer-Encoding',
    play: encoded,
  },
  {
    usage: 'rubbish:empty|html|null|list|brace|no-choices|error',
    what: '200 with a body that is no answer',
    play: (call) => sendAnswer(call, RUBBISH[(call.args[0] ?? 'empty') as keyof typeof RUBBISH] ?? ''),
  },
  {
    usage: 'leaky',
    what: 'a good answer with headers that are nobody else’s business',
    play: (call) =>
      sendAnswer(call, answerOf(call), {
        'set-cookie': 'session=canary',
        server: 'canary',
        via: '1.1 canary',
        'x-ratelimit-limit-requests': '1',
        'alt-svc': 'h3=":443"',
        'strict-transport-security': 'max-age=1',
        'access-control-allow-origin': '*',
        connection: 'x-secret',
        'x-secret': 'canary',
      }),
  },
  {
    usage: 'wrong-mode',
    what: 'one JSON answer where a stream is asked for, a stream where not',
    play: (call) => (call.streams ? sendAnswer(call, answerOf(call)) : sendStream(call, streamEvents(call, 5))),
  },
];

const RUBBISH = {
  empty: '',
  html: '<html><body>It works!</body></html>',
  null: 'null',
  list: '[]',
  brace: '{',
  'no-choices': '{"object":"chat.completion"}',
  error: '{"object":"error","message":"CUDA out of memory","type":"InternalServerError","code":500}',
};

function status(call: FaultCall): void {
  const [code = '500', ...options] = call.args;
  const retryAfter = options.find((option) => option.startsWith('retry-after='))?.slice('retry-after='.length);
  const headers = retryAfter === undefined ? {} : { 'retry-after': decodeURIComponent(retryAfter) };
  if (options.includes('empty')) return sendAnswer(call, '', headers, code);
  if (options.includes('html')) return sendAnswer(call, `<html><h1>${code}</h1></html>`, { 'content-type': 'text/html', ...headers }, code);
  const body = options.includes('openai-key')
    ? errorBody('Incorrect API key provided: sk-CANARY0123456789.', 'invalid_request_error', 'invalid_api_key')
    : errorBody(`status ${code}`, Number(code) < 500 ? 'invalid_request_error' : 'server_error', null, Number(code) < 500 ? 'messages' : null);
  sendAnswer(call, body, headers, code);
}

function encoded(call: FaultCall): void {
  const plain = Buffer.from(answerOf(call, 'z'.repeat(call.number(1, 1_000))));
  switch (call.args[0] ?? 'gzip') {
    case 'label':
      return sendAnswer(call, plain, { 'content-encoding': 'gzip' });
    case 'br':
      return sendAnswer(call, brotliCompressSync(plain), { 'content-encoding': 'br' });
    case 'twice':
      return sendAnswer(call, gzipSync(gzipSync(plain)), { 'content-encoding': 'gzip, gzip' });
    case 'transfer':
      call.write(head(200, { 'content-type': 'application/json', 'transfer-encoding': 'gzip, chunked' }));
      call.write(Buffer.concat([chunk(gzipSync(plain)), Buffer.from(LAST_CHUNK)]));
      return call.done();
    default:
      return sendAnswer(call, gzipSync(plain), { 'content-encoding': 'gzip' });
  }
}

function failWith(call: FaultCall, code: number): void {
  const [, , retryAfter] = call.args;
  sendAnswer(call, errorBody('not yet', 'server_error'), retryAfter === undefined ? {} : { 'retry-after': retryAfter }, code);
}

function* pieces(size: number): Iterable<string> {
  const piece = 'z'.repeat(65_536);
  for (let left = size; left > 0; left -= piece.length) yield left < piece.length ? piece.slice(0, left) : piece;
}
