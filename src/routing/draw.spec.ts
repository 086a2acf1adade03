import { SeededRandom } from '../../test/doubles/seeded-random.js';
import { drawOrder, type Lot } from './draw.js';

const CALLS = 20_000;
const lots = (...weights: number[]): Lot[] => weights.map((weight, index) => ({ name: 'abcdef'[index] ?? '', weight }));
const drawer = (endUser: string | undefined, principalId = 'p', route = 'chat') => ({ route, principalId, endUser });
const noRandom = (): number => {
  throw new Error('nothing is left to chance for an end user');
};

function shares(count: number, draw: (call: number) => readonly Lot[], place = 0): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let call = 0; call < count; call++) {
    const { name } = draw(call)[place] as Lot;
    counts[name] = (counts[name] ?? 0) + 100 / count;
  }
  return counts;
}

it('without an end user, 95/5 holds within half a percent', () => {
  const random = new SeededRandom(1);
  const seen = shares(CALLS, () => drawOrder(lots(95, 5), drawer(undefined), () => random.next()));
  expect(Math.abs((seen['b'] ?? 0) - 5)).toBeLessThan(0.5);
});

it('over end users, 95/5 holds within half a percent', () => {
  const seen = shares(CALLS, (call) => drawOrder(lots(95, 5), drawer(`user-${call}`), noRandom));
  expect(Math.abs((seen['b'] ?? 0) - 5)).toBeLessThan(0.5);
});

it('over principals with one end user, and over routes, it holds too', () => {
  const byPrincipal = shares(CALLS, (call) => drawOrder(lots(95, 5), drawer('me', `p${call}`), noRandom));
  const byRoute = shares(CALLS, (call) => drawOrder(lots(95, 5), drawer('me', 'p', `r${call}`), noRandom));
  for (const seen of [byPrincipal, byRoute]) expect(Math.abs((seen['b'] ?? 0) - 5)).toBeLessThan(0.5);
});

it('the share of one that fails goes to the others by their weights', () => {
  const seconds = shares(CALLS, (call) => drawOrder(lots(50, 30, 20), drawer(`user-${call}`), noRandom).filter(({ name }) => name !== 'a'));
  expect(Math.abs((seconds['b'] ?? 0) - 60)).toBeLessThan(1.5);
  expect(Math.abs((seconds['c'] ?? 0) - 40)).toBeLessThan(1.5);
});

it('fractions of a percent and weights of a million draw as they should', () => {
  expect(Math.abs((shares(CALLS, (call) => drawOrder(lots(999_999, 1_000_001), drawer(`u${call}`), noRandom))['b'] ?? 0) - 50)).toBeLessThan(1.5);
  expect(Math.abs((shares(CALLS, (call) => drawOrder(lots(99.5, 0.5), drawer(`u${call}`), noRandom))['b'] ?? 0) - 0.5)).toBeLessThan(0.2);
});

it('an end user stays on his side', () => {
  for (let user = 0; user < 1_000; user++) {
    const [first, again] = [0, 1].map(() => drawOrder(lots(60, 40), drawer(`user-${user}`), noRandom).map(({ name }) => name));
    expect(again).toEqual(first);
  }
});

it('the side is the same on every replica, after every restart and in every later version', () => {
  const sides = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', '', '\u{1f600}', 'a:b'].map((user) =>
    drawOrder(lots(50, 30, 20), drawer(user, 'f'.repeat(32)), noRandom)
      .map(({ name }) => name)
      .join(''),
  );
  expect(sides).toEqual(['acb', 'abc', 'abc', 'abc', 'bac', 'acb', 'cab', 'acb', 'bac']);
});

it('raising the share moves nobody off the canary, and only as many onto it', () => {
  const isOnCanary = (percent: number, user: number): boolean =>
    drawOrder(lots(100 - percent, percent), drawer(`user-${user}`), noRandom)[0]?.name === 'b';
  let moved = 0;
  for (let user = 0; user < CALLS; user++) {
    const [five, ten] = [isOnCanary(5, user), isOnCanary(10, user)];
    if (five) expect(ten).toBe(true);
    if (ten && !five) moved += 1;
  }
  expect(Math.abs((moved / CALLS) * 100 - 5)).toBeLessThan(0.7);
});

it('a further target takes callers from all, and moves none between the others', () => {
  for (let user = 0; user < 2_000; user++) {
    const before = drawOrder(lots(50, 50), drawer(`user-${user}`), noRandom)[0]?.name;
    const after = drawOrder(lots(50, 50, 20), drawer(`user-${user}`), noRandom)[0]?.name;
    expect([before, 'c']).toContain(after);
  }
});

it('the order in which targets are configured changes nobody', () => {
  for (let user = 0; user < 500; user++) {
    const [a, b, c] = lots(50, 30, 20) as [Lot, Lot, Lot];
    const order = (targets: Lot[]): string[] => drawOrder(targets, drawer(`user-${user}`), noRandom).map(({ name }) => name);
    expect(order([c, a, b])).toEqual(order([a, b, c]));
  }
});

it('no two callers are taken for one, wherever the seam between their parts falls', () => {
  const order = (route: string, principalId: string, endUser: string): string =>
    drawOrder(
      Array.from({ length: 24 }, (_, index) => ({ name: String(index), weight: 1 })),
      { route, principalId, endUser },
      noRandom,
    )
      .map(({ name }) => name)
      .join();
  const parts = [
    ['r', 'a:b', 'c'],
    ['r', 'a', 'b:c'],
    ['r:a', 'b', 'c'],
    ['r', 'a', ''],
    ['r', '', 'a'],
    ['', 'r', 'a'],
    ['r', 'a","b', 'c'],
    ['r', 'a', 'b","c'],
    ['r', 'a', '\ud800'],
    ['r', 'a', '\udfff'],
    ['r', 'a', '\ufffd'],
    ['r', 'a', '\\ud800'],
    ['r', 'a', 'x\0'],
    ['r', 'a', 'x'],
  ] as const;
  expect(new Set(parts.map(([route, principalId, endUser]) => order(route, principalId, endUser))).size).toBe(parts.length);
});
