import type { Pass } from './circuit-breaker.js';
import type { UpstreamMemory } from './upstream-memory.js';

/** Leave to make one attempt: a slot and a pass of the circuit. Every permit must be ended, once; further endings are ignored. */
export interface Permit extends Pass {
  /** The first valid event has come: a probe's verdict is in, though its stream may go on for minutes. */
  proven(): void;
}

export function permit(pass: Pass, memory: Pick<UpstreamMemory, 'circuit' | 'gate'>, principal: string): Permit {
  let current = pass;
  let holdsSlot = true;
  const leave = (): void => {
    if (holdsSlot) memory.gate.leave(principal);
    holdsSlot = false;
  };
  return {
    isProbe: pass.isProbe,
    proven: () => {
      if (!current.isProbe) return;
      current.succeed();
      // From here on it is a call like any other: should its stream break, that counts.
      const next = memory.circuit.tryAcquire(principal);
      if (next !== undefined && !(next instanceof Promise)) current = next;
    },
    succeed: () => {
      current.succeed();
      leave();
    },
    fail: () => {
      current.fail();
      leave();
    },
    release: () => {
      current.release();
      leave();
    },
  };
}
