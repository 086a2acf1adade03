import type { CircuitSharing } from '../contracts/circuit-sharing.js';
import type { Clock } from '../contracts/clock.js';
import { HealthView, type CircuitView } from '../contracts/health-view.js';
import type { UpstreamSettings } from '../contracts/gateway-settings.js';
import type { Meter } from '../contracts/meter.js';
import type { LiveSettings } from '../config/live-settings.js';
import { CircuitBreaker, type Pass } from './circuit-breaker.js';
import { ConcurrencyGate } from './concurrency-gate.js';
import { Rest } from './rest.js';
import { RetryBudget } from './retry-budget.js';

/** Leave to make one attempt: a slot and a pass of the circuit. Every permit must be ended, once; further endings are ignored. */
export interface Permit extends Pass {
  /** The first valid event has come: a probe's verdict is in, though its stream may go on for minutes. */
  proven(): void;
}

export interface Refusal {
  readonly refused: 'circuit_open' | 'resting' | 'full';
  readonly retryAfterMs: number;
}

/** What is remembered of one upstream between calls. */
export interface UpstreamMemory {
  readonly circuit: CircuitBreaker;
  readonly gate: ConcurrencyGate;
  readonly rest: Rest;
  readonly retries: RetryBudget;
  /** When anything last arrived from it: a call that times out while others are answered is a long answer, not an outage. */
  heardAt: number;
}

/** May this upstream be called now? The one place that knows circuits, rests and slots; keeps them over a reload of the settings. */
export class TargetHealth extends HealthView {
  private readonly memories = new Map<string, UpstreamMemory>();

  constructor(
    private readonly live: LiveSettings,
    private readonly meter: Meter,
    private readonly clock: Clock,
    private readonly sharing?: CircuitSharing,
  ) {
    super();
    sharing?.onState((upstream, shared) => this.byName(upstream).circuit.agree(shared));
    live.onChange((next) => {
      for (const name of this.memories.keys()) if (!next.routing.upstreams.has(name)) this.memories.delete(name);
    });
  }

  of(upstream: UpstreamSettings): UpstreamMemory {
    return this.byName(upstream.name);
  }

  /** A promise only when the leave to probe is asked of other workers. */
  acquire(upstream: UpstreamSettings): Permit | Refusal | Promise<Permit | Refusal> {
    const memory = this.of(upstream);
    const restMs = memory.rest.leftMs;
    if (restMs > 0) return { refused: 'resting', retryAfterMs: restMs };
    if (!memory.gate.tryEnter(this.slotsOf(upstream))) return { refused: 'full', retryAfterMs: 0 };
    return this.withSlot(memory);
  }

  /** For a call that got its slot by waiting for it. */
  withSlot(memory: UpstreamMemory): Permit | Refusal | Promise<Permit | Refusal> {
    const pass = memory.circuit.tryAcquire();
    return pass instanceof Promise ? pass.then((settled) => permit(memory, settled)) : permit(memory, pass);
  }

  slotsOf(upstream: UpstreamSettings): number {
    return Math.max(1, Math.floor(upstream.concurrencyMax / this.live.current.server.workers));
  }

  override circuits(): readonly CircuitView[] {
    return [...this.live.current.routing.upstreams.keys()].map((upstream) => ({
      upstream,
      state: this.memories.get(upstream)?.circuit.state ?? 'closed',
    }));
  }

  override isAvailable(upstream: string): boolean {
    const memory = this.memories.get(upstream);
    return memory === undefined || (memory.circuit.state === 'closed' && memory.rest.leftMs === 0);
  }

  private byName(name: string): UpstreamMemory {
    let memory = this.memories.get(name);
    if (memory === undefined) {
      memory = {
        circuit: new CircuitBreaker(
          name,
          () => this.live.current.resilience.circuit,
          this.clock,
          (state) => this.meter.circuitChanged(name, state),
          this.sharing,
        ),
        gate: new ConcurrencyGate(),
        rest: new Rest(this.clock),
        retries: new RetryBudget(),
        heardAt: -Infinity,
      };
      this.memories.set(name, memory);
    }
    return memory;
  }
}

function permit(memory: UpstreamMemory, pass: Pass | undefined): Permit | Refusal {
  if (pass === undefined) {
    memory.gate.leave();
    return { refused: 'circuit_open', retryAfterMs: memory.circuit.retryAfterMs };
  }
  let current = pass;
  let holdsSlot = true;
  const end = (ending: 'succeed' | 'fail' | 'release') => () => {
    current[ending]();
    if (holdsSlot) memory.gate.leave();
    holdsSlot = false;
  };
  return {
    isProbe: pass.isProbe,
    proven: () => {
      if (!current.isProbe) return;
      current.succeed();
      // From here on it is a call like any other: should its stream break, that counts.
      const next = memory.circuit.tryAcquire();
      if (next !== undefined && !(next instanceof Promise)) current = next;
    },
    succeed: end('succeed'),
    fail: end('fail'),
    release: end('release'),
  };
}
