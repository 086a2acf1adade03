import type { Figure } from '../figures/findings.ts';
import { spreadOf } from '../figures/spread.ts';
import { ClosedLoop } from '../load/closed-loop.ts';
import { imagePrompt, longPrompt, post } from '../load/requests.ts';
import { forgetPeak, peakMb, residentMb } from '../machine/memory.ts';
import type { Server } from '../servers/server.ts';
import { jsonSide } from './json-side.ts';
import type { Profile } from './profile.ts';
import { scrape, valueOf } from './scrape.ts';

const MB = 1024 * 1024;
const AT_ONCE = 8;
/** The meter of the event loop looks this often, and its figures hold that time too. */
const LOOKS_EVERY_MS = 10;

export const largePrompts: Profile = {
  name: 'large',
  title: 'Large prompts',
  method: `Bodies of 1 MB (text) and 4 MB (an image in base64), after a warm-up with the same: one at a time, which the bar is about, and ${AT_ONCE} at once, whose turns may follow one another without a pause. Extra memory is the peak above what the process held before, divided by the bytes of the bodies. The longest block of the event loop is the gateway's own figure (\`nodejs_eventloop_lag_max_seconds\`, less the 10 ms in which it looks).`,
  async measure(bench) {
    const upstream = await bench.upstream();
    const figures: Figure[] = [];
    for (const [label, body, bytes] of [
      ['1 MB prompt', longPrompt(MB), MB],
      ['4 MB image', imagePrompt(4 * MB), 4 * MB],
    ] as const)
      for (const atOnce of [1, AT_ONCE]) {
        const gateway = await bench.gateway(upstream);
        await jsonSide(gateway, 16).run(bench.pace.warmUpMs);
        const loop = ClosedLoop.over(gateway.port, atOnce, [post(body)]);
        await loop.run(bench.pace.roundMs);
        const memory = [];
        const blocks = [];
        for (let refused = 0; memory.length < bench.pace.rounds;) {
          await settled(gateway);
          const before = residentMb(gateway.pids);
          forgetPeak(gateway.pids);
          const { requests, statuses } = await loop.run(1);
          const peak = peakMb(gateway.pids);
          const page = await scrape(gateway);
          if (statuses.get(200) === requests) {
            memory.push(Math.max(0, peak - before) / ((atOnce * bytes) / MB));
            blocks.push(Math.max(0.1, valueOf(page, 'nodejs_eventloop_lag_max_seconds') * 1000 - LOOKS_EVERY_MS));
            // On a machine that is busy with something else a gateway sheds: what remains would flatter.
          } else if (++refused > bench.pace.disturbedMax) throw new Error(`${atOnce} × ${label}: calls were refused in ${refused} rounds`);
        }
        const isPromised = atOnce === 1;
        const what = isPromised ? label : `${atOnce} × ${label}`;
        figures.push(
          { what: `${what}: extra memory, in bodies`, unit: '×', spread: spreadOf(memory), ...(isPromised && { bar: { atMost: 1.5 } }) },
          { what: `${what}: longest block of the event loop`, unit: 'ms', spread: spreadOf(blocks), ...(isPromised && { bar: { atMost: 50 } }) },
        );
        loop.close();
        await gateway.stop();
      }
    return { figures };
  },
};

/** The last scrape begins a new maximum. */
async function settled(gateway: Server): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 300));
  await scrape(gateway);
  await new Promise((resolve) => setTimeout(resolve, 50));
}
