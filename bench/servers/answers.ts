/** How a stream looks on its wire. `head`: with what comes before its content; `event` comes again and again. */
export interface StreamAnswer {
  readonly head: Buffer;
  readonly event: Buffer;
  readonly end: Buffer;
}

/** Between the events of a stream. */
export const EVENT_EVERY_MS = 5;
/** What follows the content of a stream of chunks: the last chunk, usage, `[DONE]`. */
export const EVENTS_AFTER_CONTENT = 3;

const TEXT = 'The capital of France is Paris. About 2.1 million people live in the city, and 13 million in its region.';
const FACTS = { id: 'chatcmpl-bench0000000000000000000001', created: 1_790_000_000, model: 'bench-model', system_fingerprint: 'fp_bench' };
const USAGE = { prompt_tokens: 38, completion_tokens: 29, total_tokens: 67 };
/** Where wires are compared, their content comes in events of this many bytes: reading and writing is compared, not length. */
const CONTENT_EVENT_BYTES = 300;

export const CHAT_ANSWER = answer(200, {
  ...FACTS,
  object: 'chat.completion',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: TEXT, refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: USAGE,
});

export const FAULT_ANSWER = answer(500, { error: { message: 'The server had an error.', type: 'server_error', param: null, code: null } });

export const MESSAGES_ANSWER = answer(200, {
  ...message([{ type: 'text', text: TEXT }], 'end_turn'),
  usage: { input_tokens: USAGE.prompt_tokens, output_tokens: USAGE.completion_tokens },
});

export const GEMINI_ANSWER = answer(200, generated(TEXT, 'STOP'));

const STREAM_HEAD = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\nx-accel-buffering: no\r\ntransfer-encoding: chunked\r\n\r\n',
);
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

export const CHAT_STREAM: StreamAnswer = {
  head: STREAM_HEAD,
  event: httpChunk(contentChunk(' Paris')),
  end: Buffer.concat([
    httpChunk(chunk({ choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }], usage: null })),
    httpChunk(chunk({ choices: [], usage: USAGE })),
    httpChunk('data: [DONE]\n\n'),
    LAST_CHUNK,
  ]),
};

/** The same in events of the common length. */
export const EVEN_CHAT_STREAM: StreamAnswer = { ...CHAT_STREAM, event: ofCommonLength(contentChunk) };

export const MESSAGES_STREAM: StreamAnswer = {
  head: Buffer.concat([
    STREAM_HEAD,
    httpChunk(
      namedEvent({ type: 'message_start', message: { ...message([], null), usage: { input_tokens: USAGE.prompt_tokens, output_tokens: 1 } } }),
    ),
    httpChunk(namedEvent({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } })),
  ]),
  event: ofCommonLength((text) => namedEvent({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
  end: Buffer.concat([
    httpChunk(namedEvent({ type: 'content_block_stop', index: 0 })),
    httpChunk(
      namedEvent({
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { output_tokens: USAGE.completion_tokens },
      }),
    ),
    httpChunk(namedEvent({ type: 'message_stop' })),
    LAST_CHUNK,
  ]),
};

export const GEMINI_STREAM: StreamAnswer = {
  head: STREAM_HEAD,
  event: ofCommonLength((text) => event(generated(text))),
  end: Buffer.concat([httpChunk(event(generated('.', 'STOP'))), LAST_CHUNK]),
};

/** Its text fills an event up. */
function ofCommonLength(write: (text: string) => string): Buffer {
  const missing = CONTENT_EVENT_BYTES - Buffer.byteLength(write(''));
  if (missing < 1) throw new Error('an event is longer than all are meant to be');
  return httpChunk(write(' Paris'.repeat(missing).slice(0, missing)));
}

function contentChunk(text: string): string {
  return chunk({ choices: [{ index: 0, delta: { content: text }, logprobs: null, finish_reason: null }], usage: null });
}

function chunk(fields: object): string {
  return event({ ...FACTS, object: 'chat.completion.chunk', ...fields });
}

function message(content: readonly object[], stopReason: string | null): object {
  return {
    id: 'msg_bench00000000000000000001',
    type: 'message',
    role: 'assistant',
    model: FACTS.model,
    content,
    stop_reason: stopReason,
    stop_sequence: null,
  };
}

function generated(text: string, finishReason?: string): object {
  return {
    candidates: [{ content: { parts: [{ text }], role: 'model' }, index: 0, finishReason }],
    usageMetadata: { promptTokenCount: USAGE.prompt_tokens, candidatesTokenCount: USAGE.completion_tokens, totalTokenCount: USAGE.total_tokens },
    modelVersion: FACTS.model,
    responseId: 'bench000000000000000001',
  };
}

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

function namedEvent(data: Readonly<Record<string, unknown>>): string {
  return `event: ${String(data['type'])}\n${event(data)}`;
}

function httpChunk(text: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}

function answer(status: number, body: object): Buffer {
  const text = JSON.stringify(body);
  return Buffer.from(`HTTP/1.1 ${status} OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}
