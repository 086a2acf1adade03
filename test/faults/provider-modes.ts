import type { FaultCall } from './fault-call.js';
import type { FaultMode } from './fault-mode.js';
import { chunks, errorBody, event, LAST_CHUNK, sendAnswer, sendGood, sendStream, STREAM_HEAD, streamEvents } from './wire.js';

/** What providers are known to do: refusals with a reason, and streams that go wrong at a given token. */
export const PROVIDER_MODES: readonly FaultMode[] = [
  {
    usage: 'too-long',
    what: 'the prompt is longer than the model’s window',
    play: (call) =>
      sendAnswer(
        call,
        errorBody('This model’s maximum context length is 8192 tokens.', 'invalid_request_error', 'context_length_exceeded', 'messages'),
        {},
        400,
      ),
  },
  {
    usage: 'content-policy',
    what: 'the prompt breaks the provider’s rules',
    play: (call) =>
      sendAnswer(
        call,
        errorBody('Your request was rejected as a result of our safety system.', 'invalid_request_error', 'content_policy_violation'),
        {},
        400,
      ),
  },
  {
    usage: 'no-prefill',
    what: 'refuses a conversation that ends with the assistant; else a good answer',
    play: (call) =>
      call.lastRole === 'assistant'
        ? sendAnswer(call, errorBody('The conversation must end with a user message.', 'invalid_request_error', null, 'messages'), {}, 400)
        : sendGood(call),
  },
  {
    usage: 'late-token:MS=4000',
    what: 'the head of a stream at once, its first event so much later',
    play: (call) => {
      call.write(STREAM_HEAD);
      call.after(call.number(0, 4_000), () => call.writeEach(chunks(streamEvents(call, 5)), 0, () => ended(call)));
    },
  },
  {
    usage: 'cut-at-token:N=40,OF=60',
    what: 'a stream of OF tokens whose connection is reset after N of them',
    play: (call) => {
      call.write(STREAM_HEAD);
      const events = streamEvents(call, call.number(1, 60)).slice(0, call.number(0, 40) + 1);
      call.writeEach(chunks(events), 2, () => call.after(FLUSH_MS, () => call.reset()));
    },
  },
  {
    usage: 'bad-event-at:N=10,OF=20',
    what: 'a stream of OF tokens whose Nth event is followed by one that is no JSON',
    play: (call) => {
      const events = streamEvents(call, call.number(1, 20));
      sendStream(call, events.toSpliced(call.number(0, 10) - 1, 0, event('{"choices":[{"delta":{"content":"bro')));
    },
  },
  {
    usage: 'open-without-done',
    what: 'every token, the finish and the usage, then neither [DONE] nor an end',
    play: (call) => {
      call.write(STREAM_HEAD);
      call.writeEach(chunks(streamEvents(call, 5).slice(0, -1)), 0, () => undefined);
    },
  },
];

const FLUSH_MS = 20;

function ended(call: FaultCall): void {
  call.write(LAST_CHUNK);
  call.done();
}
