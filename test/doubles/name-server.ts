import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** What is said of a name: addresses, that it does not exist, that the server fails, or nothing at all. */
export type NameRecord =
  | { readonly addresses: readonly string[]; readonly ttl?: number; /** Says nothing of this kind. */ readonly silentOn?: 'A' | 'AAAA' }
  | 'silent'
  | 'fails';

/** A name server on loopback. Names that it was not told do not exist. */
export class NameServer {
  /** What it was asked, as `A name`. */
  readonly asked: string[] = [];

  private constructor(
    private readonly socket: Socket,
    readonly records: Map<string, NameRecord>,
  ) {
    socket.on('message', (question, from) => {
      const answer = this.answer(question);
      if (answer !== undefined) socket.send(answer, from.port, from.address);
    });
  }

  /** Rejects where the port may not be taken. */
  static async start(records: Readonly<{ [name: string]: NameRecord }>, port = 0, host = '127.0.0.1'): Promise<NameServer> {
    const socket = createSocket('udp4');
    socket.bind(port, host);
    await once(socket, 'listening');
    return new NameServer(socket, new Map(Object.entries(records)));
  }

  get address(): string {
    const { address, port } = this.socket.address();
    return `${address}:${port}`;
  }

  async close(): Promise<void> {
    this.socket.close();
    await once(this.socket, 'close');
  }

  private answer(question: Buffer): Buffer | undefined {
    const labels: string[] = [];
    let at = HEAD_BYTES;
    for (let length = question[at++] ?? 0; length > 0; length = question[at++] ?? 0) labels.push(question.toString('latin1', at, (at += length)));
    const name = labels.join('.').toLowerCase();
    const kind = question.readUInt16BE(at) === KIND_AAAA ? 'AAAA' : 'A';
    this.asked.push(`${kind} ${name}`);
    const record = this.records.get(name);
    if (record === 'silent' || (typeof record === 'object' && record.silentOn === kind)) return undefined;
    const rows = typeof record === 'object' ? record.addresses.filter((address) => address.includes(':') === (kind === 'AAAA')) : [];
    const head = Buffer.from(question.subarray(0, HEAD_BYTES));
    const refusal = record === undefined ? NAME_ERROR : record === 'fails' ? SERVER_FAILURE : 0;
    head.writeUInt16BE(IS_ANSWER | refusal, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(rows.length, 6);
    head.writeUInt32BE(0, 8);
    const ttl = typeof record === 'object' ? (record.ttl ?? 0) : 0;
    return Buffer.concat([head, question.subarray(HEAD_BYTES, at + 4), ...rows.map((address) => row(address, ttl))]);
  }
}

/** Refers to the name of the question. */
function row(address: string, ttl: number): Buffer {
  const bytes = address.includes(':') ? sixBytes(address) : Buffer.from(address.split('.').map(Number));
  const head = Buffer.from([0xc0, HEAD_BYTES, 0, address.includes(':') ? KIND_AAAA : 1, 0, 1, 0, 0, 0, 0, 0, bytes.length]);
  head.writeUInt32BE(ttl, 6);
  return Buffer.concat([head, bytes]);
}

function sixBytes(address: string): Buffer {
  const [before = '', after = ''] = address.split('::');
  const groups = (text: string): number[] => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const [head, tail] = [groups(before), groups(after)];
  const all = [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

const HEAD_BYTES = 12;
const KIND_AAAA = 28;
const IS_ANSWER = 0x8580;
const SERVER_FAILURE = 2;
const NAME_ERROR = 3;
