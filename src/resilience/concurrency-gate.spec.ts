import { HandClock } from '../../test/doubles/hand-clock.js';
import { ConcurrencyGate } from './concurrency-gate.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

function full(max: number): ConcurrencyGate {
  const gate = new ConcurrencyGate(new HandClock());
  for (let call = 0; call < max; call++) expect(gate.tryEnter(max, 'a')).toBe(true);
  return gate;
}

it('lets in as many as there are slots, and another for each that leaves', () => {
  const gate = full(50);
  expect(gate.tryEnter(50, 'a')).toBe(false);
  expect(gate.active).toBe(50);
  gate.leave('a');
  expect(gate.tryEnter(50, 'a')).toBe(true);
  expect(gate.tryEnter(50, 'a')).toBe(false);
  for (let call = 0; call < 50; call++) gate.leave('a');
  expect(gate.active).toBe(0);
});

it('lets those who wait in by the order of their arrival, before anyone who comes later', async () => {
  const gate = full(1);
  const order: string[] = [];
  const waiting = ['first', 'second'].map((name) => gate.wait(1_000, 'a').entered.then((entered) => order.push(`${name} ${entered}`)));
  gate.leave('a');
  expect(gate.tryEnter(1, 'a')).toBe(false);
  gate.leave('a');
  await Promise.all(waiting);
  expect(order).toEqual(['first true', 'second true']);
  expect(gate.active).toBe(1);
});

it('nobody waits longer than he said, and nobody is let in after that', async () => {
  const gate = full(1);
  const place = gate.wait(500, 'a');
  jest.advanceTimersByTime(500);
  expect(await place.entered).toBe(false);
  gate.leave('a');
  expect(gate.active).toBe(0);
});

it('who gives up is never let in, and his place goes to the next', async () => {
  const gate = full(1);
  const impatient = gate.wait(500, 'a');
  const patient = gate.wait(500, 'a');
  impatient.giveUp();
  gate.leave('a');
  expect(await impatient.entered).toBe(false);
  expect(await patient.entered).toBe(true);
  expect(gate.active).toBe(1);
});

it("giving up after having entered changes nothing: the slot is the holder's to leave", async () => {
  const gate = full(1);
  const place = gate.wait(500, 'a');
  gate.leave('a');
  place.giveUp();
  expect(await place.entered).toBe(true);
  expect(gate.active).toBe(1);
});

it('when there are more slots, those who wait get them, though nobody left', async () => {
  const gate = full(1);
  const waiting = Array.from({ length: 3 }, () => gate.wait(1_000, 'a'));
  expect(gate.tryEnter(4, 'a')).toBe(false);
  expect(await Promise.all(waiting.map(({ entered }) => entered))).toEqual([true, true, true]);
  expect(gate.active).toBe(4);
});

it('when there are fewer slots, those who leave make no room for those who wait until the number fits', async () => {
  const gate = full(4);
  const waiting = [gate.wait(1_000, 'a'), gate.wait(1_000, 'a')];
  expect(gate.tryEnter(2, 'a')).toBe(false);
  gate.leave('a');
  gate.leave('a');
  expect(gate.active).toBe(2);
  gate.leave('a');
  gate.leave('a');
  expect(await Promise.all(waiting.map(({ entered }) => entered))).toEqual([true, true]);
  expect(gate.active).toBe(2);
});

it('holds the cap for any order of coming, waiting, giving up and leaving', async () => {
  const gate = new ConcurrencyGate(new HandClock());
  let inside = 0;
  let served = 0;
  const call = async (index: number): Promise<void> => {
    if (!gate.tryEnter(5, 'a')) {
      const place = gate.wait(50, 'a');
      if (index % 7 === 0) place.giveUp();
      if (!(await place.entered)) return;
    }
    inside += 1;
    expect(inside).toBeLessThanOrEqual(5);
    await new Promise((resolve) => setTimeout(resolve, 1 + (index % 13)));
    inside -= 1;
    served += 1;
    gate.leave('a');
  };
  const calls = Array.from({ length: 200 }, (_, index) => call(index));
  await jest.advanceTimersByTimeAsync(1_000);
  await Promise.all(calls);
  expect(gate.active).toBe(0);
  expect(served).toBeGreaterThan(5);
});

describe('among several principals', () => {
  function taken(gate: ConcurrencyGate, principal: string, max: number): number {
    let calls = 0;
    while (gate.tryEnter(max, principal)) calls += 1;
    return calls;
  }

  it('whoever asks for everything leaves room for one who called lately', () => {
    const gate = new ConcurrencyGate(new HandClock());
    expect(gate.tryEnter(40, 'quiet')).toBe(true);
    gate.leave('quiet');
    expect(taken(gate, 'greedy', 40)).toBe(35);
    expect(taken(gate, 'quiet', 40)).toBe(5);
    expect(gate.active).toBe(40);
  });

  it('one who is alone may have it all, and may again a minute after the others have gone', () => {
    const clock = new HandClock();
    const gate = new ConcurrencyGate(clock);
    gate.tryEnter(40, 'other');
    gate.leave('other');
    expect(taken(gate, 'greedy', 40)).toBe(35);
    clock.advance(60_001);
    expect(taken(gate, 'greedy', 40)).toBe(5);
  });

  it('several that ask for everything lock out none that holds little', () => {
    const gate = new ConcurrencyGate(new HandClock());
    const names = ['a', 'b', 'quiet'];
    for (const name of names) expect(gate.tryEnter(48, name)).toBe(true);
    gate.leave('quiet');
    for (let call = 0; call < 48; call++) {
      gate.tryEnter(48, 'a');
      gate.tryEnter(48, 'b');
    }
    expect(gate.active).toBe(42);
    expect(taken(gate, 'quiet', 48)).toBe(6);
  });

  it('of too few slots none is kept back', () => {
    const gate = new ConcurrencyGate(new HandClock());
    gate.tryEnter(3, 'other');
    gate.leave('other');
    expect(taken(gate, 'greedy', 3)).toBe(3);
  });

  it('who waits is let in before those whose principal holds more, however late he came', async () => {
    const gate = full(8);
    const order: string[] = [];
    const wait = (name: string): Promise<unknown> => gate.wait(1_000, name).entered.then(() => order.push(name));
    const waiting = [wait('a'), wait('a'), wait('late')];
    expect(gate.tryEnter(8, 'late')).toBe(false);
    gate.leave('a');
    await waiting[2];
    expect(order).toEqual(['late']);
    for (let call = 0; call < 7; call++) gate.leave('a');
    await Promise.all(waiting);
    expect(order).toEqual(['late', 'a', 'a']);
  });

  it('a minute with very many callers keeps no more than a thousand names, and still lets the newest in', () => {
    const gate = new ConcurrencyGate(new HandClock());
    for (let index = 0; index < 5_000; index++) if (gate.tryEnter(64, `caller-${index}`)) gate.leave(`caller-${index}`);
    taken(gate, 'greedy', 64);
    expect(gate.tryEnter(64, 'newest')).toBe(true);
  });
});
