// A server that costs as little as it can: it answers every POST with bytes made beforehand. The first part of the path says how:
//   /json    a chat completion
//   /faulty  the same, but every tenth call is answered with 500
//   /stream  a stream of chunks: an event every 5 ms
//   /bursts  the same, all streams in the same moment
//   /idle    the same, but an event every 5 s, until the client leaves
//   /messages, /gemini                            as Anthropic and as Gemini answer
//   /even-stream, /messages-stream, /gemini-stream  streams whose events are all of one length
// It runs as a process of its own: `node upstream-process.ts PORT EVENTS`, on every address of loopback; EVENTS: how many bring the content of a stream.
import { createServer, type Socket } from 'node:net';
import {
  CHAT_ANSWER,
  CHAT_STREAM,
  EVENT_EVERY_MS,
  EVEN_CHAT_STREAM,
  FAULT_ANSWER,
  GEMINI_ANSWER,
  GEMINI_STREAM,
  MESSAGES_ANSWER,
  MESSAGES_STREAM,
  type StreamAnswer,
} from './answers.ts';
import { EventWheel } from './event-wheel.ts';

interface Pace {
  readonly everyMs: number;
  readonly events: number;
  readonly inStep?: boolean;
}

const [port, events] = process.argv.slice(2).map(Number);
let faultyCalls = 0;

const ANSWERS: Readonly<Record<string, (socket: Socket) => void>> = {
  json: (socket) => socket.write(CHAT_ANSWER),
  faulty: (socket) => socket.write(faultyCalls++ % 10 === 0 ? FAULT_ANSWER : CHAT_ANSWER),
  messages: (socket) => socket.write(MESSAGES_ANSWER),
  gemini: (socket) => socket.write(GEMINI_ANSWER),
  stream: streamed(CHAT_STREAM),
  bursts: streamed(CHAT_STREAM, { everyMs: EVENT_EVERY_MS, events: events ?? 0, inStep: true }),
  idle: streamed(CHAT_STREAM, { everyMs: 5_000, events: Infinity }),
  'even-stream': streamed(EVEN_CHAT_STREAM),
  'messages-stream': streamed(MESSAGES_STREAM),
  'gemini-stream': streamed(GEMINI_STREAM),
};

function streamed({ head, event, end }: StreamAnswer, pace: Pace = { everyMs: EVENT_EVERY_MS, events: events ?? 0 }): (socket: Socket) => void {
  const wheel = new EventWheel({ ...pace, event, end });
  return (socket) => {
    socket.write(head);
    wheel.add(socket);
  };
}

function serve(socket: Socket): void {
  let head = Buffer.alloc(0);
  let kind = '';
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
        kind = KIND.exec(text)?.[1] ?? '';
        bodyLeft = Number(LENGTH.exec(text)?.[1] ?? 0);
        chunk = all.subarray(end + 4);
      }
      const taken = Math.min(bodyLeft, chunk.length);
      bodyLeft -= taken;
      chunk = chunk.subarray(taken);
      if (bodyLeft > 0) return;
      bodyLeft = -1;
      (ANSWERS[kind] ?? nothingThere)(socket);
    }
  });
}

/** Ends what would be measured by mistake. */
function nothingThere(socket: Socket): void {
  socket.destroy();
}

const KIND = /^\S+ \/([^/?\s]+)/;
const LENGTH = /\r\ncontent-length: *(\d+)/i;

createServer(serve).listen({ port, host: '0.0.0.0', backlog: 4_096 });
