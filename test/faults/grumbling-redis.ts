import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Stands before a Redis and passes everything through, until it is told to say something else: then every command of every line gets that
 * as its answer, and Redis hears nothing of it.
 */
export class GrumblingRedis {
  /** Bytes of the protocol, without the line end; undefined: Redis answers. */
  says: string | undefined;
  /** Commands that got it. */
  said = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly redisPort: number,
  ) {
    server.on('connection', (socket) => this.join(socket));
  }

  static async start(redisPort: number): Promise<GrumblingRedis> {
    const server = createServer({ noDelay: true });
    const redis = new GrumblingRedis(server, redisPort);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return redis;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  cutAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cutAll();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket): void {
    const redis = connect({ port: this.redisPort, host: '127.0.0.1', noDelay: true });
    const reader = new CommandCounter();
    for (const [one, other] of [
      [client, redis],
      [redis, client],
    ] as const) {
      this.sockets.add(one);
      one.on('error', () => undefined);
      one.once('close', () => {
        this.sockets.delete(one);
        other.destroy();
      });
    }
    redis.on('data', (bytes) => client.write(bytes));
    client.on('data', (bytes) => {
      const commands = reader.read(bytes);
      if (this.says === undefined) return void redis.write(bytes);
      this.said += commands;
      client.write(`${this.says}\r\n`.repeat(commands));
    });
  }
}

/** Counts whole commands (arrays of strings with their lengths) in what a client sends. */
class CommandCounter {
  private text = '';
  private parts = 0;

  read(bytes: Buffer): number {
    // Lengths are of bytes: one letter for each.
    this.text += bytes.toString('latin1');
    let commands = 0;
    for (;;) {
      const line = /^([*$])(\d+)\r\n/.exec(this.text);
      if (line === null) return commands;
      const [head, kind, number] = line;
      if (kind === '*') {
        this.parts = Number(number);
        this.text = this.text.slice(head.length);
        continue;
      }
      const end = head.length + Number(number) + 2;
      if (this.text.length < end) return commands;
      this.text = this.text.slice(end);
      this.parts--;
      if (this.parts === 0) commands++;
    }
  }
}
