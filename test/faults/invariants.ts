import { setTimeout as wait } from 'node:timers/promises';
import { Checks } from './checks.js';
import { CALL_PATHS, type Kit } from './kit.js';
import type { MetricsText } from './metrics-text.js';
import { percentile } from './open-loop-client.js';
import type { Waiver } from './row.js';
import type { SteadySample } from './steady-traffic.js';
import type { TriedGateway } from './tried-gateway.js';

/** What is known of a gateway while nothing runs. */
interface Quiet {
  readonly metrics: MetricsText;
  readonly lines: number;
  readonly callLines: number;
  readonly files: number;
}

export const STEADY_MODEL = 'steady';

/** What must hold around every row, whatever it is about. */
export class Invariants {
  private constructor(
    private readonly gateway: TriedGateway,
    private readonly kit: Kit,
    private readonly upstreams: ReadonlySet<string>,
    private readonly before: Quiet,
    private readonly openBefore: number,
    private readonly waitedBeforeMs: number,
  ) {}

  private readonly startedAt = performance.now();

  /** Nothing of ours may be under way. */
  static async begin(gateway: TriedGateway, kit: Kit, upstreams: ReadonlySet<string>): Promise<Invariants> {
    return new Invariants(gateway, kit, upstreams, await quiet(gateway), kit.upstream.ledger.openConnections, gateway.waitedForProcessorMs);
  }

  /** After the row; the steady traffic has stopped. */
  async check(steady: SteadySample | undefined, baselineMs: number): Promise<{ readonly broken: readonly string[]; readonly isCrowded: boolean }> {
    const checks = new Checks();
    // On a machine that others keep busy, times say nothing of the gateway.
    const waitedMs = this.gateway.isAlive ? this.gateway.waitedForProcessorMs - this.waitedBeforeMs : 0;
    const isCrowded = waitedMs > CROWDED_SHARE * (performance.now() - this.startedAt);
    const waived = new Set<Waiver>(this.kit.row.waives);
    checks.that(this.kit.badShapes.length === 0, () => `answers of another shape: ${[...new Set(this.kit.badShapes)].slice(0, 3).join(', ')}`);
    if (!waived.has('alive')) await this.checkGateway(checks, waived);
    if (steady !== undefined) checkSteady(checks, steady, baselineMs, isCrowded, waived);
    this.checkLedger(checks, waived);
    return { broken: checks.deviations, isCrowded };
  }

  private async checkGateway(checks: Checks, waived: ReadonlySet<Waiver>): Promise<void> {
    const { gateway, kit, before } = this;
    checks.that(gateway.isAlive, 'the process ended');
    if (!gateway.isAlive) return;
    const isIdle = await settled(gateway, kit);
    checks.that(isIdle, 'calls or upstream exchanges are still running after five seconds');
    let after = await quiet(gateway);
    // Connections that are being closed take a moment.
    const filesKept = (): number => after.files - before.files - (kit.upstream.ledger.openConnections - this.openBefore);
    for (const until = performance.now() + 3_000; filesKept() > FILES_MORE_MAX && performance.now() < until; after = await quiet(gateway))
      await wait(200);
    if (!waived.has('files')) checks.that(filesKept() <= FILES_MORE_MAX, () => `${filesKept()} more files are open`);
    const requests = after.metrics.sum('nexus_requests_total');
    if (!waived.has('conservation')) checks.equal('requests in the metrics, against lines of the log', requests + 1, after.lines);
    const callLines = after.callLines - before.callLines;
    if (!waived.has('client-count')) checks.equal('lines of calls in the log, against calls of the client', callLines, kit.calls);
    if (!waived.has('ledger-count')) this.checkAttempts(checks, after);
    const newSeries = after.metrics.countOfSeries(this.upstreams) - before.metrics.countOfSeries(this.upstreams);
    checks.that(newSeries <= SERIES_MORE_MAX, () => `${newSeries} more series`);
    checks.that(kit.secrets.foundIn(after.metrics.text) === undefined, 'a secret stands in the metrics');
  }

