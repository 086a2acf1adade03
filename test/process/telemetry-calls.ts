import type { GatewayProcess } from '../doubles/gateway-process.js';
import { type Answer, send } from './send.js';

/** An upstream that is ill and falls back to one that is well, a mock, and a collector that is told at once. */
export const telemetrySettings = (port: number): Record<string, string> => ({
  GATEWAY_UPSTREAMS: `ill=http://127.0.0.1:${port}/ill/v1;well=http://127.0.0.1:${port}/v1?model=inner;mock=mock://local`,
  GATEWAY_FALLBACKS: 'ill=well',
  GATEWAY_DEFAULT_UPSTREAM: 'well',
  GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '1000',
  GATEWAY_RATE_LIMIT_PER_MINUTE: '0',
  OTEL_BSP_SCHEDULE_DELAY: '50',
  OTEL_METRIC_EXPORT_INTERVAL: '100',
});

interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: string;
  readonly body?: object;
  readonly path?: string;
}

/** A call with words that must not be told to anybody. */
export function ask(
  gateway: GatewayProcess,
  model: string,
  { headers = {}, key = 'dev-key', body = {}, path = 'chat/completions' }: Asked = {},
): Promise<Answer> {
  return send(`${gateway.url}/v1/${path}`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'the-secret-prompt' }], ...body }),
  });
}

/** Lines of the log about the collector. */
export const collectorEvents = (gateway: GatewayProcess): { event?: string; signal?: string; state?: string }[] =>
  gateway
    .logs()
    .map((line) => JSON.parse(line) as { event?: string })
    .filter(({ event }) => event === 'telemetry');
