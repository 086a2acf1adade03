import { ClientConnection } from './client-connection.ts';
import { type LoadResult, LoadTally } from './load-result.ts';

/** Capacity: every connection asks again as soon as it was answered. */
export class ClosedLoop {
  private readonly connections: ClientConnection[] = [];
  private tally = new LoadTally();
  private next = 0;
  private isOver = true;
  private busy = 0;
  private onIdle: (() => void) | undefined;

  private readonly requests: readonly Buffer[];

  private constructor(requests: readonly Buffer[]) {
    this.requests = requests;
  }

  /** `requests` are sent in turn. */
  static over(port: number, connections: number, requests: readonly Buffer[]): ClosedLoop {
    const loop = new ClosedLoop(requests);
    for (let index = 0; index < connections; index++) loop.connections.push(new ClientConnection(port, (connection) => loop.answered(connection)));
    return loop;
  }

  /** On new connections, since a server may have tired of idle ones. Ends when the last answer is there. */
  async run(milliseconds: number): Promise<LoadResult> {
    this.close();
    for (const connection of this.connections) await connection.open();
    this.tally = new LoadTally();
    this.isOver = false;
    for (const connection of this.connections) this.ask(connection);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    this.isOver = true;
    if (this.busy > 0) await new Promise<void>((resolve) => (this.onIdle = resolve));
    return this.tally.result();
  }

  close(): void {
    for (const connection of this.connections) connection.close();
  }

  private ask(connection: ClientConnection): void {
    const request = this.requests[this.next++ % this.requests.length];
    if (request === undefined) return;
    this.busy++;
    connection.send(request);
  }

  private answered(connection: ClientConnection): void {
    this.busy--;
    this.tally.add(connection.status, connection.events, performance.now() - connection.sentAt);
    // A connection that was closed is not opened anew: whoever reads the statuses sees it.
    if (!this.isOver && connection.status !== 0) this.ask(connection);
    else if (this.busy === 0) this.onIdle?.();
  }
}
