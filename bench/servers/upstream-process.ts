// A server that costs as little as it can: it answers every POST with bytes made beforehand. The first part of the path says how:
//   /json    a chat completion
//   /faulty  the same, but every tenth call is answered with 500
//   /stream  a stream: an event every 5 ms, 200 of them
//   /idle    a stream: an event every 5 s, until the client leaves
// It runs as a process of its own: `node upstream-process.ts PORT`, on every address of loopback.
import { createServer, type Socket } from 'node:net';
import { CHAT_ANSWER, FAULT_ANSWER, STREAM_END, STREAM_EVENT, STREAM_EVENTS, STREAM_HEAD } from './answers.ts';
import { EventWheel } from './event-wheel.ts';

const streams = new EventWheel({ everyMs: 5, events: STREAM_EVENTS, event: STREAM_EVENT, end: STREAM_END });
const idleStreams = new EventWheel({ everyMs: 5_000, events: Infinity, event: STREAM_EVENT, end: STREAM_END });
let faultyCalls = 0;

function answer(socket: Socket, path: string): void {
  if (path.startsWith('/json')) socket.write(CHAT_ANSWER);
  else if (path.startsWith('/faulty')) socket.write(faultyCalls++ % 10 === 0 ? FAULT_ANSWER : CHAT_ANSWER);
  else {
    socket.write(STREAM_HEAD);
    (path.startsWith('/idle') ? idleStreams : streams).add(socket);
  }
}

function serve(socket: Socket): void {
  let head = Buffer.alloc(0);
  let path = '';
  let bodyLeft = -1;
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (data) => {
    let chunk = data;
    while (chunk.length > 0) {
      if (bodyLeft < 0) {
        const all = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
        const end = all.indexOf('\r\n\r\n');
        if (end < 0) {
          head = all;
          return;
        }
        head = Buffer.alloc(0);
        const text = all.toString('latin1', 0, end);
        path = text.slice(text.indexOf(' ') + 1, text.indexOf(' HTTP/'));
        bodyLeft = Number(LENGTH.exec(text)?.[1] ?? 0);
        chunk = all.subarray(end + 4);
      }
      const taken = Math.min(bodyLeft, chunk.length);
      bodyLeft -= taken;
      chunk = chunk.subarray(taken);
      if (bodyLeft > 0) return;
      bodyLeft = -1;
      answer(socket, path);
    }
  });
}

const LENGTH = /\r\ncontent-length: *(\d+)/i;

createServer(serve).listen({ port: Number(process.argv[2]), host: '0.0.0.0', backlog: 4_096 });
