import { LoadWatch } from './load-watch.js';

/** A process whose clock, load and memory the test sets; every look comes 10 ms after the last, and `lateMs` later. */
function process(): {
  watch: LoadWatch;
  look: (times: number, lateMs: number) => void;
  pass: (ms: number) => void;
  /** `own`: of the time that passes, the share in which it had the processor. */
  self: { busy: number; memory: number; left: number; own: number };
} {
  const self = { busy: 1, memory: 0.1, left: Infinity, own: 1 };
  let now = 0;
  let processorMs = 0;
  const watch = new LoadWatch({
    busyShare: () => self.busy,
    processorMs: () => processorMs,
    memoryShare: () => self.memory,
    memoryLeft: () => self.left,
    now: () => now,
  });
  watch.start();
  watch.stop();
  const pass = (ms: number): void => {
    now += ms;
    processorMs += ms * self.own;
  };
  const look = (times: number, lateMs: number): void => {
    for (let count = 0; count < times; count++) {
      pass(10 + lateMs);
      watch.look();
    }
  };
  return { watch, look, pass, self };
}

/** One call after the other, each a millisecond of work. */
function letIn(watch: LoadWatch, pass: (ms: number) => void, calls: number): number {
  let count = 0;
  for (let call = 0; call < calls; call++) {
    if (watch.refuses('caller') === undefined) count++;
    pass(1);
  }
  return count;
}

describe('load watch', () => {
  it('lets everybody in while the event loop is in time', () => {
    const { watch, look, pass } = process();
    look(100, 5);
    expect(letIn(watch, pass, 200)).toBe(200);
  });

  it('is calm exactly while nobody can be refused', () => {
    const { watch, look, self } = process();
    expect(watch.isCalm).toBe(true);
    look(2, 60);
    expect(watch.isCalm).toBe(true);
    look(1, 60);
    expect(watch.isCalm).toBe(false);
    look(100, 0);
    expect(watch.isCalm).toBe(true);
    self.memory = 0.9;
    look(10, 0);
    expect(watch.isCalm).toBe(false);
  });

  it('once turn after turn was too long, lets in what comes early in a turn, and refuses what has waited longer', () => {
    const { watch, look, pass } = process();
    look(3, 60);
    expect(letIn(watch, pass, 200)).toBe(16);
    look(1, 60);
    expect(letIn(watch, pass, 15)).toBe(15);
  });

  it('lets a few in even when they come late in a turn', () => {
    const { watch, look, pass } = process();
    look(3, 60);
    pass(500);
    expect(letIn(watch, pass, 10)).toBe(2);
  });

  it("one caller's flood is refused to that caller: another is let in after its time, up to a fair share", () => {
    const { watch, look, pass } = process();
    look(3, 60);
    watch.refuses('other');
    look(1, 60);
    expect(letIn(watch, pass, 100)).toBe(16);
    const others = Array.from({ length: 20 }, () => watch.refuses('other'));
    expect(others.filter((refusal) => refusal === undefined)).toHaveLength(8);
    expect(letIn(watch, pass, 100)).toBe(0);
  });

  it('is wary for a second after the last refusal, and then trusts its turns again', () => {
    const { watch, look, pass } = process();
    look(3, 60);
    expect(letIn(watch, pass, 50)).toBeLessThan(50);
    look(99, 0);
    expect(letIn(watch, pass, 50)).toBeLessThan(50);
    look(100, 0);
    expect(letIn(watch, pass, 50)).toBe(50);
  });

  it('takes long pauses for no overload, nor what piled up in them', () => {
    const { watch, look, pass } = process();
    for (let pause = 0; pause < 20; pause++) {
      look(1, 300);
      look(1, 100);
      look(1, 0);
      expect(letIn(watch, pass, 100)).toBe(100);
    }
  });

  it('gives a turn more time where it has but a part of the processor', () => {
    const { watch, look, pass, self } = process();
    self.own = 0.3;
    look(100, 45);
    expect(letIn(watch, pass, 200)).toBe(200);
    look(3, 60);
    expect(letIn(watch, pass, 200)).toBe(51);
  });

  it('does not refuse when it is late because others have the processor', () => {
    const { watch, look, pass, self } = process();
    self.busy = 0.3;
    look(100, 100);
    expect(letIn(watch, pass, 100)).toBe(100);
  });

  it('gives no more room for bodies than there is, counting each twice, and takes back what is released', () => {
    const { watch, look, self } = process();
    self.left = 100;
    look(10, 0);
    expect([watch.reserve(30), watch.reserve(30), watch.reserve(20)]).toEqual([true, false, true]);
    watch.release(30);
    expect(watch.reserve(30)).toBe(true);
  });

  it('refuses every new call while memory is short, until there is clearly room again', () => {
    const { watch, look, self } = process();
    self.memory = 0.9;
    look(10, 0);
    expect(watch.refuses('caller')).toBe('memory');
    self.memory = 0.83;
    look(10, 0);
    expect(watch.refuses('caller')).toBe('memory');
    self.memory = 0.7;
    look(10, 0);
    expect(watch.refuses('caller')).toBeUndefined();
  });
});
