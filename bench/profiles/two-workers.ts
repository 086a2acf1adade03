import { cpuSeconds } from '../machine/cpu-time.ts';
import { ratios, spreadOf } from '../figures/spread.ts';
import { cpuPerRequest, measureRounds } from '../measure-rounds.ts';
import { jsonSide } from './json-side.ts';
import type { Profile } from './profile.ts';

export const twoWorkers: Profile = {
  name: 'workers',
  title: 'Two workers',
  method:
    "One process against `GATEWAY_WORKERS=2` on the same core, 64 connections, in turn. The CPU of all processes counts, the primary too; a worker's part is its share of the CPU of both, which stands for its share of the requests.",
  async measure(bench) {
    const upstream = await bench.upstream();
    const one = await bench.gateway(upstream);
    const two = await bench.gateway(upstream, { GATEWAY_WORKERS: '2' });
    const workers = two.pids.slice(1);
    const before = workers.map((pid) => cpuSeconds([pid]));
    const rounds = await measureRounds({ one: jsonSide(one, 64), two: jsonSide(two, 64) }, bench.pace);
    const used = workers.map((pid, index) => cpuSeconds([pid]) - (before[index] ?? 0)).sort((a, b) => b - a);
    const both = used.reduce((sum, seconds) => sum + seconds, 0);
    return {
      figures: [
        { what: 'CPU per request, one process', unit: 'µs', spread: spreadOf(cpuPerRequest(rounds.one)) },
        { what: 'CPU per request, two workers', unit: 'µs', spread: spreadOf(cpuPerRequest(rounds.two)) },
        { what: 'ratio', unit: '×', spread: ratios(cpuPerRequest(rounds.two), cpuPerRequest(rounds.one)), bar: { atMost: 1.1 } },
        { what: 'part of the busier worker', unit: '', spread: spreadOf([(used[0] ?? 0) / both]), bar: { atMost: 0.6 } },
      ],
    };
  },
};
