import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

/** A place where nobody has any business: counts who comes, and keeps the first 4 KB of what each said. */
export class CanaryListener {
  readonly visits: string[] = [];

  private constructor(private readonly server: Server) {}

  static async start(port = 0, host = '127.0.0.1'): Promise<CanaryListener> {
    const server = createServer();
    const canary = new CanaryListener(server);
    server.on('connection', (socket) => {
      const visit = canary.visits.push('') - 1;
      socket.on('error', () => undefined);
      socket.once('data', (bytes) => {
        canary.visits[visit] = bytes.toString('latin1', 0, 4_096);
        socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}');
      });
    });
    server.listen(port, host);
    await once(server, 'listening');
    return canary;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.server.close();
    await once(this.server, 'close');
  }
}
