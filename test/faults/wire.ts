import type { FaultCall } from './fault-call.js';

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** Bytes of good replies, to be spoiled by the modes. */
export function head(status: number | string, headers: Readonly<Record<string, string | number>> = {}): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${REASONS[Number(status)] ?? 'Status'}\r\n${lines.join('')}\r\n`;
}

export function chunk(bytes: string | Buffer): Buffer {
  const body = Buffer.from(bytes as string);
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]);
}

export const LAST_CHUNK = '0\r\n\r\n';
export const STREAM_HEAD = head(200, { 'content-type': 'text/event-stream', 'transfer-encoding': 'chunked' });

/** A complete answer of the endpoint that was called. */
export function answerOf(call: FaultCall, content = 'Hello from the fault server.', usage = { input: 7, output: 5 }): string {
  const { model } = call;
  const counted = { prompt_tokens: usage.input, completion_tokens: usage.output, total_tokens: usage.input + usage.output };
  const common = { id: `fault-${call.entry.number}`, created: 1_700_000_000, model, usage: counted };
  if (call.request.path.endsWith('/embeddings'))
    return JSON.stringify({ object: 'list', data: [{ object: 'embedding', index: 0, embedding: [0.25, -0.5] }], model, usage: counted });
  if (call.request.path.endsWith('/chat/completions')) {
    const message = { role: 'assistant', content };
    return JSON.stringify({ ...common, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: 'stop' }] });
  }
  return JSON.stringify({ ...common, object: 'text_completion', choices: [{ index: 0, text: content, finish_reason: 'stop' }] });
}

/** One chunk of a streamed answer, as JSON. */
export function delta(call: FaultCall, fields: Readonly<Record<string, unknown>>, finish: string | null = null): string {
  const common = { id: `fault-${call.entry.number}`, created: 1_700_000_000, model: call.model };
  if (call.request.path.endsWith('/chat/completions'))
    return JSON.stringify({ ...common, object: 'chat.completion.chunk', choices: [{ index: 0, delta: fields, finish_reason: finish }] });
  return JSON.stringify({ ...common, object: 'text_completion', choices: [{ index: 0, text: fields['content'] ?? '', finish_reason: finish }] });
}

export function event(data: string): string {
  return `data: ${data}\n\n`;
}

/** Content `token0 token1 …`. */
export function tokenEvents(call: FaultCall, count: number): string[] {
  return Array.from({ length: count }, (_, index) => event(delta(call, { content: `token${index} ` })));
}

/** The events of a good stream. */
export function streamEvents(call: FaultCall, count: number): string[] {
  const events = [event(delta(call, { role: 'assistant', content: '' })), ...tokenEvents(call, count), event(delta(call, {}, 'stop'))];
  if (call.wantsUsage)
    events.push(
      event(
        JSON.stringify({
          id: `fault-${call.entry.number}`,
          object: 'chat.completion.chunk',
          created: 1_700_000_000,
          model: call.model,
          choices: [],
          usage: { prompt_tokens: 7, completion_tokens: count, total_tokens: 7 + count },
        }),
      ),
    );
  return [...events, event('[DONE]')];
}

/** A whole reply with its length, on a connection that stays. */
export function sendAnswer(
  call: FaultCall,
  body: string | Buffer,
  headers: Readonly<Record<string, string | number>> = {},
  status: number | string = 200,
): void {
  const bytes = Buffer.from(body as string);
  call.write(Buffer.concat([Buffer.from(head(status, { 'content-type': 'application/json', 'content-length': bytes.length, ...headers })), bytes]));
  call.done();
}

/** A chunked stream of these events, on a connection that stays. */
export function sendStream(call: FaultCall, events: Iterable<string | Buffer>, gapMs = 0): void {
  call.write(STREAM_HEAD);
  call.writeEach(chunks(events), gapMs, () => {
    call.write(LAST_CHUNK);
    call.done();
  });
}

export function* chunks(events: Iterable<string | Buffer>): Iterable<Buffer> {
  for (const one of events) yield chunk(one);
}

/** What a good server would send: a stream where one was asked for. */
export function sendGood(call: FaultCall, count = 5): void {
  if (call.streams) sendStream(call, streamEvents(call, count));
  else sendAnswer(call, answerOf(call));
}

export function errorBody(message: string, type: string, code: string | null = null, param: string | null = null): string {
  return JSON.stringify({ error: { message, type, param, code } });
}
