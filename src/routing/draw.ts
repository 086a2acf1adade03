import { hash } from 'node:crypto';

/** Who is drawn for: where an end user is named, the same caller, end user and route always draw alike, on every replica and after a restart. */
export interface Drawer {
  readonly route: string;
  readonly principalId: string;
  readonly endUser: string | undefined;
}

/** What takes part in a draw; `weight` is over 0. */
export interface Lot {
  readonly name: string;
  readonly weight: number;
}

/**
 * The lots in a drawn order: each is first with the probability of its share, and after the first the same holds for the rest.
 * Every lot has its own luck and divides it by its weight, so one whose weight is raised gains callers and loses none,
 * and all others keep theirs unless they lose them to it.
 */
export function drawOrder<L extends Lot>(lots: readonly L[], drawer: Drawer, random: () => number): readonly L[] {
  if (lots.length < 2) return lots;
  const { route, principalId, endUser } = drawer;
  const luckOf = (name: string): number => (endUser === undefined ? 1 - random() : stickyLuck([route, principalId, endUser, name]));
  return lots
    .map((lot) => ({ lot, arrival: -Math.log(luckOf(lot.name)) / lot.weight }))
    .sort((one, other) => one.arrival - other.arrival)
    .map(({ lot }) => lot);
}

/** In (0, 1]. As JSON no two lists of parts are written alike, wherever colons, quotes or halves of a surrogate pair stand in them. */
function stickyLuck(parts: readonly string[]): number {
  return (hash('sha256', JSON.stringify(parts), 'buffer').readUIntBE(0, 6) + 1) / 2 ** 48;
}
