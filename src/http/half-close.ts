import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { shortLived } from '../contracts/short-lived.js';

/**
 * A client's FIN can mean "I have said everything" or "I am gone", and only writing tells: who is gone answers with a reset,
 * and the write after that fails, which closes the response. What is written means nothing to a client that still listens.
 */
export class HalfCloseProbe {
  private timer: NodeJS.Timeout | undefined;
  private round = 0;
  private readonly onEnd = shortLived(() => this.probe());

  /** Kept: a response that was sent has let go of its socket, which serves on and would keep this listener. */
  private readonly socket: Socket | null;

  constructor(
    private readonly raw: ServerResponse,
    /** Writes something meaningless into a body that has begun. */
    private readonly say: () => void,
  ) {
    this.socket = raw.socket;
    // It may have come while nobody listened yet.
    if (this.socket?.readableEnded === true) this.probe();
    else this.socket?.once('end', this.onEnd);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.socket?.off('end', this.onEnd);
  }

  private probe(): void {
    const { raw } = this;
    if (raw.writableEnded || raw.destroyed) return;
    if (raw.headersSent) this.say();
    // HTTP/1.0 knows no interim answers.
    else if (raw.req.httpVersionMinor >= 1) raw.writeProcessing();
    this.timer = setTimeout(() => this.probe(), PROBE_AFTER_MS[this.round++] ?? PROBE_EVERY_MS);
  }
}

const PROBE_AFTER_MS = [30, 100, 300];
const PROBE_EVERY_MS = 5_000;
