import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';

export interface Place {
  readonly host: string;
  readonly port: number;
  readonly backlog: number;
}

/**
 * The sockets that listen on one address for one server. Of each, Node takes one connection a turn of its event loop; under load turns are long,
 * and whoever comes over a new connection, a probe of an orchestrator say, would stand in that queue for seconds. So there are many of them, and
 * the kernel spreads connections over them (SO_REUSEPORT, which Linux has).
 */
export class Listeners {
  private readonly others: Server[] = [];

  constructor(private readonly server: HttpServer) {}

  /** `count` in all, the first with `listen`. Rejects with EADDRINUSE also where the other process would share its address. */
  async open({ host, port, backlog }: Place, count: number, listen: (options: Place & { reusePort: boolean }) => Promise<unknown>): Promise<void> {
    const reusePort = count > 1;
    if (reusePort && port !== 0) await isFree(host, port);
    await listen({ host, port, backlog, reusePort });
    const { address, port: taken } = this.server.address() as AddressInfo;
    for (let index = 1; index < count; index++) {
      const other = createServer({ allowHalfOpen: true, noDelay: true });
      other.on('connection', (socket) => this.server.emit('connection', socket));
      try {
        other.listen({ host: address, port: taken, backlog, reusePort });
        await once(other, 'listening');
      } catch {
        // No more files, or somebody came between: it serves with those it has.
        return;
      }
      this.others.push(other);
    }
  }

  /** No more connections; those that stand go on. */
  close(): void {
    for (const other of this.others) other.close();
    this.server.close();
  }
}

async function isFree(host: string, port: number): Promise<void> {
  const probe = createServer().listen({ host, port });
  await once(probe, 'listening');
  probe.close();
  await once(probe, 'close');
}
