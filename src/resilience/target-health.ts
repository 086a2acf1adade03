import type { LiveSettings } from '../config/live-settings.js';
import type { CircuitSharing } from '../contracts/circuit-sharing.js';
import type { Clock } from '../contracts/clock.js';
import type { UpstreamSettings } from '../contracts/gateway-settings.js';
import { type CircuitView, HealthView, type UpstreamView } from '../contracts/health-view.js';
import type { Meter } from '../contracts/meter.js';
import { CircuitBreaker, type CircuitState, type Pass } from './circuit-breaker.js';
import { ConcurrencyGate } from './concurrency-gate.js';
import { Permit } from './permit.js';
import { Rest } from './rest.js';
import { RetryBudget } from './retry-budget.js';
import type { UpstreamMemory } from './upstream-memory.js';

/** Why an upstream may not be called now. `merely_bad`: by its share of failures; a call with nowhere else to go may still try. */
export interface Refusal {
  readonly refused: 'circuit_open' | 'merely_bad' | 'resting' | 'full';
  readonly retryAfterMs: number;
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

  /** A promise only when a slot is waited for or the leave to probe is asked of other workers. */
  acquire(upstream: UpstreamSettings, principal: string, waits: SlotWait): Permit | Refusal | Promise<Permit | Refusal> {
    const memory = this.of(upstream);
    const { circuit, gate, rest } = memory;
    if (rest.leftMs > 0) return resting(rest);
    if (gate.tryEnter(this.slotsOf(upstream, memory), principal)) return this.pass(memory, principal);
    if (circuit.state !== 'closed') return opened(circuit);
    if (waits.ms <= 0) return FULL;
    const place = gate.wait(waits.ms, principal);
    waits.onGone(place.giveUp);
    return place.entered.then((entered) => {
      waits.onGone(undefined);
      if (!entered) return FULL;
      if (rest.leftMs === 0) return this.pass(memory, principal);
      // Those who were served meanwhile were told to leave it alone.
      gate.leave(principal);
      return resting(rest);
    });
  }

  /** For a call that has nowhere else to go: leave in spite of a bad share of failures. */
  force(upstream: UpstreamSettings, principal: string): Permit | Refusal {
    const memory = this.of(upstream);
    if (!memory.gate.tryEnter(this.slotsOf(upstream, memory), principal)) return FULL;
    return new Permit(memory.circuit.force(principal), memory, principal);
  }

  override circuits(): readonly CircuitView[] {
    return [...this.live.current.routing.upstreams.keys()].map((upstream) => ({ upstream, state: this.stateOf(upstream) }));
  }

  override isAvailable(upstream: string): boolean {
    const memory = this.memories.get(upstream);
    if (memory === undefined) return true;
    const { state, retryAfterMs } = memory.circuit;
    // Open for long enough: the next call is its probe, and must be allowed to be.
    return memory.rest.leftMs === 0 && (state === 'closed' || (state === 'open' && retryAfterMs === 0));
  }

  /** Looking makes no memory: who was never called is well. */
  override view(upstream: UpstreamSettings): UpstreamView {
    const memory = this.memories.get(upstream.name);
    return {
      isAvailable: this.isAvailable(upstream.name),
      circuit: this.stateOf(upstream.name),
      probeInMs: memory?.circuit.retryAfterMs ?? 0,
      restLeftMs: memory?.rest.leftMs ?? 0,
      inFlight: memory?.gate.active ?? 0,
      inFlightMax: this.slotsOf(upstream, memory),
    };
  }

  private pass(memory: UpstreamMemory, principal: string): Permit | Refusal | Promise<Permit | Refusal> {
    const pass = memory.circuit.tryAcquire(principal);
    const settle = (settled: Pass | undefined): Permit | Refusal => {
      if (settled !== undefined) return new Permit(settled, memory, principal);
      memory.gate.leave(principal);
      return opened(memory.circuit);
    };
    return pass instanceof Promise ? pass.then(settle) : settle(pass);
  }

  /** This worker's share of the cap; fewer just after the circuit closed again. */
  private slotsOf(upstream: UpstreamSettings, memory: UpstreamMemory | undefined): number {
    const share = upstream.concurrencyMax / this.live.current.server.workers;
    return Math.max(1, Math.floor(share * (memory?.circuit.warmth ?? 1)));
  }

  private stateOf(upstream: string): CircuitState {
    return this.memories.get(upstream)?.circuit.state ?? 'closed';
  }

  private byName(name: string): UpstreamMemory {
    const known = this.memories.get(name);
    if (known !== undefined) return known;
    const memory = {
      circuit: new CircuitBreaker(
        name,
        () => this.live.current.resilience.circuit,
        this.clock,
        (state) => this.meter.circuitChanged(name, state),
        this.sharing,
      ),
      gate: new ConcurrencyGate(this.clock),
      rest: new Rest(this.clock),
      retries: new RetryBudget(),
      heard: 0,
    };
    this.memories.set(name, memory);
    return memory;
  }
}

/** How long a call may wait for a slot, and how it learns that its client left meanwhile. */
export interface SlotWait {
  readonly ms: number;
  onGone(listener: (() => void) | undefined): void;
}

const FULL: Refusal = { refused: 'full', retryAfterMs: 0 };

function resting(rest: Rest): Refusal {
  return { refused: 'resting', retryAfterMs: rest.leftMs };
}

function opened(circuit: CircuitBreaker): Refusal {
  return { refused: circuit.isMerelyBad ? 'merely_bad' : 'circuit_open', retryAfterMs: circuit.retryAfterMs };
}
