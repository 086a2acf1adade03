import type { LimitsFound, Load } from './limits.ts';
import type { SharesFound } from './shares.ts';

const BEGINS = '<!-- figures of npm run simulate -->';
const ENDS = '<!-- end of figures -->';

/** The page with these figures in the place of the last ones. */
export function withFigures(page: string, figures: string): string {
  const [from, to] = [page.indexOf(BEGINS), page.indexOf(ENDS)];
  if (from < 0 || to < from) throw new Error('The page has no place for figures.');
  return `${page.slice(0, from + BEGINS.length)}\n\n${figures}\n${page.slice(to)}`;
}

export function scalingFigures(load: Load, limits: readonly LimitsFound[], shares: readonly SharesFound[]): string {
  const [some] = limits;
  const calls = (some?.calls ?? 0).toLocaleString('en-US');
  return `Limits. ${load.keys.toLocaleString('en-US')} keys of ${load.limitPerMinute} a minute ask for ${load.askedPerMinute} a minute each, in bursts of about ${load.burst} calls within ${load.burstMs / 1000} s, for ${load.forMs / 1000} s: ${calls} calls, dealt out at random. A limit allows a key ${load.limitPerMinute * 2} in that time. "Of exact": against one bucket for each key that all ask without delay.

${table(
  ['replicas', 'Redis', 'admitted, of exact', 'keys above their limit', 'greediest key, of its limit', '503', 'decision, p50', 'p99', 'longest'],
  limits.map(({ scenario, admitted, exact, keysAbove, worstKey, unavailable, calls: all, waitMsP50, waitMsP99, waitMsMax }) => [
    scenario.replicas.toLocaleString('en-US'),
    scenario.name,
    percent(admitted / exact),
    percent(keysAbove / load.keys),
    percent(worstKey),
    percent(unavailable / all),
    milliseconds(waitMsP50),
    milliseconds(waitMsP99),
    milliseconds(waitMsMax),
  ]),
)}
Shares of a canary. "Calls": without an end user, each drawn by its replica. "Users": ${(shares[0]?.users ?? 0).toLocaleString('en-US')} end users whose calls go to any replica; a few make most of the calls.

${table(
  ['replicas', 'wanted', 'of calls', 'replica furthest off', 'of users', 'of their calls', 'users on both sides', 'moved when doubled', 'moved back'],
  shares.map((found) => [
    found.replicas.toLocaleString('en-US'),
    `${found.wantedPercent} %`,
    points(found.seenPercent),
    `${points(found.worstReplicaPercent)} (of ${found.callsOfReplica.toLocaleString('en-US')} calls)`,
    points(found.usersPercent),
    points(found.usersCallsPercent),
    String(found.usersOnBothSides),
    points(found.usersMovedPercent),
    String(found.usersMovedBack),
  ]),
)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map((_, index) => (index < 2 ? '---' : '--:'))) + rows.map(line).join('');
}

const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;
const points = (value: number): string => `${value.toFixed(2)} %`;
const milliseconds = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
