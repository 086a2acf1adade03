import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A client that asks and then reads nothing, or so many bytes a second, for as long as it is let. */
export class NeverReader {
  readBytes = 0;
  private timer: NodeJS.Timeout | undefined;

  private constructor(private readonly socket: Socket) {
    socket.on('error', () => undefined);
  }

  static async ask(port: number, request: Buffer, bytesPerSecond = 0): Promise<NeverReader> {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.pause();
    await once(socket, 'connect');
    const reader = new NeverReader(socket);
    socket.write(request);
    if (bytesPerSecond > 0) reader.timer = setInterval(() => reader.sip(bytesPerSecond / 10), 100);
    return reader;
  }

  leave(): void {
    clearInterval(this.timer);
    this.socket.destroy();
  }

  private sip(bytes: number): void {
    const piece = (this.socket.read(bytes) ?? this.socket.read()) as Buffer | null;
    this.readBytes += piece?.length ?? 0;
  }
}
