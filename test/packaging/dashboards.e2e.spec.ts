import { spawnSync } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { type GatewayProcess, startGateway } from '../doubles/gateway-process.js';
import { installedPrometheus } from '../doubles/installed-prometheus.js';
import { type PrometheusProcess, type Sample, startPrometheus } from '../doubles/prometheus-process.js';
import { installedRedis } from '../doubles/installed-redis.js';
import { type RedisProcess, startRedis } from '../doubles/redis-process.js';
import { drive, fails, restlessUpstream, settings } from './dashboard-traffic.js';
import { panelQueries, withoutVariables } from './dashboard.js';
import { PUBLISHED_METRICS } from './published-metrics.js';
import { alertRules, recordingRules, withoutBars } from './rules.js';

const programs = installedPrometheus();
const living = programs === undefined ? describe.skip : describe;
const queries = panelQueries();
const hasRedis = installedRedis() !== undefined;

living('the dashboards and the rules, asked of a real Prometheus that scrapes a living gateway', () => {
  let gateway: GatewayProcess | undefined;
  let restless: Awaited<ReturnType<typeof restlessUpstream>> | undefined;
  let redis: RedisProcess | undefined;
  let prometheus: PrometheusProcess | undefined;
  const answered = new Map<string, number>();
  const firstSight: { readonly title: string; readonly samples: readonly Sample[] }[] = [];

  const ask = async (expression: string): Promise<Sample[]> => (await prometheus?.query(withoutVariables(expression))) ?? [];
  const panel = async (title: string): Promise<Sample[]> =>
    (await Promise.all(queries.filter((query) => query.title === title).map(({ expr }) => ask(expr)))).flat();

  /** Until Prometheus has seen the gateway so many more times. */
  async function scrapes(more: number): Promise<void> {
    const seen = async (): Promise<number> => (await ask('sum(count_over_time(up{job="nexus-gateway"}[1h]))'))[0]?.value ?? 0;
    const enough = (await seen()) + more;
    for (const deadline = performance.now() + 20_000; (await seen()) < enough; await wait(200)) {
      if (performance.now() > deadline) throw new Error('Prometheus does not scrape the gateway');
    }
  }

  /** The alert of errors, once it sees them: what a counter held when it was first seen is no rise, so it may need some more of them. */
  async function burning(): Promise<Sample[]> {
    for (const deadline = performance.now() + 20_000; ;) {
      const alerts = await ask('ALERTS{alertname="NexusGatewayErrorBurnFast"}');
      if (alerts.length > 0 || performance.now() > deadline) return alerts;
      await fails(gateway?.url ?? '');
      await scrapes(2);
    }
  }

  beforeAll(async () => {
    restless = await restlessUpstream();
    if (hasRedis) redis = await startRedis();
    gateway = await startGateway(settings(restless.url, redis?.url));
    prometheus = await startPrometheus(programs?.prometheus ?? '', new URL(gateway.url).host);
    // Twice: a counter counts for rate() from its second sight on.
    for (let round = 0; round < 2; round++) {
      for (const [ending, count] of await drive(gateway.url)) answered.set(ending, (answered.get(ending) ?? 0) + count);
      await scrapes(2);
      for (const { title, expr } of round === 0 ? queries : []) firstSight.push({ title, samples: await ask(expr) });
    }
  }, 240_000);

  afterAll(async () => {
    await prometheus?.stop();
    await gateway?.stop();
    await restless?.stop();
    await redis?.stop();
  }, 60_000);

  test('the traffic was what the panels are about: answers, a limit, an open circuit', () => {
    expect([...answered.keys()]).toEqual(
      expect.arrayContaining(['chat 200', 'good 200', 'good 429', 'broken 200', 'dead 503', 'restless 200', 'restless 502', 'canary 401']),
    );
  });

  test.each(queries)('$board, $title ($legendFormat): data of its own, and no NaN', async ({ expr, legendFormat }) => {
    const samples = await ask(expr);
    expect(samples.length).toBeGreaterThan(0);
    expect(samples.filter(({ value }) => !Number.isFinite(value))).toEqual([]);
    // The 0 that stands in where there is nothing has no labels.
    for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
      if (hasRedis || !expr.includes('nexus_redis_up')) expect(samples.some(({ labels }) => labels[label] !== undefined)).toBe(true);
  });

  test.each(recordingRules())('$record: evaluated, recorded, and no NaN', async ({ record }) => {
    const samples = await ask(record);
    expect(samples.length).toBeGreaterThan(0);
    expect(samples.filter(({ value, labels }) => !Number.isFinite(value) || labels['job'] !== 'nexus-gateway')).toEqual([]);
  });

  test.each(alertRules())('$alert: what it looks at has data, whether or not anything is amiss', async ({ alert, expr }) => {
    if (alert === 'NexusGatewayAbsent') return expect(await ask(expr)).toEqual([]);
    if (!hasRedis && expr.includes('nexus_redis_up')) return;
    // What was an hour ago a gateway of a minute cannot show.
    const samples = await ask(withoutBars(expr).replaceAll(/ offset 1h/g, ''));
    expect(samples.length).toBeGreaterThan(0);
    expect(samples.filter(({ value }) => !Number.isFinite(value))).toEqual([]);
  });

  test('a first burst, before any counter was seen to rise, leaves no panel empty and none with NaN', () => {
    expect(firstSight).toHaveLength(queries.length);
    expect(firstSight.filter(({ samples }) => samples.length === 0 || samples.some(({ value }) => !Number.isFinite(value)))).toEqual([]);
  });

  test('every metric that a panel asks for is exposed, and of the kind it is taken for', async () => {
    const text = await (await fetch(`${gateway?.url}/metrics`)).text();
    const kinds = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', kind = '']) => [name, kind]));
    const asked = new Set(
      queries.flatMap(({ expr }) =>
        [...expr.matchAll(/\b(?:nexus|nodejs|process)_[a-z0-9_]+/g)].map(([name]) => name.replace(/_(?:bucket|sum|count)$/, '')),
      ),
    );
    expect([...asked].filter((name) => !kinds.has(name))).toEqual([]);
    for (const [name, { kind }] of Object.entries(PUBLISHED_METRICS)) expect({ name, kind: kinds.get(name) }).toEqual({ name, kind });
  });

  test('what happened is what is shown', async () => {
    const value = async (title: string, labels: Readonly<Record<string, string>>): Promise<number> =>
      (await panel(title))
        .filter((sample) => Object.entries(labels).every(([name, text]) => sample.labels[name] === text))
        .reduce((sum, sample) => sum + sample.value, 0);
    for (const status of ['200', '429', '503']) expect(await value('Calls by status', { status })).toBeGreaterThan(0);
    expect(await value('Calls by endpoint', { endpoint: 'chat_completions' })).toBeGreaterThan(0);
    // Events that are rare are counted to the last one, the first included.
    expect(await value('Fallbacks in 5 minutes', { from: 'broken', to: 'good' })).toBe(answered.get('broken 200'));
    expect(await value('Rate limited in 5 minutes', { limit: 'requests' })).toBe(answered.get('good 429'));
    expect(await value('Circuits opened in 5 minutes', {})).toBe(2);
    expect(await value('Circuits', { upstream: 'dead' })).toBe(2);
    expect(await value('Circuits open', {})).toBe(2);
    // Wanted and seen: half each of two wholes.
    expect(await value('Shares of routes', { route: 'chat', target: 'good' })).toBeGreaterThan(0.5);
    expect(await value('Shares of routes', { route: 'chat' })).toBeCloseTo(2);
    expect(Math.abs(await value('Seen less wanted', { route: 'chat', target: 'canary' }))).toBeLessThan(0.5);
    for (const target of ['good', 'canary']) {
      expect(await value('Duration of targets, p95', { route: 'chat', target })).toBeGreaterThan(0);
      expect(await value('Time to first token of targets, p95', { route: 'chat', target })).toBeGreaterThan(0);
      expect(await value('Failed attempts of targets', { route: 'chat', target })).toBe(0);
    }
    expect(await value('Failed attempts', { upstream: 'restless' })).toBeGreaterThan(0.3);
    // Three repeats to begin with, and no budget beyond.
    expect(await value('Retries in 5 minutes', { upstream: 'restless' })).toBe(3);
    expect(await value('Repeats refused in 5 minutes', { upstream: 'restless' })).toBe(answered.get('restless 502'));
    expect(await value('Tokens per second', { upstream: 'restless', kind: 'cached' })).toBeGreaterThan(0);
    expect(await value('Time to first token', { upstream: 'good' })).toBeGreaterThan(0);
    expect(await value('Tokens per second', { upstream: 'good', kind: 'output' })).toBeGreaterThan(0);
    expect(await value('Attempts by outcome', { upstream: 'good', outcome: 'ok' })).toBeGreaterThan(0);
    expect(await value('Duration p95', {})).toBeGreaterThan(0);
    expect(await value('Memory', {})).toBeGreaterThan(10_000_000);
  });

  test('the alert rules see it too: the open circuit is pending, and nothing else is amiss with the rules', async () => {
    expect(await ask('ALERTS{alertname="NexusGatewayCircuitOpen", upstream="dead"}')).toHaveLength(1);
    expect(await ask('sum(prometheus_rule_evaluation_failures_total) or vector(0)')).toEqual([{ labels: {}, value: 0 }]);
    // Redis answers, or there is none: nothing is amiss with it.
    expect(await ask('ALERTS{alertname=~"NexusGateway(Down|Absent|RedisDown|SettingsRefused)"}')).toEqual([]);
    expect(await panel('Redis')).not.toContainEqual(expect.objectContaining({ value: 0 }));
    expect(await ask('ALERTS{alertname="NexusGatewayRetriesSpent", upstream="restless"}')).toHaveLength(1);
    expect(await burning()).toHaveLength(1);
  });

  test('promtool finds no fault with the names, the help and the units of our metrics', async () => {
    const text = await (await fetch(`${gateway?.url}/metrics`)).text();
    const { stdout, stderr } = spawnSync(programs?.promtool ?? '', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect((stdout + stderr).split('\n').filter((line) => line.startsWith('nexus_') || line.startsWith('error'))).toEqual([]);
    expect(text).toMatch(/^nexus_build_info\{/m);
  });
});
