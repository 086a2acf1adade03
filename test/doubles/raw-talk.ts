import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface RawTalk {
  /** Whole answers in their order, interim ones (1xx) among them. */
  readonly answers: readonly RawAnswer[];
  readonly last: RawAnswer | undefined;
  /** The gateway ended the connection. */
  readonly isClosed: boolean;
  readonly tookMs: number;
}

interface RawOptions {
  /** Ends the talk once so many final answers came and nothing more within a moment; 0: only the end of the connection ends it. */
  readonly answers?: number;
  readonly withinMs?: number;
  /** Between the pieces. */
  readonly gapMs?: number;
  /** To a HEAD request: its answer has no body. */
  readonly isHead?: boolean;
}

const MOMENT_MS = 40;

/** Says these bytes to a server, whether HTTP or not, and hears what it answers. */
export async function rawTalk(url: string, said: string | readonly (string | Buffer)[], options: RawOptions = {}): Promise<RawTalk> {
  const { answers = 1, withinMs = 3_000, gapMs = 0, isHead = false } = options;
  const from = performance.now();
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const heard: Buffer[] = [];
  let isClosed = false;
  const finals = (): number => answersIn(Buffer.concat(heard), isHead).filter(({ status }) => status >= 200).length;
  await new Promise<void>((resolve) => {
    const limit = setTimeout(resolve, withinMs);
    let moment: NodeJS.Timeout | undefined;
    const done = (): void => {
      clearTimeout(limit);
      clearTimeout(moment);
      resolve();
    };
    socket.on('data', (bytes) => {
      heard.push(bytes);
      clearTimeout(moment);
      if (answers > 0 && finals() >= answers) moment = setTimeout(done, MOMENT_MS);
    });
    socket.on('end', () => (isClosed = true));
    socket.on('error', () => (isClosed = true));
    socket.on('close', done);
    void say(socket, typeof said === 'string' ? [said] : said, gapMs);
  });
  const tookMs = performance.now() - from;
  socket.destroy();
  const all = answersIn(Buffer.concat(heard), isHead);
  return { answers: all, last: all.at(-1), isClosed, tookMs };
}

async function say(socket: ReturnType<typeof connect>, pieces: readonly (string | Buffer)[], gapMs: number): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) return;
    socket.write(piece);
    if (gapMs > 0) await new Promise((resolve) => setTimeout(resolve, gapMs));
  }
}

function answersIn(bytes: Buffer, isHead: boolean): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let at = 0; at < bytes.length;) {
    const headEnd = bytes.indexOf('\r\n\r\n', at);
    if (headEnd < 0) break;
    const [first = '', ...lines] = bytes.toString('latin1', at, headEnd).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const status = Number(first.split(' ')[1]);
    const bodyAt = headEnd + 4;
    const length = status < 200 || isHead ? 0 : (headers['content-length'] ?? undefined);
    if (length === undefined && headers['transfer-encoding'] === 'chunked') {
      const end = bytes.indexOf('0\r\n\r\n', bodyAt);
      if (end < 0) break;
      answers.push({ status, headers, body: bytes.toString('utf8', bodyAt, end) });
      at = end + 5;
    } else {
      const end = length === undefined ? bytes.length : bodyAt + Number(length);
      if (end > bytes.length) break;
      answers.push({ status, headers, body: bytes.toString('utf8', bodyAt, end) });
      at = end;
    }
  }
  return answers;
}
