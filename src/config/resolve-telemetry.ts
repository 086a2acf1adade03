import type { TelemetrySettings } from '../contracts/gateway-settings.js';
import type { Environment } from './environment.js';
import type { Findings } from './findings.js';
import { httpAddress } from './http-address.js';
import { nearestName } from './nearest-name.js';
import { Place } from './place.js';
import { shownValue } from './shown-value.js';

const SAMPLERS = ['always_on', 'always_off', 'traceidratio', 'parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'];
const TEMPORALITIES = ['cumulative', 'delta', 'lowmemory'];
const COMPRESSIONS = ['none', 'gzip'];
const NUMBERS = /^OTEL_(EXPORTER_OTLP(_(TRACES|METRICS))?_TIMEOUT|METRIC_EXPORT_(INTERVAL|TIMEOUT)|BSP_[A-Z_]+)$/;
/** The SDK's own, of the standard. */
const INTERVAL_MS = 60_000;
const TIMEOUT_MS = 30_000;

type Signal = 'TRACES' | 'METRICS';

/**
 * What OpenTelemetry's own variables ask for; undefined: nothing. An address of a collector turns it on. Where it is off, nothing is looked
 * at: a cluster may set such variables for everybody. Where it is on, what the SDK would pass over in silence is a mistake.
 */
export function resolveTelemetry(environment: Environment, findings: Findings): TelemetrySettings | undefined {
  const get = (name: string): string | undefined => environment.get(name)?.trim() || undefined;
  if (get('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return undefined;
  const traces = isWanted('TRACES', get, findings);
  const metrics = isWanted('METRICS', get, findings);
  if (!traces && !metrics) return undefined;
  for (const signal of ['TRACES', 'METRICS'] as const) if (signal === 'TRACES' ? traces : metrics) checkExporter(signal, get, findings);
  const variables: Record<string, string> = {};
  for (const name of environment.names('OTEL_')) {
    const value = get(name);
    if (value === undefined) continue;
    variables[name] = value;
    if (NUMBERS.test(name) && !/^[1-9]\d{0,8}$/.test(value))
      findings.mistake(Place.variable(name), shownValue(value), 'must be a whole number from 1 to 999999999', `${name}=${exampleOf(name)}`);
  }
  if (traces) checkSampler(get, findings);
  if (metrics) oneOf('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', TEMPORALITIES, get, findings);
  const metricIntervalMs = Number(variables['OTEL_METRIC_EXPORT_INTERVAL'] ?? INTERVAL_MS);
  const metricTimeoutMs = Math.min(metricIntervalMs, Number(variables['OTEL_METRIC_EXPORT_TIMEOUT'] ?? TIMEOUT_MS));
  return { traces, metrics, metricIntervalMs, metricTimeoutMs, variables };
}

type Get = (name: string) => string | undefined;

function isWanted(signal: Signal, get: Get, findings: Findings): boolean {
  if (get('OTEL_EXPORTER_OTLP_ENDPOINT') === undefined && get(`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`) === undefined) return false;
  const name = `OTEL_${signal}_EXPORTER`;
  oneOf(name, ['otlp', 'none'], get, findings);
  return (get(name) ?? 'otlp') === 'otlp';
}

function checkExporter(signal: Signal, get: Get, findings: Findings): void {
  const nearest = (what: string): string =>
    get(`OTEL_EXPORTER_OTLP_${signal}_${what}`) === undefined ? `OTEL_EXPORTER_OTLP_${what}` : `OTEL_EXPORTER_OTLP_${signal}_${what}`;
  const told = new Set(findings.mistakes.map(({ path }) => path));
  const endpoint = nearest('ENDPOINT');
  const address = httpAddress(get(endpoint) ?? '');
  // Both signals may read the same variable.
  if ('fault' in address && !told.has(endpoint))
    findings.mistake(Place.variable(endpoint), shownValue(get(endpoint)), address.fault, `${endpoint}=http://localhost:4318`);
  const protocol = nearest('PROTOCOL');
  if (!told.has(protocol)) oneOf(protocol, ['http/protobuf'], get, findings, ' with the port that takes it, 4318 as a rule');
  const compression = nearest('COMPRESSION');
  if (!told.has(compression)) oneOf(compression, COMPRESSIONS, get, findings);
}

function checkSampler(get: Get, findings: Findings): void {
  oneOf('OTEL_TRACES_SAMPLER', SAMPLERS, get, findings);
  const share = get('OTEL_TRACES_SAMPLER_ARG');
  if (share === undefined || get('OTEL_TRACES_SAMPLER')?.endsWith('traceidratio') !== true) return;
  if (!(Number(share) >= 0 && Number(share) <= 1))
    findings.mistake(Place.variable('OTEL_TRACES_SAMPLER_ARG'), shownValue(share), 'must be a number from 0 to 1', 'OTEL_TRACES_SAMPLER_ARG=0.1');
}

function oneOf(name: string, choices: readonly string[], get: Get, findings: Findings, more = ''): void {
  const value = get(name);
  if (value === undefined || choices.includes(value)) return;
  const reason = choices.length === 1 ? `is not spoken here: it must be ${String(choices[0])}` : `must be one of ${choices.join(', ')}`;
  findings.mistake(Place.variable(name), shownValue(value), reason, `${name}=${nearestName(value, choices) ?? String(choices[0])}${more}`);
}

function exampleOf(name: string): number {
  if (name.endsWith('INTERVAL')) return INTERVAL_MS;
  return name.endsWith('SIZE') ? 2_048 : 10_000;
}
