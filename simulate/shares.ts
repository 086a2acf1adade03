import { drawOrder } from './product.ts';
import { Random } from './random.ts';

export interface SharesFound {
  readonly replicas: number;
  readonly wantedPercent: number;
  readonly calls: number;
  /** Calls without an end user: each replica draws by itself. */
  readonly seenPercent: number;
  /** The same, of the replica that is furthest off. */
  readonly worstReplicaPercent: number;
  readonly callsOfReplica: number;
  /** End users, each with calls all over the replicas, a few with very many. */
  readonly users: number;
  readonly usersPercent: number;
  readonly usersCallsPercent: number;
  /** End users who were sent to both sides. */
  readonly usersOnBothSides: number;
  /** While half the replicas still have the old share and half the new one (twice as much): users who saw both sides, and who had to. */
  readonly raisedPercent: number;
  readonly usersMovedPercent: number;
  /** Who left the canary although its share rose. */
  readonly usersMovedBack: number;
}

/** How exactly a canary's share holds over replicas that know nothing of each other, by the product's own draw. */
export function sharesHold(replicas: number, wantedPercent: number, users: number, calls: number, seed: number): SharesFound {
  const randoms = Array.from({ length: replicas }, (_, replica) => new Random(seed + replica * 7_919));
  const dealer = new Random(seed - 1);
  const first = (percent: number, endUser: string | undefined, random: () => number): boolean => {
    const lots = [
      { name: 'stable', weight: 100 - percent },
      { name: 'canary', weight: percent },
    ];
    return drawOrder(lots, { route: 'chat', principalId: 'k'.repeat(32), endUser }, random)[0]?.name === 'canary';
  };
  const noChance = (): number => {
    throw new Error('An end user is never drawn by chance.');
  };

  const seen = new Uint32Array(replicas);
  const had = new Uint32Array(replicas);
  for (let call = 0; call < calls; call++) {
    const replica = dealer.below(replicas);
    had[replica] = (had[replica] ?? 0) + 1;
    if (first(wantedPercent, undefined, () => randoms[replica]?.next() ?? 0)) seen[replica] = (seen[replica] ?? 0) + 1;
  }
  const partOf = (replica: number): number => (100 * (seen[replica] ?? 0)) / Math.max(1, had[replica] ?? 0);
  const worst = Array.from(seen, (_, replica) => partOf(replica)).reduce((far, part) =>
    Math.abs(part - wantedPercent) > Math.abs(far - wantedPercent) ? part : far,
  );

  const raisedPercent = wantedPercent * 2;
  let [usersOnCanary, bothSides, usersCalls, canaryCalls, moved, movedBack] = [0, 0, 0, 0, 0, 0];
  for (let user = 0; user < users; user++) {
    const name = `user-${user}`;
    // A tenth of the users make most of the calls.
    const count = 1 + Math.floor(2 / (dealer.next() + 0.01));
    const sides = Array.from({ length: count }, () => first(wantedPercent, name, noChance));
    const onCanary = sides[0] === true;
    const raised = first(raisedPercent, name, noChance);
    usersOnCanary += onCanary ? 1 : 0;
    bothSides += new Set(sides).size > 1 ? 1 : 0;
    usersCalls += count;
    canaryCalls += sides.filter(Boolean).length;
    moved += raised && !onCanary ? 1 : 0;
    movedBack += onCanary && !raised ? 1 : 0;
  }
  return {
    replicas,
    wantedPercent,
    calls,
    seenPercent: (100 * seen.reduce((sum, count) => sum + count, 0)) / calls,
    worstReplicaPercent: worst,
    callsOfReplica: Math.round(calls / replicas),
    users,
    usersPercent: (100 * usersOnCanary) / users,
    usersCallsPercent: (100 * canaryCalls) / usersCalls,
    usersOnBothSides: bothSides,
    raisedPercent,
    usersMovedPercent: (100 * moved) / users,
    usersMovedBack: movedBack,
  };
}
