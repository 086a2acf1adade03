import type { Clock } from '../../contracts/clock.js';
import { ConnectTimeout } from './connect-timeout.js';
import { errorCode } from './error-code.js';

/** `reason`: a word of the system or of TLS, such as `ECONNREFUSED` or `CERT_HAS_EXPIRED`; never an address. */
export type UnreachableListener = (upstream: string, reason: string) => void;

/** Clients are told only that an upstream could not be reached; operators hear why, once a minute for each reason, however many calls fail. */
export class UnreachableNews {
  private readonly toldAt = new Map<string, number>();

  constructor(
    private readonly listener: UnreachableListener,
    private readonly clock: Clock,
  ) {}

  tell(upstream: string, error: Error): void {
    const reason = reasonOf(error);
    const what = `${upstream} ${reason}`;
    const now = this.clock.now();
    if (now - (this.toldAt.get(what) ?? -Infinity) < TOLD_EVERY_MS) return;
    if (this.toldAt.size >= TOLD_MAX) this.toldAt.clear();
    this.toldAt.set(what, now);
    this.listener(upstream, reason);
  }
}

function reasonOf(error: Error): string {
  if (error instanceof ConnectTimeout) return error.reason;
  const code = errorCode(error);
  if (code !== '') return code;
  const [first]: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
  return first instanceof Error ? reasonOf(first) : 'CLOSED';
}

const TOLD_EVERY_MS = 60_000;
const TOLD_MAX = 10_000;
