import type { Registry } from 'prom-client';
import { CounterFamily } from './counter-family.js';
import { GaugeFamily } from './gauge-family.js';
import { HistogramFamily } from './histogram-family.js';

/** Seconds. */
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const GAP_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30, 60, 300];
const OVERHEAD_BUCKETS = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300];

/**
 * Every metric of the house in one table: names, labels and buckets are what dashboards and alert rules are written for.
 * `aggregator` says what the workers of one machine make together where it is not their sum: a circuit and a reload are one event in all of them.
 */
export function metricFamilies(registry: Registry, linesDropped: () => number) {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[], aggregator: 'sum' | 'max' = 'sum') =>
    new CounterFamily({ name, help, labelNames, aggregator, registers });
  const gauge = (name: string, help: string, labelNames: string[], aggregator: 'sum' | 'min' | 'max' | 'first') =>
    new GaugeFamily({ name, help, labelNames, aggregator, registers });
  const histogram = (name: string, help: string, labelNames: string[], buckets: number[]) =>
    new HistogramFamily({ name, help, labelNames, buckets, registers });
  return {
    requests: counter('nexus_requests_total', 'Requests by how they ended.', ['endpoint', 'upstream', 'status']),
    requestDuration: histogram(
      'nexus_request_duration_seconds',
      'From the request to the last byte of its answer.',
      ['endpoint', 'stream'],
      DURATION_BUCKETS,
    ),
    overhead: histogram('nexus_overhead_seconds', "The gateway's own part of an inference call, without waiting for others.", [], OVERHEAD_BUCKETS),
    timeToFirstToken: histogram('nexus_time_to_first_token_seconds', 'Until an upstream sent its first token.', ['upstream'], DURATION_BUCKETS),
    interToken: histogram('nexus_inter_token_seconds', 'Between two events of a stream.', ['upstream'], GAP_BUCKETS),
    attempts: counter('nexus_upstream_attempts_total', 'Attempts at upstreams by how they ended.', ['upstream', 'outcome']),
    upstreamDuration: histogram('nexus_upstream_duration_seconds', 'How long attempts at an upstream took.', ['upstream'], DURATION_BUCKETS),
    fallbacks: counter('nexus_fallbacks_total', 'Calls that moved on to another upstream, and why.', ['from', 'to', 'reason']),
    retries: counter('nexus_retries_total', 'Attempts made once more at the same upstream.', ['upstream']),
    retriesRefused: counter('nexus_retries_refused_total', 'Repeats that were due when the budget of repeats was spent.', ['upstream']),
    circuitState: gauge('nexus_circuit_state', 'Circuit of an upstream: 0 closed, 1 half-open, 2 open.', ['upstream'], 'max'),
    circuitOpened: counter('nexus_circuit_opened_total', 'How often the circuit of an upstream opened.', ['upstream'], 'max'),
    rateLimited: counter('nexus_rate_limited_total', 'Requests refused by a limit.', ['limit']),
    tokens: counter('nexus_tokens_total', 'Tokens of answered calls.', ['upstream', 'kind']),
    tokenDetails: counter('nexus_token_details_total', 'Tokens that are part of others: cached of input, reasoning of output.', ['upstream', 'kind']),
    inFlight: gauge('nexus_in_flight_requests', 'Inference calls that are not answered yet.', [], 'sum'),
    routeDecisions: counter('nexus_route_decisions_total', 'Which target a route chose first.', ['route', 'target']),
    routeShares: gauge('nexus_route_share', 'What part of its calls a route is to give a target: 0 to 1.', ['route', 'target'], 'max'),
    redisUp: gauge('nexus_redis_up', 'Whether Redis answers: 1 or 0. Absent where no Redis is configured.', [], 'min'),
    shed: counter('nexus_shed_total', 'Calls turned away for overload.', ['reason']),
    buildInfo: gauge('nexus_build_info', 'Always 1; its label names the version.', ['version'], 'first'),
    configReloads: counter('nexus_config_reload_total', 'Attempts to put new settings in force.', ['result'], 'max'),
    logLinesDropped: new CounterFamily({
      name: 'nexus_log_lines_dropped_total',
      help: 'Lines of the log that could not be written: the disk was full, or nobody read fast enough.',
      registers,
      collect() {
        if (this instanceof CounterFamily) this.series.at().value = linesDropped();
      },
    }),
    eventsDropped: counter('nexus_events_dropped_total', 'Events of streams that were no JSON and were dropped.', ['upstream']),
  };
}

export type MetricFamilies = ReturnType<typeof metricFamilies>;
