/** Content events of a stream; a chunk with usage and `[DONE]` follow. */
export const STREAM_EVENTS = 200;
/** All that a client of a stream sees: the content, the last chunk, usage, `[DONE]`. */
export const EVENTS_OF_A_STREAM = STREAM_EVENTS + 3;

const FACTS = { id: 'chatcmpl-bench0000000000000000000001', created: 1_790_000_000, model: 'bench-model', system_fingerprint: 'fp_bench' };
const USAGE = { prompt_tokens: 38, completion_tokens: 29, total_tokens: 67 };

export const CHAT_ANSWER = answer(200, {
  ...FACTS,
  object: 'chat.completion',
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: 'The capital of France is Paris. About 2.1 million people live in the city, and 13 million in its region.',
        refusal: null,
      },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: USAGE,
});

export const FAULT_ANSWER = answer(500, { error: { message: 'The server had an error.', type: 'server_error', param: null, code: null } });

export const STREAM_HEAD = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\nx-accel-buffering: no\r\ntransfer-encoding: chunked\r\n\r\n',
);
export const STREAM_EVENT = httpChunk(
  event({ choices: [{ index: 0, delta: { content: ' Paris' }, logprobs: null, finish_reason: null }], usage: null }),
);
export const STREAM_END = Buffer.concat([
  httpChunk(event({ choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }], usage: null })),
  httpChunk(event({ choices: [], usage: USAGE })),
  httpChunk('data: [DONE]\n\n'),
  Buffer.from('0\r\n\r\n'),
]);

function event(fields: object): string {
  return `data: ${JSON.stringify({ ...FACTS, object: 'chat.completion.chunk', ...fields })}\n\n`;
}

function httpChunk(text: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}

function answer(status: number, body: object): Buffer {
  const text = JSON.stringify(body);
  return Buffer.from(`HTTP/1.1 ${status} OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}
