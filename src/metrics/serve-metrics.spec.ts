import { collectDefaultMetrics, Registry } from 'prom-client';
import { requestContext } from '../../test/doubles/request-context.js';
import { WorkerLine } from '../../test/doubles/worker-line.js';
import { LiveSettings } from '../config/live-settings.js';
import { loadSettings } from '../config/load-settings.js';
import { PrometheusMeter } from './prometheus-meter.js';
import { serveMetrics } from './serve-metrics.js';
import { WorkerMetricsSource } from './worker-metrics-source.js';

const SILENCE_MS = 30;
const env = { GATEWAY_UPSTREAMS: 'llama=mock://local', GATEWAY_REDIS_URL: 'redis://127.0.0.1:6379' };

class Machine {
  readonly line = new WorkerLine();
  constructor() {
    serveMetrics(this.line.hub, SILENCE_MS);
  }
  worker(id: number): { meter: PrometheusMeter; source: WorkerMetricsSource; registry: Registry } {
    const registry = new Registry();
    const live = new LiveSettings(loadSettings({ env, cwd: '/nonexistent' }).settings);
    const meter = new PrometheusMeter(registry, live);
    return { registry, meter, source: new WorkerMetricsSource(registry, this.line.link(id)) };
  }
}
const value = (text: string, series: string): number | undefined => {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};
const REQUESTS = 'nexus_requests_total{endpoint="chat_completions",upstream="llama",status="200"}';
const request = (meter: PrometheusMeter): void => meter.requestEnded(requestContext({ upstream: 'llama' }), 200, 20, false);

it("any worker's scrape has the sum of all", async () => {
  const machine = new Machine();
  const workers = [machine.worker(1), machine.worker(2), machine.worker(3)];
  for (const { meter } of workers) {
    request(meter);
    meter.callStarted();
  }
  for (const { source } of workers) {
    const text = await source.text();
    expect(value(text, REQUESTS)).toBe(3);
    expect(value(text, 'nexus_in_flight_requests')).toBe(3);
    expect(
      value(text, 'nexus_request_duration_seconds_bucket{le="0.025",endpoint="chat_completions",stream="false"}') ??
        value(text, 'nexus_request_duration_seconds_bucket{endpoint="chat_completions",stream="false",le="0.025"}'),
    ).toBe(3);
    expect(value(text, 'nexus_silent_workers')).toBe(0);
  }
});

it('what is one event for all workers is not added up: circuits, reloads, the version; Redis is up when it is for all', async () => {
  const machine = new Machine();
  const [one, two] = [machine.worker(1), machine.worker(2)];
  for (const { meter } of [one, two]) {
    meter.circuitChanged('llama', 'open');
    meter.configReloaded('ok');
  }
  one.meter.redisIsUp(true);
  const text = await one.source.text();
  expect(value(text, 'nexus_circuit_state{upstream="llama"}')).toBe(2);
  expect(value(text, 'nexus_circuit_opened_total{upstream="llama"}')).toBe(1);
  expect(value(text, 'nexus_config_reload_total{result="ok"}')).toBe(1);
  expect(value(text, 'nexus_redis_up')).toBe(0);
  expect(text).toMatch(/^nexus_build_info\{version="[^"]+"\} 1$/m);
  two.meter.redisIsUp(true);
  expect(value(await one.source.text(), 'nexus_redis_up')).toBe(1);
});

it("processes' memory is added up, and the start of the oldest stands for all", async () => {
  const machine = new Machine();
  const workers = [machine.worker(1), machine.worker(2)];
  for (const { registry } of workers) collectDefaultMetrics({ register: registry });
  const text = (await workers[0]?.source.text()) ?? '';
  expect(value(text, 'process_resident_memory_bytes') ?? 0).toBeGreaterThan(1.5 * process.memoryUsage.rss());
  expect(value(text, 'process_start_time_seconds')).toBeCloseTo(Date.now() / 1000 - process.uptime(), -1);
  expect(text).not.toMatch(/ (null|undefined)$/m);
});

it('a worker that does not answer holds nobody up, is counted, and what it last counted stays in the sums', async () => {
  const machine = new Machine();
  const [one, two] = [machine.worker(1), machine.worker(2)];
  for (const { meter } of [one, two]) {
    request(meter);
    meter.callStarted();
  }
  await one.source.text();
  machine.line.deafen(2);
  request(one.meter);
  const text = await one.source.text();
  expect(value(text, REQUESTS)).toBe(3);
  expect(value(text, 'nexus_in_flight_requests')).toBe(1);
  expect(value(text, 'nexus_silent_workers')).toBe(1);
});

it('sums never fall when workers end and others take their place', async () => {
  const machine = new Machine();
  const first = machine.worker(1);
  request(first.meter);
  await first.source.text();
  for (let id = 2; id < 6; id++) {
    const next = machine.worker(id);
    request(next.meter);
    machine.line.end(id - 1);
    expect(value(await next.source.text(), REQUESTS)).toBe(id);
  }
});

it('a worker that ends in the middle of a scrape does not hold it up', async () => {
  const machine = new Machine();
  const [one] = [machine.worker(1), machine.worker(2)];
  machine.line.deafen(2);
  const text = one.source.text();
  machine.line.end(2);
  expect(value(await text, 'nexus_silent_workers')).toBe(0);
});

it('scrapes at the same time are one round', async () => {
  const machine = new Machine();
  const [one, two] = [machine.worker(1), machine.worker(2)];
  let rounds = 0;
  const link = machine.line.link(3);
  link.onNews('metrics-wanted', () => rounds++);
  const [a, b] = await Promise.all([one.source.text(), two.source.text()]);
  expect(a).toBe(b);
  expect(rounds).toBe(1);
});

it('without an answer from the primary a worker tells its own', async () => {
  const machine = new Machine();
  const { source, meter } = machine.worker(1);
  request(meter);
  machine.line.deafen(1);
  expect(value(await source.text(), REQUESTS)).toBe(1);
});
