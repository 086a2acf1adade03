import { LoadWatch, type SelfView } from './load-watch.js';

/** A process whose clock, load and memory the test sets; every look comes 20 ms after the last, and `lateMs` later. */
function process(): { watch: LoadWatch; look: (times: number, lateMs: number) => void; self: { busy: number; memory: number; left: number } } {
  const self = { busy: 1, memory: 0.1, left: Infinity };
  let now = 0;
  let turn = 0;
  const view: SelfView = {
    busyShare: () => self.busy,
    memoryShare: () => self.memory,
    memoryLeft: () => self.left,
    now: () => now,
    random: () => (turn++ % 100) / 100,
  };
  const watch = new LoadWatch(view);
  watch.start();
  watch.stop();
  const look = (times: number, lateMs: number): void => {
    for (let count = 0; count < times; count++) {
      now += 20 + lateMs;
      watch.look();
    }
  };
  return { watch, look, self };
}

const refusedOf100 = (watch: LoadWatch): number => Array.from({ length: 100 }, () => watch.refuses()).filter((reason) => reason !== undefined).length;

describe('load watch', () => {
  it('lets everybody in while the event loop is in time', () => {
    const { watch, look } = process();
    look(100, 5);
    expect(refusedOf100(watch)).toBe(0);
  });

  it('turns away more and more while the loop is busy and late, never quite all, and nobody once it has caught up', () => {
    const { watch, look } = process();
    look(10, 60);
    const soon = refusedOf100(watch);
    look(200, 60);
    const later = refusedOf100(watch);
    expect(soon).toBeGreaterThan(0);
    expect(later).toBeGreaterThan(soon);
    expect(later).toBeLessThanOrEqual(95);
    look(100, 0);
    expect(refusedOf100(watch)).toBe(0);
  });

  it('takes long pauses for no overload, as long as it is in time between them', () => {
    const { watch, look } = process();
    for (let pause = 0; pause < 20; pause++) {
      look(5, 300);
      look(1, 0);
    }
    expect(refusedOf100(watch)).toBe(0);
  });

  it('does not refuse when it is late because others have the processor', () => {
    const { watch, look, self } = process();
    self.busy = 0.3;
    look(100, 100);
    expect(refusedOf100(watch)).toBe(0);
  });

  it('gives no more room for bodies than there is, counting each twice, and takes back what is released', () => {
    const { watch, look, self } = process();
    self.left = 100;
    look(5, 0);
    expect([watch.reserve(30), watch.reserve(30), watch.reserve(20)]).toEqual([true, false, true]);
    watch.release(30);
    expect(watch.reserve(30)).toBe(true);
  });

  it('refuses every new call while memory is short, until there is clearly room again', () => {
    const { watch, look, self } = process();
    self.memory = 0.9;
    look(5, 0);
    expect(watch.refuses()).toBe('memory');
    self.memory = 0.83;
    look(5, 0);
    expect(watch.refuses()).toBe('memory');
    self.memory = 0.7;
    look(5, 0);
    expect(watch.refuses()).toBeUndefined();
  });
});
