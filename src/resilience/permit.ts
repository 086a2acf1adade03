import type { Pass } from './circuit-breaker.js';
import type { UpstreamMemory } from './upstream-memory.js';

/** Leave to make one attempt: a slot and a pass of the circuit. Every permit must be ended, once; further endings are ignored. */
export class Permit implements Pass {
  readonly isProbe: boolean;
  private holdsSlot = true;

  constructor(
    private pass: Pass,
    private readonly memory: Pick<UpstreamMemory, 'circuit' | 'gate'>,
    private readonly principal: string,
  ) {
    this.isProbe = pass.isProbe;
  }

  /** The first valid event has come: a probe's verdict is in, though its stream may go on for minutes. */
  proven(): void {
    if (!this.pass.isProbe) return;
    this.pass.succeed();
    // From here on it is a call like any other: should its stream break, that counts.
    const next = this.memory.circuit.tryAcquire(this.principal);
    if (next !== undefined && !(next instanceof Promise)) this.pass = next;
  }

  succeed(): void {
    this.pass.succeed();
    this.leave();
  }

  fail(): void {
    this.pass.fail();
    this.leave();
  }

  release(): void {
    this.pass.release();
    this.leave();
  }

  private leave(): void {
    if (this.holdsSlot) this.memory.gate.leave(this.principal);
    this.holdsSlot = false;
  }
}
