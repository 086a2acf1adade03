import { HandClock } from '../../test/doubles/hand-clock.js';
import { CircuitBreaker, type Pass } from './circuit-breaker.js';
import { ConcurrencyGate } from './concurrency-gate.js';
import { Permit } from './permit.js';

function stand(): { circuit: CircuitBreaker; gate: ConcurrencyGate; take(): Permit; clock: HandClock } {
  const clock = new HandClock();
  const circuit = new CircuitBreaker(
    'up',
    () => ({ failuresMax: 1, resetMs: 30_000, failurePercent: 0 }),
    clock,
    () => {},
  );
  const gate = new ConcurrencyGate(clock);
  const take = (): Permit => {
    gate.tryEnter(100, 'p');
    return new Permit(circuit.tryAcquire('p') as Pass, { circuit, gate }, 'p');
  };
  return { circuit, gate, take, clock };
}

it.each(['succeed', 'fail', 'release'] as const)('gives its slot back once, whatever ends it after %s', (ending) => {
  const { gate, take } = stand();
  gate.tryEnter(100, 'p');
  const leave = take();
  expect(gate.active).toBe(2);
  leave[ending]();
  for (const further of ['succeed', 'fail', 'release'] as const) leave[further]();
  expect(gate.active).toBe(1);
});

it('the first ending is the verdict', () => {
  const { circuit, take } = stand();
  const leave = take();
  leave.release();
  leave.fail();
  expect(circuit.state).toBe('closed');
});

it('a probe that proves its upstream closes the circuit while its stream goes on, and keeps its slot', () => {
  const { circuit, gate, take, clock } = stand();
  take().fail();
  clock.advance(30_000);
  const probe = take();
  probe.proven();
  expect(circuit.state).toBe('closed');
  expect(gate.active).toBe(1);
  probe.succeed();
  expect(gate.active).toBe(0);
});

it('a stream that proved its upstream and broke later counts like any other', () => {
  const { circuit, take, clock } = stand();
  take().fail();
  clock.advance(30_000);
  const probe = take();
  probe.proven();
  probe.proven();
  probe.fail();
  expect(circuit.state).toBe('open');
});

it('what is no probe proves nothing', () => {
  const { circuit, take } = stand();
  const leave = take();
  leave.proven();
  leave.fail();
  expect(circuit.state).toBe('open');
});
