import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What goes wrong on the way; each may be changed while connections run. Byte counts are those of the answers, from a connection's start. */
export interface ChaosFaults {
  /** Both ways. */
  delayMs?: number;
  /** Answers arrive in pieces of so many bytes, a turn of the event loop apart. */
  sliceBytes?: number;
  /** RST to the caller after so many bytes. */
  resetAfterBytes?: number;
  /** FIN to the caller after so many bytes. */
  finAfterBytes?: number;
  /** Nothing more comes after so many bytes, and the line stays. */
  silentAfterBytes?: number;
  /** This byte arrives with its lowest bit turned. */
  flipByte?: number;
  bytesPerSecond?: number;
  /** Accepts, reads, answers nothing. */
  blackhole?: number;
}

export const CHAOS_OPTIONS: readonly string[] = [
  'delayMs=N            both ways',
  'sliceBytes=N         answers in pieces of so many bytes',
  'resetAfterBytes=N    RST after so many bytes of the answers',
  'finAfterBytes=N      FIN after so many bytes of the answers',
  'silentAfterBytes=N   nothing more after so many bytes, the line stays',
  'flipByte=N           this byte arrives with its lowest bit turned',
  'bytesPerSecond=N     no faster than this',
  'blackhole=1          accepts, and answers nothing',
];

/** A TCP proxy on loopback that spoils what passes through it. Speaks no protocol, so it stands before Redis as well as before an upstream. */
export class ChaosProxy {
  faults: ChaosFaults = {};
  connections = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly targetPort: number,
  ) {
    server.on('connection', (socket) => this.join(socket));
  }

  static async start(targetPort: number, port = 0): Promise<ChaosProxy> {
    const server = createServer({ noDelay: true, allowHalfOpen: true });
    const proxy = new ChaosProxy(server, targetPort);
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Every connection that runs now is reset. */
  cutAll(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.cutAll();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(caller: Socket): void {
    this.connections++;
    const target = connect({ port: this.targetPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    for (const socket of [caller, target]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.sockets.delete(socket);
        caller.destroy();
        target.destroy();
      });
    }
    this.pump(caller, target, false);
    this.pump(target, caller, true);
  }

  private pump(from: Socket, to: Socket, isAnswer: boolean): void {
    let passed = 0;
    const ways: Promise<void>[] = [];
    const send = async (bytes: Buffer): Promise<void> => {
      const { delayMs = 0, bytesPerSecond = Infinity } = this.faults;
      const waitMs = delayMs + (Number.isFinite(bytesPerSecond) ? (bytes.length / bytesPerSecond) * 1000 : 0);
      const before = ways.at(-1);
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      await before;
      if (!isAnswer) return void to.write(bytes);
      const size = this.faults.sliceBytes ?? bytes.length;
      for (let at = 0; at < bytes.length; at += size) {
        passed = this.passAnswer(to, bytes.subarray(at, at + size), passed);
        if (size < bytes.length) await new Promise((resolve) => setImmediate(resolve));
      }
    };
    from.on('data', (bytes: Buffer) => {
      if (this.faults.blackhole) return;
      const way = send(bytes);
      ways.splice(0, ways.length, way);
      if (to.writableNeedDrain) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    });
    from.on('end', () => void Promise.all(ways).then(() => to.end()));
  }

  private passAnswer(to: Socket, bytes: Buffer, passed: number): number {
    const { resetAfterBytes = Infinity, finAfterBytes = Infinity, silentAfterBytes = Infinity, flipByte } = this.faults;
    const limit = Math.min(resetAfterBytes, finAfterBytes, silentAfterBytes);
    const piece = bytes.subarray(0, Math.max(0, limit - passed));
    const end = passed + bytes.length;
    if (flipByte !== undefined && flipByte >= passed && flipByte < end) {
      const at = flipByte - passed;
      piece[at] = (piece[at] ?? 0) ^ 1;
    }
    if (piece.length > 0 && !to.destroyed) to.write(piece);
    if (end >= resetAfterBytes) setTimeout(() => to.resetAndDestroy(), FLUSH_MS);
    else if (end >= finAfterBytes) to.end();
    return end;
  }
}

/** Time for bytes to be read before a reset throws them away. */
const FLUSH_MS = 20;
