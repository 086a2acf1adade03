import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { createServer, type AddressInfo, type ListenOptions, type Server } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

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

  constructor(
    private readonly server: HttpServer,
    /** Milliseconds. */
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** `count` in all, the first with `listen`. Rejects with EADDRINUSE also where the other process would share its address. */
  async open({ host, port, backlog }: Place, count: number, listen: (options: Place & { reusePort: boolean }) => Promise<unknown>): Promise<void> {
    const reusePort = count > 1;
    if (reusePort && port !== 0) this.others.push(await this.claimed({ host, port, backlog }));
    await listen({ host, port, backlog, reusePort });
    const { address, port: taken } = this.server.address() as AddressInfo;
    while (this.others.length + 1 < count) {
      try {
        this.others.push(await this.listening({ host: address, port: taken, backlog, reusePort }));
      } catch {
        // No more files, or somebody came between: it serves with those it has.
        return;
      }
    }
  }

  /** No more connections; those that stand go on. */
  close(): void {
    for (const other of this.others) other.close();
    this.server.close();
  }

  /**
   * A socket that shares its address with none but this process'. First one holds the address alone, for a while, then the shared one takes its place.
   * Between the two another process could slip in, alone and then sharing as well; but in a gap that is shorter than that while it cannot.
   */
  private async claimed(place: Place): Promise<Server> {
    for (let tries = 1; ; tries++) {
      const alone = await this.listening(place);
      await wait(ALONE_MS);
      const { address: host } = alone.address() as AddressInfo;
      const from = this.now();
      // Its socket is closed when this returns.
      alone.close();
      const shared = await this.listening({ ...place, host, reusePort: true });
      if (this.now() - from < GAP_MS_MAX || tries === TRIES_MAX) return shared;
      shared.close();
    }
  }

  private async listening(options: ListenOptions): Promise<Server> {
    const other = createServer({ allowHalfOpen: true, noDelay: true });
    // Before the server itself listens it is not ready for anybody.
    other.on('connection', (socket) => (this.server.listening ? this.server.emit('connection', socket) : socket.destroy()));
    other.listen(options);
    await once(other, 'listening');
    return other;
  }
}

const ALONE_MS = 10;
const GAP_MS_MAX = ALONE_MS / 2;
/** On a machine that is this slow, so be it. */
const TRIES_MAX = 10;
