import type { LoadResult } from './load/load-result.ts';
import type { Pace } from './pace.ts';
import type { Server } from './servers/server.ts';

/** One side of a comparison. */
export interface Side {
  readonly server: Server;
  run(milliseconds: number): Promise<LoadResult>;
}

export interface Round {
  readonly result: LoadResult;
  /** Seconds of CPU that the server used meanwhile. */
  readonly cpuSeconds: number;
}

/**
 * Rounds in turn, A B A B …, so that whatever disturbs the machine disturbs both. Starts with a warm-up of
 * each that is not counted. A round in which a request was refused is measured again; when that happens too often, the profile fails.
 */
export async function measureRounds<Name extends string>(
  sides: Readonly<Record<Name, Side>>,
  pace: Pace,
): Promise<Readonly<Record<Name, readonly Round[]>>> {
  const names = Object.keys(sides) as Name[];
  const rounds = Object.fromEntries(names.map((name) => [name, [] as Round[]])) as Record<Name, Round[]>;
  for (const name of names) await sides[name].run(pace.warmUpMs);
  let disturbed = 0;
  while (names.some((name) => rounds[name].length < pace.rounds)) {
    const now: [Name, Round][] = [];
    for (const name of names) now.push([name, await measureRound(sides[name], pace.roundMs)]);
    const wrong = now.map(([name, { result }]) => whatIsWrong(name, result)).find((words) => words !== undefined);
    if (wrong === undefined) for (const [name, round] of now) rounds[name].push(round);
    else if (++disturbed > pace.disturbedMax) throw new Error(wrong);
  }
  return rounds;
}

export async function measureRound(side: Side, milliseconds: number): Promise<Round> {
  const before = side.server.cpuSeconds;
  const result = await side.run(milliseconds);
  return { result, cpuSeconds: side.server.cpuSeconds - before };
}

export function cpuPerRequest(rounds: readonly Round[]): readonly number[] {
  return rounds.map(({ cpuSeconds, result }) => (cpuSeconds * 1e6) / result.requests);
}

export function cpuPerEvent(rounds: readonly Round[]): readonly number[] {
  return rounds.map(({ cpuSeconds, result }) => (cpuSeconds * 1e6) / result.events);
}

/** A figure made of refusals would flatter: every request must have been answered as it should. */
function whatIsWrong(name: string, { requests, statuses }: LoadResult): string | undefined {
  const others = [...statuses].filter(([status]) => status !== 200);
  if (requests > 0 && others.length === 0) return undefined;
  return `${name}: not every request was answered with 200: ${requests} requests, ${others.map(([status, count]) => `${count} × ${status}`).join(', ')}`;
}
