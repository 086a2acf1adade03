import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../doubles/free-port.js';
import { type GatewayProcess, startGateway } from '../doubles/gateway-process.js';
import { OtlpReceiver } from '../doubles/otlp-receiver.js';
import { ask, collectorEvents } from './telemetry-calls.js';
import { TRACEPARENT, telemetryStage } from './telemetry-stage.js';
import { twoWorkers } from './two-workers.js';
import { until } from './until.js';

const stage = telemetryStage();

/** What a test began and did not end, because it failed, would keep this process. */
const open: { end(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.end();
});

async function collector(): Promise<OtlpReceiver> {
  const receiver = await OtlpReceiver.start();
  open.push({ end: () => receiver.close() });
  return receiver;
}

async function started(start: typeof startGateway, env: Readonly<Record<string, string>>): Promise<GatewayProcess> {
  const gateway = await start(env);
  open.push({ end: () => gateway.stop('SIGKILL') });
  return gateway;
}

it.each([
  ['latest', /^gen_ai\.client\.inference\./],
  ['v1.41', /^gen_ai\.client\.(operation|token)\./],
])('GATEWAY_OTEL_SEMCONV=%s tells the metrics by its names alone, and what is left is sent at the end', async (semconv, names) => {
  const receiver = await collector();
  const gateway = await started(startGateway, {
    ...stage.settings,
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${receiver.url}/v1/metrics`,
    OTEL_METRIC_EXPORT_INTERVAL: '3600000',
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
    OTEL_SERVICE_NAME: 'my-gateway',
    GATEWAY_OTEL_SEMCONV: semconv,
  });
  await ask(gateway, 'well', { headers: { traceparent: TRACEPARENT } });
  expect(stage.upstream.headers.at(-1)?.['traceparent']).toBe(TRACEPARENT);
  expect(await gateway.stop()).toBe(0);
  expect(receiver.points.length).toBeGreaterThan(2);
  expect(receiver.points.filter(({ metric }) => !names.test(metric))).toEqual([]);
  expect(receiver.points[0]).toMatchObject({ temporality: 1, resource: { 'service.name': 'my-gateway' } });
  expect(receiver.spans).toEqual([]);
});

it('workers are instances of their own', async () => {
  const receiver = await collector();
  const gateway = await started(twoWorkers, {
    ...stage.settings,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=pod',
  });
  const instances = (): Set<unknown> => new Set(receiver.spans.map(({ resource }) => resource['service.instance.id']));
  await until('both workers told of a call', async () => (await ask(gateway, 'mock')).status === 200 && instances().size === 2, 15_000);
  expect([...instances()].toSorted()).toEqual(['pod-1', 'pod-2']);
  expect(await gateway.stop()).toBe(0);
});

it('a dead collector costs no call anything, and the log says so once', async () => {
  const gateway = await started(startGateway, {
    ...stage.settings,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
    OTEL_EXPORTER_OTLP_TIMEOUT: '500',
  });
  for (let sent = 0; sent < 20; sent++) expect((await ask(gateway, 'mock')).status).toBe(200);
  await until('the log says so', () => collectorEvents(gateway).length === 2, 15_000);
  expect(collectorEvents(gateway).every(({ state }) => state === 'down')).toBe(true);
  expect(await gateway.stop()).toBe(0);
});

it('a collector that takes and never answers holds neither a call nor the end', async () => {
  const receiver = await collector();
  receiver.mood = 'hangs';
  const gateway = await started(startGateway, {
    ...stage.settings,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_TIMEOUT: '60000',
    OTEL_METRIC_EXPORT_INTERVAL: '60000',
  });
  for (let sent = 0; sent < 20; sent++) expect((await ask(gateway, 'mock')).status).toBe(200);
  await until('it hangs', () => receiver.requests.length > 0);
  // Killed, and so no 0, when it takes 20 s: a flush without a bound takes 30.
  expect(await gateway.stop()).toBe(0);
});

describe('without a collector', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nexus-modules-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function loadedParts(env: Readonly<Record<string, string>>): Promise<number> {
    const [script, list] = [join(folder, 'list.cjs'), join(folder, 'list.json')];
    writeFileSync(
      script,
      `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(list)}, JSON.stringify(Object.keys(require.cache))));`,
    );
    // The metrics' package brings the API alone, which does nothing by itself.
    const gateway = await started(startGateway, { ...stage.settings, NODE_OPTIONS: `--require=${script}`, ...env });
    await ask(gateway, 'well', { headers: { traceparent: TRACEPARENT } });
    expect(await gateway.stop()).toBe(0);
    return (JSON.parse(readFileSync(list, 'utf8')) as string[]).filter((path) => /@opentelemetry\/(?!api\/)/.test(path)).length;
  }

  it('nothing of the SDK is loaded, and a trace passes untouched', async () => {
    expect(await loadedParts({})).toBe(0);
    expect(stage.upstream.headers.at(-1)?.['traceparent']).toBe(TRACEPARENT);
    // The list is worth something: with a collector it is long.
    const receiver = await collector();
    expect(await loadedParts({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })).toBeGreaterThan(20);
  });

  it('what cannot be spoken is a mistake, with its mend', async () => {
    const start = startGateway({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
    await expect(start).rejects.toThrow(
      /ended with 78[\s\S]*OTEL_EXPORTER_OTLP_PROTOCOL = "grpc"[\s\S]*Fix: OTEL_EXPORTER_OTLP_PROTOCOL=http\/protobuf/,
    );
  });
});
