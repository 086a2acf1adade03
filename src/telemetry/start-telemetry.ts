import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { ObservabilitySettings, TelemetrySettings } from '../contracts/gateway-settings.js';
import { CallInstruments } from './call-instruments.js';
import { CollectorWatch } from './collector-watch.js';
import { OtlpTelemetry, type Sender } from './otlp-telemetry.js';
import { type Teller, telemetryResource } from './telemetry-resource.js';
import type { Tellers } from './told-call.js';
import { watchedExporter } from './watched-exporter.js';

const SCOPE = 'nexus-gateway';

/**
 * OpenTelemetry's SDK, put together by hand: nothing is registered globally, nothing instruments itself, no context follows calls around.
 * This room is loaded only where a collector is named, and no other imports the SDK.
 */
export function startTelemetry(wanted: TelemetrySettings, semconv: ObservabilitySettings['otelSemconv'], teller: Teller): OtlpTelemetry {
  // What stands in `.env` counts too, and the SDK looks nowhere but here.
  Object.assign(process.env, wanted.variables);
  const resource = telemetryResource(teller);
  const watch = new CollectorWatch();
  const senders: Sender[] = [];
  const tellers: { -readonly [K in keyof Tellers]: Tellers[K] } = { tracer: undefined, instruments: undefined };
  if (wanted.traces) {
    const exporter = watchedExporter(new OTLPTraceExporter(), 'traces', watch);
    const provider = new NodeTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(exporter)] });
    tellers.tracer = provider.getTracer(SCOPE, teller.version);
    senders.push(provider);
  }
  if (wanted.metrics) {
    const reader = new PeriodicExportingMetricReader({
      exporter: watchedExporter(new OTLPMetricExporter(), 'metrics', watch),
      exportIntervalMillis: wanted.metricIntervalMs,
      exportTimeoutMillis: wanted.metricTimeoutMs,
    });
    const provider = new MeterProvider({ resource, readers: [reader] });
    tellers.instruments = new CallInstruments(provider.getMeter(SCOPE, teller.version), semconv);
    senders.push(provider);
  }
  return new OtlpTelemetry(tellers, senders, watch);
}
