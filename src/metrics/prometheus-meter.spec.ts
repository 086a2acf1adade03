import { Registry } from 'prom-client';
import { PUBLISHED_METRICS } from '../../test/packaging/published-metrics.js';
import { LiveSettings } from '../config/live-settings.js';
import { loadSettings } from '../config/load-settings.js';
import type { GatewaySettings } from '../contracts/gateway-settings.js';
import type { RequestContext } from '../contracts/request-context.js';
import { PrometheusMeter } from './prometheus-meter.js';
import { PRODUCT_VERSION } from './product-version.js';
import { requestContext } from '../../test/doubles/request-context.js';

const settingsWith = (env: Record<string, string> = {}): GatewaySettings =>
  loadSettings({ env: { GATEWAY_UPSTREAMS: 'llama=mock://local;backup=mock://local', ...env }, cwd: '/nonexistent' }).settings;

function metered(env: Record<string, string> = {}): {
  meter: PrometheusMeter;
  registry: Registry;
  live: LiveSettings;
  context: (part?: Partial<RequestContext>) => RequestContext;
} {
  const registry = new Registry();
  const live = new LiveSettings(settingsWith(env));
  return {
    registry,
    live,
    meter: new PrometheusMeter(registry, live),
    context: (part) => requestContext({ settings: live.current, upstream: 'llama', ...part }),
  };
}
/** The value of one series, by its text; undefined where it does not exist. */
async function value(registry: Registry, series: string): Promise<number | undefined> {
  const line = (await registry.metrics()).split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}
