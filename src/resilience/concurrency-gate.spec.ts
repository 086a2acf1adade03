import { ConcurrencyGate } from './concurrency-gate.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

function full(max: number): ConcurrencyGate {
  const gate = new ConcurrencyGate();
  for (let call = 0; call < max; call++) expect(gate.tryEnter(max)).toBe(true);
  return gate;
}

it('lets in as many as there are slots, and another for each that leaves', () => {
  const gate = full(50);
  expect(gate.tryEnter(50)).toBe(false);
  expect(gate.active).toBe(50);
  gate.leave();
  expect(gate.tryEnter(50)).toBe(true);
  expect(gate.tryEnter(50)).toBe(false);
  for (let call = 0; call < 50; call++) gate.leave();
  expect(gate.active).toBe(0);
});

it('lets those who wait in by the order of their arrival, before anyone who comes later', async () => {
  const gate = full(1);
  const order: string[] = [];
  const waiting = ['first', 'second'].map((name) => gate.wait(1_000).entered.then((entered) => order.push(`${name} ${entered}`)));
  gate.leave();
  expect(gate.tryEnter(1)).toBe(false);
  gate.leave();
  await Promise.all(waiting);
  expect(order).toEqual(['first true', 'second true']);
  expect(gate.active).toBe(1);
});

it('nobody waits longer than he said, and nobody is let in after that', async () => {
  const gate = full(1);
  const place = gate.wait(500);
  jest.advanceTimersByTime(500);
  expect(await place.entered).toBe(false);
  gate.leave();
  expect(gate.active).toBe(0);
});

it('who gives up is never let in, and his place goes to the next', async () => {
  const gate = full(1);
  const impatient = gate.wait(500);
  const patient = gate.wait(500);
  impatient.giveUp();
  gate.leave();
  expect(await impatient.entered).toBe(false);
  expect(await patient.entered).toBe(true);
  expect(gate.active).toBe(1);
});

it("giving up after having entered changes nothing: the slot is the holder's to leave", async () => {
  const gate = full(1);
  const place = gate.wait(500);
  gate.leave();
  place.giveUp();
  expect(await place.entered).toBe(true);
  expect(gate.active).toBe(1);
});

it('when there are more slots, those who wait get them, though nobody left', async () => {
  const gate = full(1);
  const waiting = Array.from({ length: 3 }, () => gate.wait(1_000));
  expect(gate.tryEnter(4)).toBe(false);
  expect(await Promise.all(waiting.map(({ entered }) => entered))).toEqual([true, true, true]);
  expect(gate.active).toBe(4);
});

it('when there are fewer slots, those who leave make no room for those who wait until the number fits', async () => {
  const gate = full(4);
  const waiting = [gate.wait(1_000), gate.wait(1_000)];
  expect(gate.tryEnter(2)).toBe(false);
  gate.leave();
  gate.leave();
  expect(gate.active).toBe(2);
  gate.leave();
  gate.leave();
  expect(await Promise.all(waiting.map(({ entered }) => entered))).toEqual([true, true]);
  expect(gate.active).toBe(2);
});

it('holds the cap for any order of coming, waiting, giving up and leaving', async () => {
  const gate = new ConcurrencyGate();
  let inside = 0;
  let served = 0;
  const call = async (index: number): Promise<void> => {
    if (!gate.tryEnter(5)) {
      const place = gate.wait(50);
      if (index % 7 === 0) place.giveUp();
      if (!(await place.entered)) return;
    }
    inside += 1;
    expect(inside).toBeLessThanOrEqual(5);
    await new Promise((resolve) => setTimeout(resolve, 1 + (index % 13)));
    inside -= 1;
    served += 1;
    gate.leave();
  };
  const calls = Array.from({ length: 200 }, (_, index) => call(index));
  await jest.advanceTimersByTimeAsync(1_000);
  await Promise.all(calls);
  expect(gate.active).toBe(0);
  expect(served).toBeGreaterThan(5);
});
