import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../contracts/gateway-error.js';
import type { ServerSettings } from '../contracts/gateway-settings.js';
import { shortLived } from '../contracts/short-lived.js';
import { ClientGone } from './client-gone.js';

export type BodyLimits = Pick<ServerSettings, 'bodyBytesMax' | 'bodyIdleTimeoutMs'>;

/**
 * A request's body, whole. At once where it has come already, as a small one has. Throws or rejects with `request_too_large` as soon as
 * that shows, `request_timeout` when the client falls silent, `ClientGone` when it left. `sendContinue`: it waits for leave to send.
 * Nobody else may read the stream; after a refusal nobody reads it any further.
 */
export function readBody(raw: IncomingMessage, limits: BodyLimits, sendContinue?: () => void): Buffer | Promise<Buffer> {
  const declared = declaredLength(raw);
  if (declared !== undefined && declared > limits.bodyBytesMax) throw tooLarge(limits);
  if (raw.destroyed) throw new ClientGone();
  // Node calls a body complete only in a later turn of the event loop than the one that brought it.
  if (!raw.complete && raw.readableLength !== declared) {
    sendContinue?.();
    return new Promise((resolve, reject) => new BodyReader(raw, limits, declared, resolve, reject));
  }
  const body = (raw.read() as Buffer | null) ?? EMPTY;
  // Lets the stream come to its end.
  raw.resume();
  if (body.length > limits.bodyBytesMax) throw tooLarge(limits);
  return body;
}

/** undefined: the body is chunked, and ends when it ends. A request that declares neither has none. */
function declaredLength({ headers }: IncomingMessage): number | undefined {
  const length = headers['content-length'];
  if (length !== undefined) return Number(length);
  return headers['transfer-encoding'] === undefined ? 0 : undefined;
}

const EMPTY = Buffer.alloc(0);

function tooLarge({ bodyBytesMax }: BodyLimits): GatewayError {
  return new GatewayError('request_too_large', `The body may have at most ${bodyBytesMax} bytes (GATEWAY_BODY_LIMIT_BYTES).`);
}

function timedOut({ bodyIdleTimeoutMs }: BodyLimits): GatewayError {
  const seconds = bodyIdleTimeoutMs / 1000;
  return new GatewayError(
    'request_timeout',
    `Nothing more of the body came for ${seconds} s (GATEWAY_BODY_IDLE_TIMEOUT_SECONDS). Send it without pauses.`,
  );
}

/**
 * Gathers what is still to come, in one place: of the declared length where there is one, so that no large body is ever held twice, else
 * growing. No piece is kept as it came, for a body of millions of tiny pieces would cost a hundred times its length.
 */
class BodyReader {
  private held: Buffer = EMPTY;
  private length = 0;
  private isOver = false;
  private readonly idle: NodeJS.Timeout;
  private readonly onData = shortLived((chunk: Buffer) => this.take(chunk));
  private readonly onEnd = shortLived(() => this.finish());
  private readonly onGone = shortLived(() => this.refuse(new ClientGone()));

  constructor(
    private readonly raw: IncomingMessage,
    private readonly limits: BodyLimits,
    private readonly declared: number | undefined,
    private readonly resolve: (body: Buffer) => void,
    private readonly reject: (reason: GatewayError) => void,
  ) {
    this.idle = setTimeout(() => this.rang(), limits.bodyIdleTimeoutMs);
    raw.on('data', this.onData).on('end', this.onEnd).on('close', this.onGone).on('error', this.onGone);
  }

  private take(chunk: Buffer): void {
    const from = this.length;
    this.length += chunk.length;
    if (this.length > this.limits.bodyBytesMax) return this.refuse(tooLarge(this.limits));
    this.idle.refresh();
    // A body that comes in one piece needs no other place.
    if (from === 0) return void (this.held = chunk);
    if (this.length > this.held.length) this.grow(from);
    chunk.copy(this.held, from);
  }

  private grow(used: number): void {
    const capacity = this.declared ?? Math.min(this.limits.bodyBytesMax, Math.max(GROWN_BYTES_MIN, 2 * this.length));
    const larger = Buffer.allocUnsafeSlow(capacity);
    this.held.copy(larger, 0, 0, used);
    this.held = larger;
  }

  private finish(): void {
    this.leave();
    this.resolve(this.held.subarray(0, this.length));
  }

  private refuse(reason: GatewayError): void {
    this.leave();
    this.raw.pause();
    this.reject(reason);
  }

  private leave(): void {
    this.isOver = true;
    clearTimeout(this.idle);
    this.raw.off('data', this.onData).off('end', this.onEnd).off('close', this.onGone).off('error', this.onGone);
  }

  /** This process may have been too busy to read what came in time: what the socket holds is read first. */
  private rang(): void {
    const before = this.length;
    setImmediate(() => {
      if (this.isOver) return;
      if (this.length > before) this.idle.refresh();
      else this.refuse(timedOut(this.limits));
    });
  }
}

const GROWN_BYTES_MIN = 64 * 1024;
