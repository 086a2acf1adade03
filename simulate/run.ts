// npm run simulate            100 and 1,000 replicas, thousands of keys; writes the figures into docs/scaling.md
// npm run simulate -- --quick a small house, written nowhere
import { readFileSync, writeFileSync } from 'node:fs';
import { limitsHold, type LimitsFound, type LimitsScenario, type Load } from './limits.ts';
import { scalingFigures, withFigures } from './scaling-page.ts';
import { sharesHold, type SharesFound } from './shares.ts';

const QUICK = process.argv.includes('--quick');
const PAGE = 'docs/scaling.md';
const SEED = 20_260;

const LOAD: Load = { keys: QUICK ? 100 : 2_000, limitPerMinute: 60, forMs: 60_000, askedPerMinute: 150, burst: 40, burstMs: 4_000 };
const NEAR = { wayMs: 0.15, jitterMs: 0.1, loss: 0 };
const OUTAGE = { fromMs: 23_000, untilMs: 43_000 };
const WEATHERS: readonly Omit<LimitsScenario, 'replicas'>[] = [
  { name: 'Redis in the same zone (0.5 ms there and back)', weather: NEAR, onRedisDown: 'local' },
  { name: 'Redis far away (20 ms, and now and then 60)', weather: { wayMs: 7, jitterMs: 3, loss: 0 }, onRedisDown: 'local' },
  { name: 'one message in 1,000 lost', weather: { ...NEAR, loss: 0.001 }, onRedisDown: 'local' },
  { name: 'one message in 100 lost', weather: { ...NEAR, loss: 0.01 }, onRedisDown: 'local' },
  { name: 'hangs for 20 of the 60 s, `local`', weather: { ...NEAR, outage: { ...OUTAGE, kind: 'hangs' } }, onRedisDown: 'local' },
  { name: 'dies for 20 s and comes back empty, `local`', weather: { ...NEAR, outage: { ...OUTAGE, kind: 'dies' } }, onRedisDown: 'local' },
  { name: 'the same, `allow`', weather: { ...NEAR, outage: { ...OUTAGE, kind: 'dies' } }, onRedisDown: 'allow' },
  { name: 'the same, `deny`', weather: { ...NEAR, outage: { ...OUTAGE, kind: 'dies' } }, onRedisDown: 'deny' },
];

const limits: LimitsFound[] = [];
const shares: SharesFound[] = [];
for (const replicas of QUICK ? [20] : [100, 1_000]) {
  for (const weather of WEATHERS) {
    const found = await limitsHold({ ...weather, replicas }, LOAD, SEED);
    limits.push(found);
    process.stderr.write(`${replicas} replicas, ${weather.name}: ${((100 * found.admitted) / found.exact).toFixed(1)} % of what is exact\n`);
  }
  for (const percent of [1, 5, 20]) shares.push(sharesHold(replicas, percent, QUICK ? 2_000 : 20_000, QUICK ? 20_000 : 200_000, SEED));
}

const figures = scalingFigures(LOAD, limits, shares);
process.stdout.write(figures);
if (!QUICK) writeFileSync(PAGE, withFigures(readFileSync(PAGE, 'utf8'), figures));

/** What is promised while Redis answers, and of shares always. */
const broken = [
  ...limits
    .filter(
      ({ scenario: { weather }, admitted, exact, keysAbove }) =>
        weather.loss === 0 && weather.outage === undefined && (keysAbove > 0 || admitted < exact * 0.98),
    )
    .map(({ scenario }) => `${scenario.replicas} replicas, ${scenario.name}: the limit does not hold`),
  ...shares
    .filter(({ usersOnBothSides, usersMovedBack }) => usersOnBothSides > 0 || usersMovedBack > 0)
    .map(({ replicas, wantedPercent }) => `${replicas} replicas, ${wantedPercent} %: an end user changes sides`),
  ...shares
    .filter(({ seenPercent, calls, usersPercent, users, wantedPercent }) =>
      [
        [seenPercent, calls],
        [usersPercent, users],
      ].some(([seen = 0, count = 1]) => Math.abs(seen - wantedPercent) > 4 * deviationOf(wantedPercent, count)),
    )
    .map(({ replicas, wantedPercent }) => `${replicas} replicas, ${wantedPercent} %: the share is further off than chance explains`),
];
for (const line of broken) process.stderr.write(`NOT HELD: ${line}\n`);
process.exitCode = broken.length > 0 ? 1 : 0;

/** Of a share in percent over so many independent draws. */
function deviationOf(percent: number, draws: number): number {
  return Math.sqrt((percent * (100 - percent)) / draws);
}
