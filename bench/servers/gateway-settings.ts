import { BENCH_KEY } from '../load/requests.ts';

/** A limit that takes part in every call and refuses none. */
export const NEVER_REACHED = 10_000_000;

/** The whole chain is on: a key with a policy, a limit, a route with shares, breakers, metrics, one log line a request. */
export function gatewaySettings(upstreamPort: number): Record<string, string> {
  const at = (kind: string): string => `http://127.0.0.1:${upstreamPort}/${kind}/v1?model=bench-model`;
  return {
    GATEWAY_API_KEYS: BENCH_KEY,
    GATEWAY_RATE_LIMIT_PER_MINUTE: String(NEVER_REACHED),
    GATEWAY_UPSTREAM_MAX_CONCURRENCY: '100000',
    GATEWAY_UPSTREAMS: `primary=${at('json')};canary=${at('json')};streaming=${at('stream')};second=${at('stream')};stepping=${at('bursts')};held=${at('idle')};faulty=${at('faulty')}`,
    GATEWAY_ROUTE_POLICIES: JSON.stringify({
      chat: weighted('primary', 'canary'),
      stream: weighted('streaming', 'second'),
      bursts: weighted('stepping', 'second', 0),
      wait: weighted('held', 'primary', 0),
      risky: weighted('faulty', 'primary', 0),
    }),
    GATEWAY_FALLBACKS: 'risky=primary',
    GATEWAY_API_KEY_POLICIES: JSON.stringify({
      [BENCH_KEY]: { allowed_models: ['chat', 'stream', 'bursts', 'wait', 'risky'], rate_limit_per_minute: NEVER_REACHED },
    }),
  };
}

function weighted(first: string, second: string, secondWeight = 10): object {
  return {
    strategy: 'weighted',
    targets: [
      { name: first, weight: 90 },
      { name: second, weight: secondWeight },
    ],
  };
}