const seriesCount = async (registry: Registry): Promise<number> =>
  (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;

it('publishes exactly the metrics that dashboards are written for, of the same kind and with the same labels', async () => {
  const { meter, registry, context } = metered({ GATEWAY_REDIS_URL: 'redis://127.0.0.1:6379' });
  meter.callStarted();
  meter.requestEnded(context({ usage: { input: 1, output: 2, cached: 1, reasoning: 1 } }), 200, 5, true);
  meter.attemptEnded('llama', 'ok', 4);
  meter.firstToken('llama', 3);
  meter.interToken('llama', 1);
  meter.fellBack('llama', 'backup', 'timeout');
  meter.routed('llama', 'llama');
  meter.sharesDecided(new Map([['llama', new Map([['llama', 1]])]]));
  meter.redisIsUp(true);
  const published = Object.fromEntries(
    (await registry.getMetricsAsJSON()).map(({ name, type, values }) => [
      name,
      { kind: String(type), labels: [...new Set(values.flatMap(({ labels }) => Object.keys(labels)))].filter((label) => label !== 'le').toSorted() },
    ]),
  );
  // Known to the process that gathers from its workers, and only there.
  const { nexus_silent_workers: _gathered, ...expected } = PUBLISHED_METRICS;
  expect(published).toEqual(
    Object.fromEntries(Object.entries(expected).map(([name, { kind, labels }]) => [name, { kind, labels: labels.toSorted() }])),
  );
});

it('what an operator looks for before anything happened is there at 0', async () => {
  const { registry } = metered();
  for (const series of [
    'nexus_circuit_state{upstream="llama"}',
    'nexus_circuit_opened_total{upstream="backup"}',
    'nexus_retries_total{upstream="llama"}',
    'nexus_retries_refused_total{upstream="llama"}',
    'nexus_events_dropped_total{upstream="llama"}',
    'nexus_shed_total{reason="event_loop"}',
    'nexus_rate_limited_total{limit="requests"}',
    'nexus_config_reload_total{result="refused"}',
    'nexus_in_flight_requests',
    'nexus_log_lines_dropped_total',
  ])
    expect([series, await value(registry, series)]).toEqual([series, 0]);
  expect(await value(registry, `nexus_build_info{version="${PRODUCT_VERSION}"}`)).toBe(1);
});

it('the shares of routes are told as decided, and a target that leaves its route takes its share along', async () => {
  const { meter, registry } = metered();
  meter.sharesDecided(
    new Map([
      [
        'chat',
        new Map([
          ['llama', 0.95],
          ['backup', 0.05],
        ]),
      ],
    ]),
  );
  expect(await value(registry, 'nexus_route_share{route="chat",target="backup"}')).toBe(0.05);
  meter.sharesDecided(new Map([['chat', new Map([['llama', 1]])]]));
  expect(await value(registry, 'nexus_route_share{route="chat",target="backup"}')).toBeUndefined();
  expect(await value(registry, 'nexus_route_share{route="chat",target="llama"}')).toBe(1);
});

it('Redis is spoken of only where it is configured, and is down until it first answered', async () => {
  expect(await value(metered().registry, 'nexus_redis_up')).toBeUndefined();
  const { meter, registry } = metered({ GATEWAY_REDIS_URL: 'redis://127.0.0.1:6379' });
  expect(await value(registry, 'nexus_redis_up')).toBe(0);
  meter.redisIsUp(true);
  expect(await value(registry, 'nexus_redis_up')).toBe(1);
});

it('a request is counted once by endpoint, upstream and status, with its duration, overhead and tokens', async () => {
  const { meter, registry, context } = metered();
  meter.callStarted();
  expect(await value(registry, 'nexus_in_flight_requests')).toBe(1);
  meter.requestEnded(context({ waitedMs: 90, usage: { input: 10, output: 20, cached: 4, reasoning: 5 } }), 200, 100.3, true);
  expect(await value(registry, 'nexus_in_flight_requests')).toBe(0);
  expect(await value(registry, 'nexus_requests_total{endpoint="chat_completions",upstream="llama",status="200"}')).toBe(1);
  expect(await value(registry, 'nexus_request_duration_seconds_sum{endpoint="chat_completions",stream="false"}')).toBeCloseTo(0.1003);
  expect(await value(registry, 'nexus_request_duration_seconds_bucket{endpoint="chat_completions",stream="false",le="0.1"}')).toBe(0);
  expect(await value(registry, 'nexus_request_duration_seconds_bucket{endpoint="chat_completions",stream="false",le="0.25"}')).toBe(1);
  expect(await value(registry, 'nexus_request_duration_seconds_bucket{endpoint="chat_completions",stream="false",le="+Inf"}')).toBe(1);
  expect(await value(registry, 'nexus_overhead_seconds_sum')).toBeCloseTo(0.0103);
  expect(await value(registry, 'nexus_tokens_total{upstream="llama",kind="input"}')).toBe(10);
  expect(await value(registry, 'nexus_tokens_total{upstream="llama",kind="output"}')).toBe(20);
  expect(await value(registry, 'nexus_token_details_total{upstream="llama",kind="cached"}')).toBe(4);
  expect(await value(registry, 'nexus_token_details_total{upstream="llama",kind="reasoning"}')).toBe(5);
});

it('a scrape is no inference call: it is counted as other, and neither in flight nor in the overhead', async () => {
  const { meter, registry, context } = metered();
  meter.requestEnded(context({ endpoint: 'other', upstream: 'none' }), 200, 1, false);
  expect(await value(registry, 'nexus_in_flight_requests')).toBe(0);
  expect(await value(registry, 'nexus_overhead_seconds_count')).toBe(0);
  expect(await value(registry, 'nexus_requests_total{endpoint="other",upstream="none",status="200"}')).toBe(1);
});

it('a value on a bound falls into its bucket, and what is no number is not counted', async () => {
  const { meter, registry } = metered();
  meter.firstToken('llama', 250);
  meter.firstToken('llama', Number.NaN);
  meter.firstToken('llama', 1_000_000);
  meter.firstToken('llama', -1);
  expect(await value(registry, 'nexus_time_to_first_token_seconds_bucket{upstream="llama",le="0.25"}')).toBe(2);
  expect(await value(registry, 'nexus_time_to_first_token_seconds_bucket{upstream="llama",le="600"}')).toBe(2);
  expect(await value(registry, 'nexus_time_to_first_token_seconds_count{upstream="llama"}')).toBe(3);
});

it('durations have buckets to 300 s, and overhead from 0.25 ms', async () => {
  const { meter, registry, context } = metered();
  meter.requestEnded(context(), 200, 1, true);
  meter.attemptEnded('llama', 'ok', 1);
  meter.firstToken('llama', 1);
  meter.interToken('llama', 1);
  const text = await registry.metrics();
  const bounds = new Map<string, number[]>();
  for (const [, name = '', le] of text.matchAll(/^(\w+)_bucket\{.*le="([\d.]+)"\}/gm)) bounds.set(name, [...(bounds.get(name) ?? []), Number(le)]);
  expect(bounds.size).toBe(5);
  for (const [name, found] of bounds) expect([name, Math.max(...found) >= 300]).toEqual([name, true]);
  expect(bounds.get('nexus_overhead_seconds')?.[0]).toBe(0.00025);
});

it('no number of unknown names, statuses or routes makes more than a handful of series', async () => {
  const { meter, registry, context } = metered();
  const before = await seriesCount(registry);
  for (let index = 0; index < 20_000; index++) {
    const stranger = `stranger-${index}`;
    meter.routed(stranger, stranger);
    meter.fellBack(stranger, stranger, 'timeout');
    meter.eventDropped(stranger);
    meter.retried(stranger);
    meter.circuitChanged(stranger, 'open');
    meter.requestEnded(
      context({ endpoint: 'other', upstream: stranger, usage: { input: 1, output: 1, cached: 0, reasoning: 0 } }),
      600 + index,
      1,
      false,
    );
  }
  expect(await registry.metrics()).not.toContain('stranger');
  expect((await seriesCount(registry)) - before).toBeLessThanOrEqual(20);
});

it("a provider's invented statuses share one label", async () => {
  const { meter, registry, context } = metered();
  for (let status = 452; status < 499; status++) meter.requestEnded(context(), status, 1, false);
  meter.requestEnded(context(), 499, 1, false);
  expect(await value(registry, 'nexus_requests_total{endpoint="chat_completions",upstream="llama",status="4xx"}')).toBe(47);
  expect(await value(registry, 'nexus_requests_total{endpoint="chat_completions",upstream="llama",status="499"}')).toBe(1);
});

it('the state of a circuit is 0, 1 or 2, and each opening is counted', async () => {
  const { meter, registry } = metered();
  const state = (): Promise<number | undefined> => value(registry, 'nexus_circuit_state{upstream="llama"}');
  meter.circuitChanged('llama', 'open');
  expect(await state()).toBe(2);
  meter.circuitChanged('llama', 'half-open');
  expect(await state()).toBe(1);
  meter.circuitChanged('llama', 'closed');
  expect(await state()).toBe(0);
  expect(await value(registry, 'nexus_circuit_opened_total{upstream="llama"}')).toBe(1);
});

it('a reload forgets the series of upstreams that are gone, keeps the others, and knows the new ones', async () => {
  const { meter, registry, live, context } = metered({
    GATEWAY_ROUTE_POLICIES: '{"chat":{"strategy":"weighted","targets":[{"name":"llama","weight":1},{"name":"backup","weight":1}]}}',
  });
  for (const upstream of ['llama', 'backup']) {
    meter.requestEnded(context({ upstream }), 200, 1, false);
    meter.attemptEnded(upstream, 'ok', 1);
    meter.routed('chat', upstream);
  }
  meter.fellBack('llama', 'backup', 'timeout');
  live.replace(settingsWith({ GATEWAY_UPSTREAMS: 'backup=mock://local;fresh=mock://local' }));
  meter.attemptEnded('llama', 'ok', 1);
  meter.attemptEnded('backup', 'ok', 1);
  const text = await registry.metrics();
  expect(text).not.toContain('llama');
  expect(text).not.toContain('route="chat"');
  expect(await value(registry, 'nexus_upstream_attempts_total{upstream="backup",outcome="ok"}')).toBe(2);
  expect(await value(registry, 'nexus_upstream_attempts_total{upstream="other",outcome="ok"}')).toBe(1);
  expect(await value(registry, 'nexus_circuit_state{upstream="fresh"}')).toBe(0);
});

it('two gateways in one process count apart', async () => {
  const [one, other] = [metered(), metered()];
  one.meter.shed('memory');
  expect(await value(one.registry, 'nexus_shed_total{reason="memory"}')).toBe(1);
  expect(await value(other.registry, 'nexus_shed_total{reason="memory"}')).toBe(0);
});
