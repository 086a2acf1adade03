import type { Curve, Figure } from '../figures/findings.ts';
import { ratios, spreadOf } from '../figures/spread.ts';
import { cpuPerRequest, measureRound, measureRounds, type Round, type Side } from '../measure-rounds.ts';
import type { Pace } from '../pace.ts';
import type { Server } from '../servers/server.ts';
import { JSON_PATH, jsonSide } from './json-side.ts';
import type { Profile } from './profile.ts';

const CONNECTIONS = 64;
const NOISE_MAX = 0.1;
const LOADS = [1, 2, 8, 32, 128];

export const smallJson: Profile = {
  name: 'json',
  title: 'A small chat completion',
  method: `${CONNECTIONS} connections, closed loop; a request of about 450 bytes with its headers and an answer of about 650.`,
  async measure(bench) {
    const upstream = await bench.upstream();
    const nginx = await bench.nginx(upstream);
    const gateway = await bench.gateway(upstream);
    const other = await bench.otherGateway(upstream);
    const sides: Record<string, Side> = {
      ...(nginx && { nginx: jsonSide(nginx, CONNECTIONS, { path: JSON_PATH }) }),
      gateway: jsonSide(gateway, CONNECTIONS),
      ...(other && { other: jsonSide(other, CONNECTIONS) }),
    };
    const busy = watchOurselves(upstream, gateway);
    const rounds = await measureRounds(sides, bench.pace);
    const notes = [busy()];

    const ours = rounds['gateway'] ?? [];
    const cost = cpuPerRequest(ours);
    const figures: Figure[] = [
      { what: 'CPU per request', unit: 'µs', spread: spreadOf(cost) },
      { what: 'requests a second on one core', unit: '/s', spread: spreadOf(ours.map(({ result }) => result.requests / result.seconds)) },
      { what: 'share of that core in use', unit: '', spread: spreadOf(ours.map(({ cpuSeconds, result }) => cpuSeconds / result.seconds)) },
    ];
    if (rounds['nginx'] !== undefined) {
      const theirs = cpuPerRequest(rounds['nginx']);
      figures.push({ what: 'CPU per request, nginx', unit: 'µs', spread: spreadOf(theirs) });
      figures.push({ what: 'CPU per request, ratio to nginx', unit: '×', spread: ratios(cost, theirs), bar: { atMost: 6 } });
    }
    if (rounds['other'] !== undefined)
      figures.push({ what: 'CPU per request, ratio to the other build', unit: '×', spread: ratios(cost, cpuPerRequest(rounds['other'])) });
    return { figures, curves: [await costAgainstLoad(bench.pace, gateway, nginx)], notes };
  },
};

/** Tells afterwards that what measures was not itself what slowed things down. */
function watchOurselves(upstream: Server, gateway: Server): () => string {
  const startedAt = performance.now();
  const self = process.cpuUsage();
  const others = upstream.cpuSeconds;
  const waited = gateway.waitingSeconds;
  const ran = gateway.cpuSeconds;
  return () => {
    const seconds = (performance.now() - startedAt) / 1000;
    const { user, system } = process.cpuUsage(self);
    const percent = (used: number): string => `${Math.round((used / seconds) * 100)} %`;
    const waiting = (gateway.waitingSeconds - waited) / (gateway.waitingSeconds - waited + gateway.cpuSeconds - ran);
    return (
      `The load generator was busy for ${percent((user + system) / 1e6)} of the time, the upstream for ${percent(upstream.cpuSeconds - others)}. ` +
      `For ${Math.round(waiting * 100)} % of the time in which the gateway had something to do, another process had its core${waiting > NOISE_MAX ? ': this machine was too busy for figures to be quoted' : ''}.`
    );
  };
}

async function costAgainstLoad(pace: Pace, gateway: Server, nginx: Server | undefined): Promise<Curve> {
  const lineOf = async (label: string, server: Server, path?: string) => {
    const points = [];
    for (const connections of LOADS) {
      const side = jsonSide(server, connections, path === undefined ? {} : { path });
      await side.run(pace.roundMs / 4);
      const rounds: Round[] = [];
      for (let round = 0; round < 3; round++) rounds.push(await measureRound(side, pace.roundMs / 2));
      points.push({ x: connections, y: spreadOf(cpuPerRequest(rounds)) });
    }
    return { label, points };
  };
  const lines = [await lineOf('gateway', gateway), ...(nginx ? [await lineOf('nginx', nginx, JSON_PATH)] : [])];
  return {
    name: 'cost-against-load',
    title: 'CPU per request against load',
    x: { label: 'connections, each asking again as soon as it is answered', isLogarithmic: true },
    y: { label: 'µs' },
    lines,
  };
}
