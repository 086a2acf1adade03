import { connect, type Socket } from 'node:net';

export interface RawOptions {
  /** FIN after the last byte was sent. */
  readonly halfCloses?: boolean;
  /** RST after the last byte was sent. */
  readonly resets?: boolean;
  /** Between two pieces. */
  readonly gapMs?: number;
  /** How long an answer is waited for after the last piece. */
  readonly withinMs?: number;
  /** Enough was seen: what came so far tells. */
  readonly until?: (text: string) => boolean;
}

export interface RawReply {
  /** 0: no answer that has a status line. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Everything that came, of one answer or more. */
  readonly text: string;
  /** The gateway closed the connection. */
  readonly closed: boolean;
  readonly ms: number;
}

/** Sends bytes that no client library would, and takes whatever comes until the other side closes or the time is up. */
export async function sendRaw(port: number, pieces: string | Buffer | Iterable<string | Buffer>, options: RawOptions = {}): Promise<RawReply> {
  const startedAt = performance.now();
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  let text = '';
  let closed = false;
  let enough: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (enough = resolve));
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    if (options.until?.(text) === true) enough();
  });
  for (const event of ['end', 'close'] as const)
    socket.once(event, () => {
      closed = true;
      enough();
    });
  await write(socket, typeof pieces === 'string' || Buffer.isBuffer(pieces) ? [pieces] : pieces, options.gapMs ?? 0, () => closed);
  if (options.halfCloses === true) socket.end();
  if (options.resets === true) socket.resetAndDestroy();
  const late = setTimeout(enough, options.withinMs ?? 3_000);
  await over;
  clearTimeout(late);
  const ms = performance.now() - startedAt;
  socket.destroy();
  return { ...parsed(text), text, closed, ms };
}

/** A whole request as bytes; `host` and `content-length` are added where they are not given. */
export function rawRequest(method: string, path: string, headers: Readonly<Record<string, string>> = {}, body: string | Buffer = ''): Buffer {
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  if (!names.includes('host')) lines.unshift('Host: gateway\r\n');
  if (!names.includes('content-length') && !names.includes('transfer-encoding') && body.length > 0)
    lines.push(`Content-Length: ${Buffer.byteLength(body)}\r\n`);
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'), Buffer.from(body as string)]);
}

async function write(socket: Socket, pieces: Iterable<string | Buffer>, gapMs: number, isOver: () => boolean): Promise<void> {
  for (const piece of pieces) {
    if (isOver() || socket.destroyed) return;
    const flows = socket.write(piece);
    if (gapMs > 0) await new Promise((resolve) => setTimeout(resolve, gapMs));
    else if (!flows)
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, 2_000);
        for (const event of ['drain', 'close'] as const)
          socket.once(event, () => {
            clearTimeout(late);
            resolve();
          });
      });
  }
}

function parsed(text: string): Pick<RawReply, 'status' | 'headers' | 'body'> {
  let rest = text;
  // Interim answers come first.
  while (/^HTTP\/1\.1 1\d\d /.test(rest) && rest.includes('\r\n\r\n')) rest = rest.slice(rest.indexOf('\r\n\r\n') + 4);
  const headEnd = rest.indexOf('\r\n\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(rest)?.[1] ?? 0);
  if (headEnd < 0) return { status, headers: {}, body: '' };
  const headers: Record<string, string> = {};
  for (const line of rest.slice(0, headEnd).split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const length = headers['content-length'];
  const body = rest.slice(headEnd + 4);
  return { status, headers, body: length === undefined ? body : body.slice(0, Number(length)) };
}
