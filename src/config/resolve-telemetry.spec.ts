import type { TelemetrySettings } from '../contracts/gateway-settings.js';
import { loadSettings } from './load-settings.js';

const read = (env: Readonly<Record<string, string>>): TelemetrySettings | undefined =>
  loadSettings({ env, cwd: '/nonexistent' }).settings.observability.telemetry;
const ON = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

it.each([
  ['nothing set', {}],
  ['no address', { OTEL_TRACES_EXPORTER: 'otlp', OTEL_SERVICE_NAME: 'x' }],
  ['an empty address', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }],
  ['the SDK disabled', { ...ON, OTEL_SDK_DISABLED: 'TRUE' }],
  ['both exporters none', { ...ON, OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' }],
  ['no address, and a protocol that is not spoken', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_TRACES_EXPORTER: 'jaeger' }],
])('is off: %s', (_why, env) => {
  expect(read(env)).toBeUndefined();
});

it.each([
  [ON, true, true],
  [{ ...ON, OTEL_SDK_DISABLED: 'false' }, true, true],
  [{ ...ON, OTEL_TRACES_EXPORTER: 'none' }, false, true],
  [{ ...ON, OTEL_METRICS_EXPORTER: 'none' }, true, false],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:1/v1/traces' }, true, false],
  [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'https://c/v1/metrics' }, false, true],
])('%j: traces %s, metrics %s', (env, traces, metrics) => {
  expect(read(env)).toMatchObject({ traces, metrics, variables: env });
});

it('an export may not last longer than the time between two', () => {
  expect(read(ON)).toMatchObject({ metricIntervalMs: 60_000, metricTimeoutMs: 30_000 });
  expect(read({ ...ON, OTEL_METRIC_EXPORT_INTERVAL: '500' })).toMatchObject({ metricIntervalMs: 500, metricTimeoutMs: 500 });
  expect(read({ ...ON, OTEL_METRIC_EXPORT_TIMEOUT: '7' })).toMatchObject({ metricIntervalMs: 60_000, metricTimeoutMs: 7 });
});

it.each([
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json'],
  ['OTEL_EXPORTER_OTLP_METRICS_PROTOCOL', 'grpc'],
  ['OTEL_EXPORTER_OTLP_COMPRESSION', 'zstd'],
  ['OTEL_EXPORTER_OTLP_TIMEOUT', '10s'],
  ['OTEL_TRACES_EXPORTER', 'console'],
  ['OTEL_METRICS_EXPORTER', 'prometheus'],
  ['OTEL_TRACES_SAMPLER', 'sometimes'],
  ['OTEL_METRIC_EXPORT_INTERVAL', '0'],
  ['OTEL_BSP_MAX_QUEUE_SIZE', 'many'],
  ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', 'both'],
])('%s=%s is a mistake, told once and with its mend', (name, value) => {
  const wrong = (): unknown => read({ ...ON, [name]: value });
  expect(wrong).toThrow(new RegExp(`^config error: ${name} = "${value}": .+ Fix: ${name}=`));
  expect(wrong).not.toThrow(/\n/);
});

it('a share is looked at where the sampler takes one', () => {
  const share = { ...ON, OTEL_TRACES_SAMPLER_ARG: '2' };
  expect(() => read({ ...share, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio' })).toThrow(/OTEL_TRACES_SAMPLER_ARG = "2"/);
  expect(read(share)).toBeDefined();
});

it('a mistake shows no credentials', () => {
  expect(() => read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://me:sesame@collector:4318' })).toThrow(/^(?!.*sesame)/);
});
