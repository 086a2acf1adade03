import { isDeepStrictEqual } from 'node:util';
import type { GatewaySettings } from '../contracts/gateway-settings.js';

/** What an operator calls each resolved setting. Two of one name are told once; the routing, which has names of its own inside, is below. */
const NAMES = {
  server: {
    host: 'host',
    port: 'port',
    workers: 'workers',
    bodyBytesMax: 'body_limit_bytes',
    headerTimeoutMs: 'header_timeout_seconds',
    bodyIdleTimeoutMs: 'body_idle_timeout_seconds',
    writeStallMs: 'write_stall_seconds',
    ssePingMs: 'sse_ping_seconds',
    drainDelayMs: 'drain_delay_seconds',
    drainTimeoutMs: 'drain_timeout_seconds',
    trustedProxies: 'trusted_proxies',
    docs: 'docs',
  },
  auth: {
    apiKeys: 'api_keys',
    usesDefaultKey: 'api_keys',
    policies: 'api_key_policies',
    jwt: 'jwt',
    failuresPerMinute: 'auth_failures_per_minute',
  },
  limits: { ratePerMinute: 'rate_limit_per_minute', redisUrl: 'redis_url', onRedisDown: 'on_redis_down', replicas: 'replicas' },
  resilience: {
    circuit: 'circuit_breaker',
    connectTimeoutMs: 'connect_timeout_seconds',
    streamIdleTimeoutMs: 'stream_idle_timeout_seconds',
    firstContentTimeoutMs: 'first_content_timeout_seconds',
    totalTimeoutMs: 'total_timeout_seconds',
    attemptsMax: 'max_attempts',
    retryBudgetPercent: 'retry_budget_percent',
    retryAfterWaitMsMax: 'retry_after_max_wait_seconds',
    responseBytesMax: 'response_limit_bytes',
    eventBytesMax: 'response_limit_bytes',
    queueMs: 'upstream_queue_ms',
  },
  observability: { logLevel: 'log_level', metricsToken: 'metrics_token', otelSemconv: 'otel_semconv', telemetry: 'OTEL_*' },
} as const satisfies { readonly [G in Plain]: Readonly<Record<keyof GatewaySettings[G], string>> };

type Plain = 'server' | 'auth' | 'limits' | 'resilience' | 'observability';

/**
 * The names of what differs between two settings, for the log: `max_attempts`, `upstreams.llama`, `route_policies.chat (new)`, `upstreams.old (gone)`.
 * Names alone: a value may be a secret, and so may the name of a policy, which is a key.
 */
export function changedSettings(previous: GatewaySettings, next: GatewaySettings): string[] {
  const changed = new Set<string>();
  for (const [group, names] of Object.entries(NAMES)) {
    const [before, after] = [previous, next].map((settings) => settings[group as Plain] as unknown as Readonly<Record<string, unknown>>);
    for (const [key, name] of Object.entries(names)) if (!isDeepStrictEqual(before?.[key], after?.[key])) changed.add(name);
  }
  const [was, is] = [previous.routing, next.routing];
  if (was.defaultUpstream !== is.defaultUpstream) changed.add('default_upstream');
  for (const [part, name] of Object.entries({ upstreams: 'upstreams', routes: 'route_policies', fallbacks: 'fallbacks' } as const)) {
    const [before, after]: ReadonlyMap<string, unknown>[] = [was[part as 'routes'], is[part as 'routes']];
    for (const [key, value] of after ?? [])
      if (before?.has(key) !== true) changed.add(`${name}.${key} (new)`);
      else if (!isDeepStrictEqual(before.get(key), value)) changed.add(`${name}.${key}`);
    for (const key of before?.keys() ?? []) if (after?.has(key) !== true) changed.add(`${name}.${key} (gone)`);
  }
  return [...changed];
}
