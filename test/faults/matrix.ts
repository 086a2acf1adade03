import { Kit } from './kit.js';
import { Invariants, STEADY_MODEL } from './invariants.js';
import { percentile } from './open-loop-client.js';
import type { FaultRow, RowClass } from './row.js';
import { Secrets } from './secrets.js';
import { SteadyTraffic } from './steady-traffic.js';
import { SHORT_TIMES, TriedGateway } from './tried-gateway.js';

export interface RowResult {
  readonly rowClass: string;
  readonly name: string;
  readonly expected: string;
  readonly observed: string;
  readonly figure: string;
  readonly passed: boolean;
  readonly seconds: number;
}

interface Wanted {
  readonly row: FaultRow;
  readonly rowClass: string;
}

/** Runs rows one after the other, each between two looks at what must always hold. */
export class Matrix {
  private readonly secrets = new Secrets();
  private readonly results: RowResult[] = [];

  constructor(private readonly tell: (result: RowResult) => void) {}

  async run(classes: readonly RowClass[], isWanted: (row: FaultRow, rowClass: RowClass) => boolean): Promise<readonly RowResult[]> {
    const wanted = classes.flatMap((rowClass) =>
      rowClass.rows.filter((row) => isWanted(row, rowClass)).map((row): Wanted => ({ row, rowClass: rowClass.name })),
    );
    const shared = Map.groupBy(wanted, ({ row }) => (row.prepare === undefined ? JSON.stringify(row.settings ?? {}) : row.name));
    for (const rows of shared.values()) await this.together(rows);
    return this.results.toSorted((one, other) => place(classes, one) - place(classes, other));
  }

  /** These rows at one gateway. */
  private async together(rows: readonly Wanted[]): Promise<void> {
    const kits: Kit[] = [];
    let gateway: TriedGateway | undefined;
    let steady: SteadyTraffic | undefined;
    try {
      for (const { row } of rows) kits.push(await Kit.for(row, this.secrets));
      const { env, upstreams } = await this.settings(kits);
      gateway = await TriedGateway.start({ env });
      steady = SteadyTraffic.start(gateway.port, this.secrets.of('steady'), STEADY_MODEL);
      const baselineMs = await baseline(steady);
      for (const [index, kit] of kits.entries()) {
        const one = rows[index];
        if (one === undefined) continue;
        if (gateway.isAlive) await this.one(one, kit, gateway, steady, upstreams, baselineMs);
        else this.add(one, false, 'the gateway had ended before', '', 0);
      }
      const last = rows.at(-1);
      if (last !== undefined) this.readLog(last, gateway);
    } catch (error) {
      for (const one of rows)
        if (!this.results.some(({ name }) => name === one.row.name)) this.add(one, false, `not run: ${messageOf(error)}`, '', 0);
    } finally {
      await steady?.stop();
      if (gateway?.isAlive === true) await gateway.stop('SIGTERM', 15_000);
      for (const kit of kits) await kit.end();
    }
  }

  private async one(
    wanted: Wanted,
    kit: Kit,
    gateway: TriedGateway,
    steady: SteadyTraffic,
    upstreams: ReadonlySet<string>,
    baselineMs: number,
  ): Promise<void> {
    const startedAt = performance.now();
    kit.use(gateway);
    try {
      const invariants = await Invariants.begin(gateway, kit, upstreams);
      steady.go();
      const seen = await within(ROW_MS_MAX, wanted.row.run(kit));
      const sample = gateway.isAlive ? await within(15_000, steady.take()) : undefined;
      const { broken, isCrowded } = await invariants.check(sample, baselineMs);
      const observed = [...(seen.passed && broken.length > 0 ? [] : [seen.observed]), ...broken.map((one) => `INVARIANT ${one}`)].join('; ');
      const figure = isCrowded ? `${seen.figure} (the machine was busy: a bystander's times not judged)` : seen.figure;
      this.add(wanted, seen.passed && broken.length === 0, observed, figure, performance.now() - startedAt);
    } catch (error) {
      await steady.take().catch(() => undefined);
      this.add(wanted, false, `the row itself failed: ${messageOf(error)}`, '', performance.now() - startedAt);
    }
  }

