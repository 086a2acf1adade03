import type { FaultCall } from './fault-call.js';
import type { FaultMode } from './fault-mode.js';
import { answerOf, chunks, head, sendGood, STREAM_HEAD, streamEvents } from './wire.js';

/** Connections that break, at every point of a reply, and such that fall silent. */
export const CUT_MODES: readonly FaultMode[] = [
  { usage: 'reset', what: 'RST before any byte', play: (call) => call.reset() },
  { usage: 'fin', what: 'FIN before any byte', play: (call) => call.close() },
  {
    usage: 'reset-head:BYTES=20',
    what: 'RST within the head',
    play: (call) => {
      call.write(STREAM_HEAD.slice(0, call.number(0, 20)));
      call.after(FLUSH_MS, () => call.reset());
    },
  },
  {
    usage: 'fin-head:BYTES=20',
    what: 'FIN within the head',
    play: (call) => {
      call.write(STREAM_HEAD.slice(0, call.number(0, 20)));
      call.close();
    },
  },
  {
    usage: 'reset-after:BYTES=300,chunked|length|close',
    what: 'RST after so many bytes of the body; close: of a body that ends with its connection',
    play: (call) => {
      const bytes = body(call, call.args[1] ?? 'chunked');
      call.write(bytes.head);
      call.write(bytes.body.subarray(0, call.number(0, 300)));
      call.after(FLUSH_MS, () => call.reset());
    },
  },
  {
    usage: 'fin-after:BYTES=300,chunked|length|close',
    what: 'FIN after so many bytes of the body',
    play: (call) => {
      const bytes = body(call, call.args[1] ?? 'chunked');
      call.write(bytes.head);
      call.write(bytes.body.subarray(0, call.number(0, 300)));
      call.close();
    },
  },
  {
    usage: 'truncated',
    what: 'a whole answer, announced as longer, then FIN',
    play: (call) => {
      const answer = answerOf(call);
      call.write(head(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) + 10 }) + answer);
      call.close();
    },
  },
  {
    usage: 'stall-after:N=5',
    what: 'N tokens of a stream, then silence',
    play: (call) => {
      call.write(STREAM_HEAD);
      call.writeEach(chunks(streamEvents(call, 1_000).slice(0, call.number(0, 5) + 1)), 0, () => undefined);
    },
  },
  { usage: 'stall-head', what: 'half a head, then silence', play: (call) => void call.write(STREAM_HEAD.slice(0, 20)) },
  {
    usage: 'keep-alive-close:MS=1000',
    what: 'a good answer; the connection is closed when idle for so long',
    play: (call) => idle(call, call.number(0, 1_000)),
  },
  { usage: 'close-after', what: 'a good answer that does not tell that its connection is closed right after it', play: (call) => idle(call, 0) },
  {
    usage: 'no-keep-alive',
    what: 'a good answer with `Connection: close`',
    play: (call) => {
      const answer = answerOf(call);
      call.write(head(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer), connection: 'close' }) + answer);
      call.close();
    },
  },
  {
    usage: 'early:NNN=413',
    what: 'a refusal with `Connection: close`, and the connection closed at once',
    play: (call) => {
      call.write(head(call.number(0, 413), { 'content-length': 0, connection: 'close' }));
      call.close();
    },
  },
];

/** Time for bytes to be read before a reset throws them away. */
const FLUSH_MS = 20;

function idle(call: FaultCall, ms: number): void {
  sendGood(call);
  call.after(ms, () => {
    if (!call.isFollowed) call.close();
  });
}

function body(call: FaultCall, framing: string): { readonly head: string; readonly body: Buffer } {
  const events = call.streams ? streamEvents(call, 1_000) : [answerOf(call, 'x'.repeat(4_000))];
  const type = call.streams ? 'text/event-stream' : 'application/json';
  if (framing === 'chunked')
    return { head: head(200, { 'content-type': type, 'transfer-encoding': 'chunked' }), body: Buffer.concat([...chunks(events)]) };
  const bytes = Buffer.from(events.join(''));
  const length = framing === 'length' ? { 'content-length': bytes.length } : { connection: 'close' };
  return { head: head(200, { 'content-type': type, ...length }), body: bytes };
}
