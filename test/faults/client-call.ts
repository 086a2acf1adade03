import { Agent, request, type IncomingMessage } from 'node:http';

export interface CallOptions {
  readonly path?: string;
  readonly method?: string;
  /** Sent as it is where it is text or bytes. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The client is gone after so long, with a reset. */
  readonly leavesAfterMs?: number;
  /** The client is gone once so many events came. */
  readonly leavesAfterEvents?: number;
  readonly withinMs?: number;
}

/** What a client got. `cut`: the connection broke before the answer's end; `left`: the client itself did not wait. */
export interface ClientReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly cut: boolean;
  readonly left: boolean;
  readonly ms: number;
  readonly firstByteMs: number;
  /** When each piece of the answer's body came. */
  readonly pieceMs: readonly number[];
}

/** One call over a connection of its own. Never rejects: what went wrong is in the reply. */
export function clientCall(port: number, options: CallOptions, agent: Agent | false = false): Promise<ClientReply> {
  const { body, path = '/', method = body === undefined ? 'GET' : 'POST' } = options;
  const payload =
    body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? (body as string | Buffer | undefined) : JSON.stringify(body);
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    const pieceMs: number[] = [];
    let events = 0;
    let left = false;
    let isOver = false;
    let answer: IncomingMessage | undefined;
    let firstByteMs = 0;
    const end = (cut: boolean): void => {
      if (isOver) return;
      isOver = true;
      for (const timer of timers) clearTimeout(timer);
      const { statusCode: status = 0, headers = {} } = answer ?? {};
      resolve({ status, headers, text: Buffer.concat(pieces).toString(), cut, left, ms: performance.now() - startedAt, firstByteMs, pieceMs });
    };
    const headers = payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(payload)) };
    const sent = request({ host: '127.0.0.1', port, path, method, agent, headers: { ...headers, ...options.headers } }, (came) => {
      answer = came;
      firstByteMs = performance.now() - startedAt;
      came.on('data', (piece: Buffer) => {
        pieces.push(piece);
        pieceMs.push(performance.now() - startedAt);
        if (options.leavesAfterEvents === undefined) return;
        events += piece.toString('latin1').split('\n\n').length - 1;
        if (events >= options.leavesAfterEvents) leave();
      });
      came.on('end', () => end(!came.complete));
      came.on('error', () => end(true));
      came.on('close', () => end(!came.complete));
    });
    const leave = (): void => {
      left = true;
      sent.socket?.resetAndDestroy();
      sent.destroy();
      end(true);
    };
    const timers = [setTimeout(() => (sent.destroy(), end(true)), options.withinMs ?? 30_000)];
    if (options.leavesAfterMs !== undefined) timers.push(setTimeout(leave, options.leavesAfterMs));
    sent.on('error', () => end(true));
    sent.end(payload);
  });
}

/** The data of each event of a stream; comments are not among them. */
export function eventsOf(text: string): string[] {
  return text
    .replace(/^\uFEFF/, '')
    .replaceAll(/\r\n?/g, '\n')
    .split('\n\n')
    .map((one) =>
      one
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).replace(/^ /, ''))
        .join('\n'),
    )
    .filter((data) => data !== '');
}

/** The content that a client would show. */
export function contentOf(reply: ClientReply): string {
  const parts = reply.text.startsWith('{') ? [reply.text] : eventsOf(reply.text);
  let content = '';
  for (const part of parts) {
    const parsed = jsonOf(part) as { choices?: { delta?: { content?: string }; message?: { content?: string } }[] } | undefined;
    const [choice] = parsed?.choices ?? [];
    content += choice?.delta?.content ?? choice?.message?.content ?? '';
  }
  return content;
}

/** The code of the error that the client was told, in the body or as the last event. */
export function errorCodeOf(reply: ClientReply): string | undefined {
  const last = reply.text.startsWith('{') ? reply.text : eventsOf(reply.text).at(-1);
  const parsed = last === undefined ? undefined : (jsonOf(last) as { error?: { code?: string } } | undefined);
  return parsed?.error?.code;
}

export function isDone(reply: ClientReply): boolean {
  return eventsOf(reply.text).at(-1) === '[DONE]';
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