  private checkAttempts(checks: Checks, after: Quiet): void {
    const { kit, before } = this;
    let attempts = 0;
    // Attempts that may have ended before a byte of theirs was sent.
    let unsent = 0;
    for (const name of Object.keys(kit.row.upstreams ?? {})) {
      const upstream = kit.name(name);
      const more = (outcome?: string): number => {
        const labels = outcome === undefined ? { upstream } : { upstream, outcome };
        return after.metrics.sum('nexus_upstream_attempts_total', labels) - before.metrics.sum('nexus_upstream_attempts_total', labels);
      };
      if (kit.row.upstreams?.[name]?.startsWith('mock:') === true) continue;
      attempts += more();
      unsent += more('unreachable') + more('timeout') + more('client_gone');
    }
    const seen = kit.upstream.ledger.entries.length;
    checks.that(seen <= attempts && seen >= attempts - unsent, () => `upstreams saw ${seen} requests, the metrics count ${attempts} attempts`);
  }

  /** Each upstream gets its own key and no other secret but the prompt that is for it. */
  private checkLedger(checks: Checks, waived: ReadonlySet<Waiver>): void {
    const { kit } = this;
    if (waived.has('ledger-keys')) return;
    for (const name of Object.keys(kit.row.upstreams ?? {}))
      for (const { headers } of kit.ledger(name)) {
        const others = Object.entries(headers).filter(([header, value]) => header !== 'authorization' && kit.secrets.foundIn(value) !== undefined);
        checks.that(others.length === 0, () => `an upstream was sent a secret in ${others.map(([header]) => header).join(', ')}`);
        if (headers['authorization'] !== `Bearer ${kit.providerKey(name)}`) {
          const sharesMode = Object.keys(kit.row.upstreams ?? {}).some((other) => headers['authorization'] === `Bearer ${kit.providerKey(other)}`);
          checks.that(sharesMode, 'an upstream was sent a key that is not its own');
        }
      }
  }
}

/** `isCrowded`: its own lateness, and that it therefore sheds load, is then the machine's. */
function checkSteady(checks: Checks, steady: SteadySample, baselineMs: number, isCrowded: boolean, waived: ReadonlySet<Waiver>): void {
  const noiseMs = Math.max(0, ...steady.late);
  checks.that(steady.liveFailures.length === 0, () => `/livez failed: ${steady.liveFailures[0]}`);
  const failures = steady.callFailures.filter((failure) => !isCrowded || !failure.includes('overloaded'));
  if (!waived.has('steady')) checks.that(failures.length === 0, () => `${failures.length} calls of a bystander failed: ${failures[0]}`);
  if (isCrowded || waived.has('steady-time') || steady.live.length < SAMPLES_MIN) return;
  const liveMs = percentile(steady.live, 0.99);
  checks.that(liveMs <= LIVE_MS_MAX + noiseMs, () => `/livez took ${liveMs.toFixed()} ms (99th percentile)`);
  const callsMs = percentile(steady.calls, 0.99);
  checks.that(callsMs <= baselineMs * 1.5 + 10 + LIVE_MS_MAX + noiseMs, () => `a bystander's calls took ${callsMs.toFixed()} ms (99th percentile)`);
}

async function quiet(gateway: TriedGateway): Promise<Quiet> {
  const metrics = await gateway.scrape();
  // The scrape's own line comes after it.
  const expected = metrics.sum('nexus_requests_total') + 1;
  let lines = gateway.lines('request');
  for (const until = performance.now() + 2_000; lines.length < expected && performance.now() < until; lines = gateway.lines('request'))
    await wait(20);
  // The bystander calls without `/v1`.
  const callLines = lines.filter(({ method, path }) => method === 'POST' && CALL_PATHS.test(String(path))).length;
  return { metrics, lines: lines.length, callLines, files: gateway.openFiles };
}

async function settled(gateway: TriedGateway, kit: Kit): Promise<boolean> {
  for (const until = performance.now() + 5_000; performance.now() < until; await wait(50)) {
    const isRunning = (await gateway.scrape()).sum('nexus_in_flight_requests') !== 0;
    if (!isRunning && kit.upstream.ledger.entries.every(({ state }) => state !== 'running')) return true;
  }
  return false;
}

const CROWDED_SHARE = 0.05;
const FILES_MORE_MAX = 5;
const SERIES_MORE_MAX = 20;
const SAMPLES_MIN = 20;
const LIVE_MS_MAX = 100;
