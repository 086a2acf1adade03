import type { ObservabilitySettings } from '../contracts/gateway-settings.js';
import { loggedPrincipal } from '../contracts/logged-principal.js';
import type { RequestContext } from '../contracts/request-context.js';
import type { LogDestination } from './log-destination.js';
import { plainText } from './plain-text.js';

const TEXT_LENGTH_MAX = 128;
const RANKS: Readonly<Record<ObservabilitySettings['logLevel'], number>> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
  silent: 100,
};

/**
 * One line for each request, whatever its end. What is unknown is `null`, so that every line has every field. No header, no query,
 * no prompt and no answer is ever looked at. Built by hand into the destination that the logger writes to: half the cost of logging an object.
 */
export class AccessLog {
  private lastTime = Number.NaN;
  private lastText = '';

  constructor(
    private readonly destination: Pick<LogDestination, 'write'>,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** `path` may still have its query, which is left out. Never throws. */
  write(context: RequestContext, request: { readonly method: string; readonly path: string }, status: number, durationMs: number): void {
    const level = levelOf(status);
    if (RANKS[level] < RANKS[context.settings.observability.logLevel]) return;
    const { principal, call, usage, ttftMs, errorCode } = context;
    this.destination.write(
      `{"time":"${this.time()}","level":"${level}","msg":"request","request_id":${text(context.requestId)}` +
        `,"method":${text(request.method)},"path":${text(withoutQuery(request.path))},"status":${status}` +
        `,"duration_ms":${milliseconds(durationMs)},"overhead_ms":${milliseconds(Math.max(0, durationMs - context.waitedMs))}` +
        `,"ttft_ms":${ttftMs === undefined ? 'null' : milliseconds(ttftMs)}` +
        `,"principal":${principal === undefined ? 'null' : text(loggedPrincipal(principal))}` +
        `,"model":${call === undefined ? 'null' : text(call.model)},"upstream":${text(context.upstream)}` +
        `,"attempts":${context.attempts},"fallback":${context.fallback},"stream":${call !== undefined && call.stream}` +
        `,"tokens_in":${usage === undefined ? 'null' : usage.input},"tokens_out":${usage === undefined ? 'null' : usage.output}` +
        `,"usage_estimated":${context.usageEstimated},"error_code":${errorCode === undefined ? 'null' : text(errorCode)}}\n`,
    );
  }

  /** Many lines share a millisecond. */
  private time(): string {
    const now = this.now();
    if (now.getTime() !== this.lastTime) {
      this.lastTime = now.getTime();
      this.lastText = now.toISOString();
    }
    return this.lastText;
  }
}

/** A fault of our own is an error; of an upstream, or too much load, a warning; what a client did wrong is everyday. */
function levelOf(status: number): 'info' | 'warn' | 'error' {
  if (status < 500) return 'info';
  return status === 500 ? 'error' : 'warn';
}

function text(value: string): string {
  return plainText(value, TEXT_LENGTH_MAX);
}

function withoutQuery(path: string): string {
  const query = path.indexOf('?');
  return query < 0 ? path : path.slice(0, query);
}

function milliseconds(value: number): number | 'null' {
  return Number.isFinite(value) ? Math.round(value * 1000) / 1000 : 'null';
}
