import type { Endpoint } from './endpoint.js';
import type { GatewaySettings } from './gateway-settings.js';
import type { InferenceCall } from './inference-call.js';
import type { Principal } from './principal.js';
import type { CallTrace } from './telemetry.js';
import type { TokenUsage } from './token-usage.js';

/**
 * What is known of one request, filled in on its way through the house and read once, when its reply closes.
 * Hangs on the Fastify request as `request.gateway`. `settings` are those in force when the request came:
 * a reload never changes the rules under a running call.
 */
export interface RequestContext {
  readonly requestId: string;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  readonly settings: GatewaySettings;
  endpoint: Endpoint;
  principal: Principal | undefined;
  call: InferenceCall | undefined;
  /** Response headers of the limit, ready to be written: set by the throttle, absent for the unlimited. */
  rateLimitHeaders: Readonly<Record<string, string>> | undefined;
  /** The configured name of the upstream that served or was last tried; `none` before one was chosen. */
  upstream: string;
  attempts: number;
  fallback: boolean;
  /** Time in which the gateway waited for somebody else (client's body, upstream, back-off), milliseconds. */
  waitedMs: number;
  ttftMs: number | undefined;
  usage: TokenUsage | undefined;
  usageEstimated: boolean;
  errorCode: string | undefined;
  /** Who listens to this call alone; undefined: nobody does. */
  readonly trace?: CallTrace | undefined;
  /** Room for a large body, before it is read; false: there is none now. Given back when the reply closes. */
  readonly reserveBody: (bytes: number) => boolean;
  /** Set where the client sends its body only after `100 Continue`: told once, by whoever is about to read the body. */
  readonly sendContinue?: (() => void) | undefined;
}
