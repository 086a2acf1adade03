import { TurnShares } from './turn-shares.js';

function late(shares: TurnShares, name: string, calls: number): number {
  let count = 0;
  for (let call = 0; call < calls; call++) if (shares.enterLate(name)) count++;
  return count;
}

/** A turn whose first part one caller filled alone. */
function flooded(inTime: number, others: readonly string[]): TurnShares {
  const shares = new TurnShares();
  shares.begin();
  for (const name of ['greedy', ...others]) shares.enterLate(name);
  shares.begin();
  for (let call = 0; call < inTime; call++) shares.enter('greedy');
  return shares;
}

describe('shares of a turn', () => {
  it('whoever filled it gets no more; another who comes late gets his fair share of it', () => {
    const shares = flooded(100, ['quiet']);
    expect(late(shares, 'greedy', 500)).toBe(0);
    expect(late(shares, 'quiet', 500)).toBe(50);
  });

  it('a caller who is alone gets nothing beyond the time', () => {
    expect(late(flooded(100, []), 'greedy', 100)).toBe(0);
  });

  it('many who come late make a turn twice as long at most, and each gets the same', () => {
    const names = Array.from({ length: 9 }, (_, index) => `caller-${index}`);
    const shares = flooded(100, names);
    expect(names.map((name) => late(shares, name, 500))).toEqual(names.map(() => 10));
  });

  it('more callers than calls that fit get nothing beyond the time, however many names they make up', () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `made-up-${index}`);
    const shares = flooded(100, names);
    expect(names.reduce((sum, name) => sum + late(shares, name, 5), 0)).toBe(0);
  });

  it('names that turn up within one turn take from the shares of those after them', () => {
    const shares = new TurnShares();
    shares.begin();
    for (let call = 0; call < 100; call++) shares.enter('greedy');
    const got = Array.from({ length: 300 }, (_, index) => late(shares, `new-${index}`, 100));
    // The first of them could not know of the others. In the next turn all would.
    expect(got.slice(0, 3)).toEqual([50, 33, 25]);
    expect(got.slice(100).every((count) => count === 0)).toBe(true);
    expect(got.reduce((sum, count) => sum + count, 0)).toBeLessThan(100 * Math.log(100));
  });
});
