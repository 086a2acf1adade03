import { pause } from './pause.js';

let listener: (() => void) | undefined;
const onGone = (next: (() => void) | undefined): void => {
  listener = next;
};

beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  expect(listener).toBeUndefined();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

it('lasts its time', async () => {
  let isOver = false;
  const over = pause(100, onGone).then(() => (isOver = true));
  await jest.advanceTimersByTimeAsync(99);
  expect(isOver).toBe(false);
  await jest.advanceTimersByTimeAsync(1);
  await over;
});

it('ends at once when the client leaves', async () => {
  const over = pause(100_000, onGone);
  listener?.();
  await over;
});
