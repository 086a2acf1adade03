import type { Server } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { GatewayError } from '../contracts/gateway-error.js';
import type { ServerSettings } from '../contracts/gateway-settings.js';
import type { Readiness } from '../health/readiness.js';
import type { InFlight } from './in-flight.js';
import type { Listeners } from './listeners.js';

const LOOK_EVERY_MS = 250;
/** What is left of the time for those who did not end by themselves: to be told, and to hear it. */
const LAST_WORDS_MS = 1_000;

/**
 * The end of a serving process, so that no client notices it: not ready, still accepting, no longer accepting, waiting for the last
 * answer, telling those that are left. Resolves when nothing is in flight any more.
 */
export async function drain(server: Server, listeners: Listeners, inFlight: InFlight, readiness: Readiness, settings: ServerSettings): Promise<void> {
  readiness.drain();
  inFlight.isDraining = true;
  await wait(settings.drainDelayMs);
  listeners.close();
  server.closeIdleConnections();
  const idle = setInterval(() => server.closeIdleConnections(), LOOK_EVERY_MS);
  const lastWordsMs = Math.min(LAST_WORDS_MS, settings.drainTimeoutMs / 4);
  if (!(await inFlight.empty(settings.drainTimeoutMs - lastWordsMs))) {
    for (const writer of inFlight.running())
      writer.abort(new GatewayError('shutting_down', 'The gateway is shutting down. Please send the request again.', { retryAfterMs: 1_000 }));
    await inFlight.empty(lastWordsMs);
  }
  clearInterval(idle);
  server.closeAllConnections();
}