  private async settings(kits: readonly Kit[]): Promise<{ env: Record<string, string>; upstreams: ReadonlySet<string> }> {
    const upstreams = [`${STEADY_MODEL}=mock://local`];
    const fallbacks: string[] = [];
    const env: Record<string, string> = { ...SHORT_TIMES };
    const [first] = kits;
    env['GATEWAY_API_KEYS'] = [first?.clientKey, first?.otherKey, this.secrets.of('steady')].join(',');
    for (const kit of kits) {
      Object.assign(env, kit.row.settings, await kit.row.prepare?.(kit));
      const own = await kit.upstreamSettings();
      upstreams.push(...own.upstreams);
      fallbacks.push(...own.fallbacks);
      Object.assign(env, own.keys);
    }
    env['GATEWAY_UPSTREAMS'] = upstreams.join(';');
    if (fallbacks.length > 0) env['GATEWAY_FALLBACKS'] = fallbacks.join(';');
    return { env, upstreams: new Set(upstreams.map((one) => one.slice(0, one.indexOf('=')))) };
  }

  /** What the gateway wrote over all its rows: no secret, no prompt, nothing that only bugs print, and every line JSON. */
  private readLog(last: Wanted, gateway: TriedGateway): void {
    const { out, err } = gateway;
    const faults: string[] = [];
    const secret = this.secrets.foundIn(out) ?? this.secrets.foundIn(err);
    if (secret !== undefined) faults.push(`a secret or a prompt stands in the log (${secret})`);
    if (/Hello from the fault server|token1 /.test(out + err)) faults.push('an answer stands in the log');
    const bug = /uncaughtException|unhandledRejection|UnhandledPromise|MaxListenersExceeded|Warning: /.exec(out + err);
    if (bug !== null) faults.push(`the log says ${bug[0]}: ${(out + err).slice(bug.index, bug.index + 200)}`);
    const odd = out
      .split('\n')
      .slice(0, -1)
      .find((line) => !isJson(line) || line.length > 16_384);
    if (odd !== undefined) faults.push(`a line of the log is no JSON or over 16 KB: ${odd.slice(0, 100)}`);
    if (faults.length === 0) return;
    const index = this.results.findIndex(({ name }) => name === last.row.name);
    const result = this.results[index];
    if (result === undefined) return;
    const broken = { ...result, passed: false, observed: [result.observed, ...faults.map((one) => `INVARIANT ${one}`)].join('; ') };
    this.results[index] = broken;
    this.tell(broken);
  }

  private add({ row, rowClass }: Wanted, passed: boolean, observed: string, figure: string, ms: number): void {
    const result = {
      rowClass,
      name: row.name,
      expected: row.expected,
      observed: observed.replaceAll(/\s+/g, ' ').slice(0, 800),
      figure,
      passed,
      seconds: ms / 1000,
    };
    this.results.push(result);
    this.tell(result);
  }
}

/** How fast the bystander is served while nothing else happens. */
async function baseline(steady: SteadyTraffic): Promise<number> {
  steady.go();
  await new Promise((resolve) => setTimeout(resolve, 300));
  return percentile((await steady.take()).calls, 0.99);
}

async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value> {
  let late: NodeJS.Timeout | undefined;
  const timeOut = new Promise<never>((_resolve, reject) => {
    late = setTimeout(() => reject(new Error(`not over after ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([promise, timeOut]);
  } finally {
    clearTimeout(late);
  }
}

function place(classes: readonly RowClass[], { name }: RowResult): number {
  return classes.flatMap(({ rows }) => rows).findIndex((row) => row.name === name);
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** For the page, which others read elsewhere; where it was thrown stands on stderr. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  process.stderr.write(`${error.stack ?? error.message}\n`);
  return error.message.slice(0, 500);
}

const ROW_MS_MAX = 300_000;
