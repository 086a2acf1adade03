import { Agent } from 'node:http';
import { Checks } from '../checks.js';
import { isDone } from '../client-call.js';
import { openLoop, percentile } from '../open-loop-client.js';
import type { FaultRow } from '../row.js';

const WARM_MS = 20_000;
const RUN_MS = 70_000;
const RATE = 120;
const SAMPLE_MS = 500;

interface Sample {
  readonly atMs: number;
  readonly mib: number;
  readonly files: number;
}

/** By how much it grows a minute: the straight line that fits best. */
function perMinute(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const at = mean(samples.map(({ atMs }) => atMs));
  const value = mean(samples.map(of));
  const top = samples.reduce((sum, sample) => sum + (sample.atMs - at) * (of(sample) - value), 0);
  const bottom = samples.reduce((sum, { atMs }) => sum + (atMs - at) ** 2, 0);
  return (top / bottom) * 60_000;
}

/** The long run in short: what grows by the call shows in a minute too, for the calls are many. */
export const STEADY_RUN: FaultRow = {
  name: 'steady-run',
  lane: 'full',
  expected:
    '120 calls a second for 70 s, a fifth of them streams: all served; after 20 s memory grows by ≤ 8 MiB a minute (1 KB a call), files not at all',
  settings: { GATEWAY_LOG_LEVEL: 'info' },
  upstreams: { a: 'slow:20', stream: 'ok-stream:20,5' },
  waives: ['steady-time'],
  run: async (kit) => {
    const checks = new Checks();
    const agent = new Agent({ keepAlive: true, maxSockets: 64 });
    const samples: Sample[] = [];
    const startedAt = performance.now();
    const sampling = setInterval(() => {
      const { residentBytes, openFiles } = kit.gateway;
      samples.push({ atMs: performance.now() - startedAt, mib: residentBytes / 2 ** 20, files: openFiles });
    }, SAMPLE_MS);
    const times: number[] = [];
    const load = await openLoop(RATE, RUN_MS, async (index) => {
      const stream = index % 5 === 0;
      const reply = await kit.call({ to: stream ? 'stream' : 'a', agent, ...(stream ? { stream } : {}) });
      checks.that(reply.status === 200 && (!stream || isDone(reply)), () => `${reply.status} ${reply.text.slice(0, 100)}`);
      if (!stream) times.push(reply.ms);
    });
    clearInterval(sampling);
    agent.destroy();
    const warm = samples.filter(({ atMs }) => atMs > WARM_MS);
    checks.that(warm.length > 20, 'not measured: too few samples');
    const memory = perMinute(warm, ({ mib }) => mib);
    const files = perMinute(warm, (sample) => sample.files);
    checks.that(memory <= 8, () => `memory grew by ${memory.toFixed(1)} MiB a minute`);
    checks.that(files <= 6, () => `${files.toFixed(1)} more files a minute`);
    const [p50, p99, p999] = [0.5, 0.99, 0.999].map((share) => percentile(times, share).toFixed());
    return checks.done(
      `${load.replies.length} calls, p50 ${p50}, p99 ${p99}, p999 ${p999} ms; memory ${memory >= 0 ? '+' : ''}${memory.toFixed(1)} MiB and files ${files.toFixed(1)} a minute`,
    );
  },
};
