import type { Registry } from 'prom-client';
import type { LiveSettings } from '../config/live-settings.js';
import type { Endpoint } from '../contracts/endpoint.js';
import type { GatewaySettings } from '../contracts/gateway-settings.js';
import { Meter } from '../contracts/meter.js';
import type { Outcome } from '../contracts/outcome.js';
import type { RequestContext } from '../contracts/request-context.js';
import type { BucketedSeries } from './bucketed-series.js';
import { type MetricFamilies, metricFamilies } from './metric-families.js';
import { PRODUCT_VERSION } from './product-version.js';
import type { Series } from './series.js';
import type { StateLog } from './state-log.js';
import { UpstreamSeries } from './upstream-series.js';

const CIRCUIT_STATES = { closed: 0, 'half-open': 1, open: 2 } as const;

/** What a label says of a name that nobody configured: the number of series never depends on what a client sends. */
const UNKNOWN = 'other';
const NOT_CHOSEN = 'none';

/**
 * Turns the house's events into metrics of a registry of its own, so that two gateways in one process never meet.
 * Series of upstreams that a reload removed are forgotten; what still happens to them is counted as `other`.
 */
export class PrometheusMeter extends Meter {
  private readonly families: MetricFamilies;
  private readonly inFlight: Series;
  private readonly overhead: BucketedSeries;
  private readonly durationsPlain = new Map<Endpoint, BucketedSeries>();
  private readonly durationsStreamed = new Map<Endpoint, BucketedSeries>();
  private readonly decisions = new Map<string, Map<string, Series>>();
  private upstreams = new Map<string, UpstreamSeries>();
  private routes = new Set<string>();

  constructor(
    registry: Registry,
    live: LiveSettings,
    private readonly states?: StateLog,
    log: { readonly dropped: number } = { dropped: 0 },
  ) {
    super();
    this.families = metricFamilies(registry, () => log.dropped);
    this.inFlight = this.families.inFlight.series.at();
    this.overhead = this.families.overhead.series.at();
    this.families.buildInfo.series.at(PRODUCT_VERSION).value = 1;
    for (const reason of ['concurrency', 'event_loop', 'memory']) this.families.shed.series.at(reason);
    for (const limit of ['requests', 'auth_failures']) this.families.rateLimited.series.at(limit);
    for (const result of ['ok', 'refused']) this.families.configReloads.series.at(result);
    for (const endpoint of ['chat_completions', 'completions', 'embeddings'] as const)
      for (const stream of [false, true]) this.duration(endpoint, stream);
    this.duration('models', false);
    this.duration('other', false);
    this.follow(live.current);
    live.onChange((next) => this.follow(next));
  }

  override callStarted(): void {
    this.inFlight.value++;
  }

  override requestEnded(context: RequestContext, status: number, durationMs: number, inference: boolean): void {
    if (inference) {
      this.inFlight.value--;
      this.overhead.observe((durationMs - context.waitedMs) / 1000);
    }
    const upstream = this.of(context.upstream);
    upstream.requests(context.endpoint, status).value++;
    this.duration(context.endpoint, context.call?.stream === true).observe(durationMs / 1000);
    const usage = context.usage;
    if (usage === undefined) return;
    add(upstream.input, usage.input);
    add(upstream.output, usage.output);
    if (usage.cached > 0) add(this.families.tokenDetails.series.at(upstream.name, 'cached'), usage.cached);
    if (usage.reasoning > 0) add(this.families.tokenDetails.series.at(upstream.name, 'reasoning'), usage.reasoning);
  }

  override attemptEnded(upstream: string, outcome: Outcome, durationMs: number): void {
    const series = this.of(upstream);
    series.attempts(outcome).value++;
    series.duration.observe(durationMs / 1000);
  }

  override firstToken(upstream: string, afterMs: number): void {
    this.of(upstream).timeToFirstToken.observe(afterMs / 1000);
  }

  override interToken(upstream: string, gapMs: number): void {
    this.of(upstream).interToken.observe(gapMs / 1000);
  }

  override retried(upstream: string): void {
    this.families.retries.series.at(this.of(upstream).name).value++;
  }

  override retryRefused(upstream: string): void {
    this.families.retriesRefused.series.at(this.of(upstream).name).value++;
  }

  override fellBack(from: string, to: string, reason: Outcome): void {
    this.families.fallbacks.series.at(this.of(from).name, this.of(to).name, reason).value++;
  }

