import type { Figure } from '../figures/findings.ts';
import { type Spread, spreadOf } from '../figures/spread.ts';
import { ClosedLoop } from '../load/closed-loop.ts';
import { imagePrompt, longPrompt, post } from '../load/requests.ts';
import { forgetPeak, peakMb, residentMb } from '../machine/memory.ts';
import type { Server } from '../servers/server.ts';
import { jsonSide } from './json-side.ts';
import type { Profile } from './profile.ts';
import { scrape, valueOf } from './scrape.ts';

const MB = 1024 * 1024;
const AT_ONCE = 8;
/** So large that reading it becomes as fast as it will be, so small that what it leaves behind has no room for a large body. */
const WARM_UP_BYTES = 64 * 1024;
/** The meter of the event loop looks this often, and its figures hold that time too. */
const LOOKS_EVERY_MS = 10;
const ONE_BY_ONE = 3;

export const largePrompts: Profile = {
  name: 'large',
  title: 'Large prompts',
  method: `Bodies of 1 MB (text) and 4 MB (an image in base64), their model renamed on the way. Each round has a gateway of its own, warmed up with small calls and bodies of ${WARM_UP_BYTES / 1024} KB, for one that has held large bodies keeps the room: ${ONE_BY_ONE} calls one by one, which the bars are about, then ${AT_ONCE} at once, whose turns may follow one another without a pause. Extra memory is the peak above what the process held before, divided by the bytes of the bodies. The longest block of the event loop is the gateway's own figure (\`nodejs_eventloop_lag_max_seconds\`, less the 10 ms in which it looks).`,
  async measure(bench) {
    const upstream = await bench.upstream();
    const figures: Figure[] = [];
    for (const [label, prompt, bytes] of [
      ['1 MB prompt', longPrompt, MB],
      ['4 MB image', imagePrompt, 4 * MB],
    ] as const) {
      const large = post(prompt(bytes));
      const alone: Seen[] = [];
      const together: Seen[] = [];
      for (let refused = 0; together.length < bench.pace.rounds;) {
        const gateway = await bench.gateway(upstream);
        await jsonSide(gateway, 16).run(bench.pace.warmUpMs / 2);
        await jsonSide(gateway, 1, { requests: [post(prompt(WARM_UP_BYTES))] }).run(bench.pace.warmUpMs / 2);
        const seen = [];
        for (let call = 0; call < ONE_BY_ONE; call++) seen.push(await see(gateway, large, 1));
        const last = await see(gateway, large, AT_ONCE);
        await gateway.stop();
        if ([...seen, last].every(({ wasAnswered }) => wasAnswered)) {
          alone.push(...seen);
          together.push(last);
          // On a machine that is busy with something else a gateway sheds: what remains would flatter.
        } else if (++refused > bench.pace.disturbedMax) throw new Error(`${label}: calls were refused in ${refused} rounds`);
      }
      const memory = (of: readonly Seen[], atOnce: number): Spread => spreadOf(of.map(({ extraMb }) => (extraMb * MB) / (atOnce * bytes)));
      const blocks = (of: readonly Seen[]): Spread => spreadOf(of.map(({ blockMs }) => blockMs));
      figures.push(
        { what: `${label}: extra memory, in bodies`, unit: '×', spread: memory(alone, 1), bar: { atMost: 1.5 } },
        { what: `${label}: longest block of the event loop`, unit: 'ms', spread: blocks(alone), bar: { atMost: 50 } },
        { what: `${AT_ONCE} × ${label}: extra memory, in bodies`, unit: '×', spread: memory(together, AT_ONCE) },
        { what: `${AT_ONCE} × ${label}: longest block of the event loop`, unit: 'ms', spread: blocks(together) },
      );
    }
    return { figures };
  },
};

interface Seen {
  readonly wasAnswered: boolean;
  readonly extraMb: number;
  readonly blockMs: number;
}

/** So many calls at once, and no more. */
async function see(gateway: Server, request: Buffer, atOnce: number): Promise<Seen> {
  const loop = ClosedLoop.over(gateway.port, atOnce, [request]);
  await settled(gateway);
  const before = residentMb(gateway.pids);
  forgetPeak(gateway.pids);
  const { requests, statuses } = await loop.run(0);
  const extraMb = Math.max(0, peakMb(gateway.pids) - before);
  const blockMs = Math.max(0.1, valueOf(await scrape(gateway), 'nodejs_eventloop_lag_max_seconds') * 1000 - LOOKS_EVERY_MS);
  loop.close();
  return { wasAnswered: statuses.get(200) === requests, extraMb, blockMs };
}

/** The last scrape begins a new maximum. */
async function settled(gateway: Server): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 300));
  await scrape(gateway);
  await new Promise((resolve) => setTimeout(resolve, 50));
}
