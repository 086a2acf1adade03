import type { Curve, Figure } from '../figures/findings.ts';
import { quantile, type Spread, spreadOf } from '../figures/spread.ts';
import { OpenLoop } from '../load/open-loop.ts';
import { post, smallChat } from '../load/requests.ts';
import { measureRounds, type Round, type Side } from '../measure-rounds.ts';
import type { Pace } from '../pace.ts';
import type { Server } from '../servers/server.ts';
import { JSON_PATH, jsonSide } from './json-side.ts';
import type { Profile } from './profile.ts';

const RATES = [250, 500, 1_000, 2_000, 3_000];

export const latency: Profile = {
  name: 'latency',
  title: 'Added latency',
  method:
    'At one connection: a call after another, straight to the upstream, through nginx and through the gateway in turn. Under load: open loop over 64 connections, requests arrive at a rate whether earlier ones are answered or not, and waiting for a free connection counts.',
  async measure(bench) {
    const upstream = await bench.upstream();
    const nginx = await bench.nginx(upstream);
    const gateway = await bench.gateway(upstream);
    await jsonSide(gateway, 64).run(bench.pace.warmUpMs);

    const sides: Record<string, Side> = {
      direct: jsonSide(upstream, 1, { path: JSON_PATH }),
      ...(nginx && { nginx: jsonSide(nginx, 1, { path: JSON_PATH }) }),
      gateway: jsonSide(gateway, 1),
    };
    const rounds = await measureRounds(sides, { ...bench.pace, warmUpMs: bench.pace.roundMs });
    const [direct, theirs, ours] = ['direct', 'nginx', 'gateway'].map((name) => (rounds[name] ?? []).map(median));
    const added = minus(ours ?? [], direct ?? []);
    const figures: Figure[] = [
      { what: 'p50 at one connection, direct', unit: 'ms', spread: spreadOf(direct ?? []) },
      { what: 'p50 at one connection, gateway', unit: 'ms', spread: spreadOf(ours ?? []) },
      { what: 'added by the gateway', unit: 'ms', spread: spreadOf(added), isDifference: true },
    ];
    if (nginx !== undefined) {
      const addedByNginx = minus(theirs ?? [], direct ?? []);
      figures.push({ what: 'added by nginx', unit: 'ms', spread: spreadOf(addedByNginx), isDifference: true });
      const ratio = added.map((value, round) => value / (addedByNginx[round] ?? Number.NaN));
      figures.push({ what: 'added by the gateway, ratio to nginx', unit: '×', spread: spreadOf(ratio), bar: { atMost: 2.5 }, isDifference: true });
    }
    return { figures, curves: await latencyAgainstRate(bench.pace, { direct: upstream, ...(nginx && { nginx }), gateway }) };
  },
};

function median({ result }: Round): number {
  return quantile(result.latencies, 0.5);
}

function minus(values: readonly number[], others: readonly number[]): number[] {
  return values.map((value, index) => value - (others[index] ?? Number.NaN));
}

async function latencyAgainstRate(pace: Pace, servers: Readonly<Record<string, Server>>): Promise<Curve[]> {
  const rates = pace.isQuick ? RATES.slice(1, 3) : RATES;
  const measured: { readonly label: string; readonly rate: number; readonly p50: Spread; readonly p99: Spread }[] = [];
  for (const [label, { port }] of Object.entries(servers)) {
    const loop = OpenLoop.over(port, 64, post(smallChat(), label === 'gateway' ? {} : { path: JSON_PATH }));
    for (const rate of rates) {
      const runs = [];
      for (let round = 0; round < (pace.isQuick ? 1 : 3); round++) runs.push(await loop.run(pace.roundMs, rate));
      measured.push({
        label,
        rate,
        p50: spreadOf(runs.map((run) => quantile(run.latencies, 0.5))),
        p99: spreadOf(runs.map((run) => quantile(run.latencies, 0.99))),
      });
    }
  }
  return (['p50', 'p99'] as const).map((share) => ({
    name: `latency-${share}`,
    title: `Latency against load, ${share}`,
    x: { label: 'requests a second, open loop', isLogarithmic: false },
    y: { label: 'ms' },
    lines: Object.keys(servers).map((label) => ({
      label,
      points: measured.filter((one) => one.label === label).map((one) => ({ x: one.rate, y: one[share] })),
    })),
  }));
}