  override routed(route: string, target: string): void {
    let targets = this.decisions.get(route);
    if (targets === undefined) {
      const known = this.routes.has(route) ? route : UNKNOWN;
      targets = this.decisions.get(known) ?? new Map<string, Series>();
      this.decisions.set(known, targets);
      route = known;
    }
    let series = targets.get(target);
    if (series === undefined) {
      const { name } = this.of(target);
      series = this.families.routeDecisions.series.at(route, name);
      targets.set(name, series);
    }
    series.value++;
  }

  override sharesDecided(shares: ReadonlyMap<string, ReadonlyMap<string, number>>): void {
    const { series } = this.families.routeShares;
    // A target that left its route must not linger with the share it had.
    series.keep(({ route = '', target = '' }) => shares.get(route)?.has(target) === true);
    for (const [route, targets] of shares) for (const [target, part] of targets) series.at(route, target).value = part;
  }

  override rateLimited(limit: 'requests' | 'auth_failures'): void {
    this.families.rateLimited.series.at(limit).value++;
  }

  override shed(reason: 'concurrency' | 'event_loop' | 'memory'): void {
    this.families.shed.series.at(reason).value++;
  }

  override circuitChanged(upstream: string, state: 'closed' | 'half-open' | 'open'): void {
    const { name } = this.of(upstream);
    if (name !== upstream) return;
    const gauge = this.families.circuitState.series.at(name);
    // A probe that fails, or says nothing, leaves it open: it opened once.
    if (state === 'open' && gauge.value === CIRCUIT_STATES.closed) this.families.circuitOpened.series.at(name).value++;
    gauge.value = CIRCUIT_STATES[state];
    this.states?.circuitChanged(upstream, state);
  }

  override redisIsUp(up: boolean): void {
    this.families.redisUp.series.at().value = up ? 1 : 0;
    this.states?.redisIsUp(up);
  }

  override configReloaded(result: 'ok' | 'refused'): void {
    this.families.configReloads.series.at(result).value++;
  }

  override eventDropped(upstream: string): void {
    this.families.eventsDropped.series.at(this.of(upstream).name).value++;
  }

  private of(upstream: string): UpstreamSeries {
    return this.upstreams.get(upstream) ?? this.other();
  }

  private other(): UpstreamSeries {
    let other = this.upstreams.get(UNKNOWN);
    if (other === undefined) this.upstreams.set(UNKNOWN, (other = new UpstreamSeries(UNKNOWN, this.families)));
    return other;
  }

  private duration(endpoint: Endpoint, stream: boolean): BucketedSeries {
    const durations = stream ? this.durationsStreamed : this.durationsPlain;
    let series = durations.get(endpoint);
    if (series === undefined) durations.set(endpoint, (series = this.families.requestDuration.series.at(endpoint, String(stream))));
    return series;
  }

  /** Names that labels may take from now on. What an operator looks for before anything happened is there at 0. */
  private follow({ routing, limits }: GatewaySettings): void {
    const kept = this.upstreams;
    this.upstreams = new Map();
    for (const name of [NOT_CHOSEN, ...routing.upstreams.keys()]) this.upstreams.set(name, kept.get(name) ?? new UpstreamSeries(name, this.families));
    const other = kept.get(UNKNOWN);
    if (other !== undefined) this.upstreams.set(UNKNOWN, other);
    this.routes = new Set([...routing.routes.keys(), ...routing.upstreams.keys(), ...routing.fallbacks.keys()]);
    this.decisions.clear();

    const isUpstream = (name: string | undefined): boolean => name === undefined || name === UNKNOWN || this.upstreams.has(name);
    const isRoute = (name: string | undefined): boolean => name === undefined || name === UNKNOWN || this.routes.has(name);
    for (const { series } of Object.values(this.families))
      series.keep(
        (labels: Series['labels']) =>
          isUpstream(labels['upstream']) &&
          isUpstream(labels['from']) &&
          isUpstream(labels['to']) &&
          isUpstream(labels['target']) &&
          isRoute(labels['route']),
      );
    for (const name of routing.upstreams.keys()) {
      this.families.circuitState.series.at(name);
      this.families.circuitOpened.series.at(name);
      this.families.retries.series.at(name);
      this.families.retriesRefused.series.at(name);
      this.families.eventsDropped.series.at(name);
    }
    if (limits.redisUrl !== undefined) this.families.redisUp.series.at();
  }
}

function add(series: Series, amount: number): void {
  if (amount > 0 && Number.isFinite(amount)) series.value += amount;
}
