import type { FaultCall } from './fault-call.js';
import type { FaultMode } from './fault-mode.js';
import { chunk, chunks, delta, errorBody, event, LAST_CHUNK, sendStream, STREAM_HEAD, streamEvents, tokenEvents } from './wire.js';

/** Of two, three and four bytes, and one put together. */
export const WIDE_LETTERS = 'ä한🦊👩\u200d🚀';

/** Streams: dialects of server-sent events, and the ways in which they go wrong. */
export const STREAM_MODES: readonly FaultMode[] = [
  {
    usage: 'endless:GAP_MS=5,BYTES=6',
    what: 'tokens of so many bytes for ever',
    play: (call) => {
      call.write(STREAM_HEAD);
      call.writeEach(
        chunks(forEver(event(delta(call, { content: 'again '.repeat(Math.ceil(call.number(1, 6) / 6)) })))),
        call.number(0, 5),
        () => undefined,
      );
    },
  },
  {
    usage: 'silent-pings:GAP_MS=100',
    what: 'comments for ever',
    play: (call) => {
      call.write(STREAM_HEAD);
      call.writeEach(chunks(forEver(': ping\n\n')), call.number(0, 100), () => undefined);
    },
  },
  { usage: 'sse:crlf|cr|bom|multi|comments|no-space|named', what: 'a good stream in this dialect', play: (call) => sendStream(call, dialect(call)) },
  {
    usage: 'big-event:BYTES=900000',
    what: 'one event of so many bytes in a good stream',
    play: (call) => {
      const [role = '', ...rest] = streamEvents(call, 2);
      sendStream(call, [role, event(delta(call, { content: 'b'.repeat(call.number(0, 900_000)) })), ...rest]);
    },
  },
  {
    usage: 'no-newline:BYTES=4194304',
    what: 'an event that does not end',
    play: (call) => sendStream(call, ['data: ', ...Array<string>(Math.ceil(call.number(0, 4_194_304) / 65_536)).fill('n'.repeat(65_536))]),
  },
  {
    usage: 'sliced:BYTES=1,GAP_MS=0',
    what: 'a good stream with letters of two to four bytes, so many bytes to a write, across chunks, events and letters',
    play: (call) => {
      const events = streamEvents(call, 5).toSpliced(6, 0, event(delta(call, { content: WIDE_LETTERS })));
      const bytes = Buffer.concat([Buffer.from(STREAM_HEAD), ...chunks(events), Buffer.from(LAST_CHUNK)]);
      const size = call.number(0, 1);
      const slices = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
      call.writeEach(slices, call.number(1, 0), () => call.done());
    },
  },
  {
    usage: 'bad-json-event:N=1',
    what: 'N events that are no JSON among good ones',
    play: (call) => {
      const events = streamEvents(call, 4);
      sendStream(call, [...events.slice(0, 3), ...Array<string>(call.number(0, 1)).fill(event('{"choices":[')), ...events.slice(3)]);
    },
  },
  {
    usage: 'error-event:before|after,openai|vllm|named',
    what: 'an error as an event, before or after the first content',
    play: (call) => {
      const kind = call.args[1] ?? 'openai';
      const vllm = '{"object":"error","message":"engine died","type":"InternalServerError","param":null,"code":500}';
      const openai = errorBody('The server had an error.', 'server_error');
      const failed = kind === 'named' ? `event: error\n${event(openai)}` : event(kind === 'vllm' ? vllm : openai);
      sendStream(call, call.args[0] === 'after' ? [...streamEvents(call, 3).slice(0, 3), failed] : [failed]);
    },
  },
  { usage: 'no-done', what: 'a complete stream without [DONE]', play: (call) => sendStream(call, streamEvents(call, 5).slice(0, -1)) },
  {
    usage: 'no-finish',
    what: 'ends after some tokens, with neither finish_reason nor [DONE]',
    play: (call) => sendStream(call, streamEvents(call, 5).slice(0, 4)),
  },
  {
    usage: 'after-done',
    what: 'more events after [DONE]',
    play: (call) => sendStream(call, [...streamEvents(call, 3), event(delta(call, { content: 'too late' }))]),
  },
  {
    usage: 'open-after-done',
    what: 'a complete stream whose connection stays silent instead of ending',
    play: (call) => {
      call.write(STREAM_HEAD);
      call.writeEach(chunks(streamEvents(call, 5)), 0, () => undefined);
    },
  },
  {
    usage: 'burst:N=1000',
    what: 'N tokens in one write',
    play: (call) => {
      call.write(
        Buffer.concat([Buffer.from(STREAM_HEAD), chunk(tokenEvents(call, call.number(0, 1_000)).join('')), ...chunks(streamEvents(call, 0))]),
      );
      call.write(LAST_CHUNK);
      call.done();
    },
  },
];

function dialect(call: FaultCall): string[] {
  const events = streamEvents(call, 5);
  switch (call.args[0] ?? 'crlf') {
    case 'crlf':
      return events.map((one) => one.replaceAll('\n', '\r\n'));
    case 'cr':
      return events.map((one) => one.replaceAll('\n', '\r'));
    case 'bom':
      return [`\uFEFF${events[0]}`, ...events.slice(1)];
    case 'multi':
      return events.map((one) => one.replace('{', '{\ndata: '));
    case 'comments':
      return events.map((one) => `: comment\n${one}:\n\n`);
    case 'no-space':
      return events.map((one) => one.replace('data: ', 'data:'));
    case 'named':
      return events.map((one, index) => `event: message\nid: ${index}\nretry: 1000\n${one}`);
    default:
      return events;
  }
}

function* forEver(one: string): Iterable<string> {
  for (let count = 0; count < 10_000_000; count++) yield one;
}
