import { ratios, spreadOf } from '../figures/spread.ts';
import { cpuSeconds } from '../machine/cpu-time.ts';
import { cpuPerRequest, measureRounds, type Side } from '../measure-rounds.ts';
import { arrivingJsonSide } from './json-side.ts';
import type { Profile } from './profile.ts';

/** Of each process. */
const CONNECTIONS = 32;
const PER_SECOND = 1_000;

export const twoWorkers: Profile = {
  name: 'workers',
  title: 'Two workers',
  method: `One process against \`GATEWAY_WORKERS=2\`, in turn, with as much to do for each process: ${PER_SECOND.toLocaleString('en')} calls a second over ${CONNECTIONS} connections for the one, twice that for the two, open loop. A process that has less to do wakes for fewer calls at a time, and each of them costs more: at one rate for both that would be measured. Both workers stay on the one core that the gateway has in all profiles, which they leave idle for much of the time: what is compared is the CPU that a request costs, not what more cores can serve. The CPU of all processes counts, the primary too; a worker's part is its share of the CPU of both, which stands for its share of the requests.`,
  async measure(bench) {
    const upstream = await bench.upstream();
    const one = await bench.gateway(upstream);
    const two = await bench.gateway(upstream, { GATEWAY_WORKERS: '2' });
    const workers = two.pids.slice(1);
    if (workers.length !== 2) throw new Error(`there are ${workers.length} workers`);
    const parts: number[] = [];
    const parted = ({ server, run }: Side): Side => ({
      server,
      run: async (milliseconds) => {
        const before = workers.map((pid) => cpuSeconds([pid]));
        const result = await run(milliseconds);
        const used = workers.map((pid, index) => cpuSeconds([pid]) - (before[index] ?? 0));
        parts.push(Math.max(...used) / used.reduce((sum, seconds) => sum + seconds, 0));
        return result;
      },
    });
    const rounds = await measureRounds(
      { one: arrivingJsonSide(one, CONNECTIONS, PER_SECOND), two: parted(arrivingJsonSide(two, 2 * CONNECTIONS, 2 * PER_SECOND)) },
      bench.pace,
    );
    return {
      figures: [
        { what: 'CPU per request, one process', unit: 'µs', spread: spreadOf(cpuPerRequest(rounds.one)) },
        { what: 'CPU per request, two workers', unit: 'µs', spread: spreadOf(cpuPerRequest(rounds.two)) },
        { what: 'ratio', unit: '×', spread: ratios(cpuPerRequest(rounds.two), cpuPerRequest(rounds.one)), bar: { atMost: 1.1 } },
        // The first part is of the warm-up, in which the second worker may still have been starting.
        { what: 'part of the busier worker', unit: '', spread: spreadOf(parts.slice(1)), bar: { atMost: 0.6 } },
      ],
    };
  },
};
