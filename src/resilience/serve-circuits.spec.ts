import { setImmediate as turn } from 'node:timers/promises';
import { HandClock } from '../../test/doubles/hand-clock.js';
import { WorkerLine } from '../../test/doubles/worker-line.js';
import { WorkerLink } from '../contracts/worker-link.js';
import { CircuitBreaker, type CircuitState, type Pass } from './circuit-breaker.js';
import { LinkedCircuits } from './linked-circuits.js';
import { serveCircuits } from './serve-circuits.js';

const RULES = { failuresMax: 5, resetMs: 30_000, failurePercent: 0 };

interface Worker {
  readonly circuit: CircuitBreaker;
  readonly states: CircuitState[];
}

class Machine {
  readonly clock = new HandClock();
  readonly line = new WorkerLine();
  private workers = 0;

  constructor() {
    serveCircuits(this.line.hub, () => RULES, this.clock);
  }

  link(): WorkerLink {
    this.workers += 1;
    return this.line.link(this.workers);
  }

  /** The first is number one. */
  worker(link = this.link()): Worker {
    const sharing = new LinkedCircuits(link);
    const states: CircuitState[] = [];
    const circuit = new CircuitBreaker(
      'up',
      () => RULES,
      this.clock,
      (state) => states.push(state),
      sharing,
    );
    sharing.onState((_upstream, shared) => circuit.agree(shared));
    return { circuit, states };
  }

  /** Open in all, and long enough ago for a probe. */
  async ripe(...workers: readonly Worker[]): Promise<void> {
    for (let failure = 0; failure < 5; failure++) await end(workers[failure % workers.length] as Worker, 'fail');
    this.clock.advance(30_000);
  }
}

/** Its questions reach the primary, whose answers come when nobody waits for them any more. */
class LateLink extends WorkerLink {
  waitedMs = Infinity;

  constructor(private readonly link: WorkerLink) {
    super();
  }
  override tell(topic: string, payload: unknown): void {
    this.link.tell(topic, payload);
  }
  override async ask(topic: string, payload: unknown, timeoutMs: number): Promise<unknown> {
    this.waitedMs = timeoutMs;
    void this.link.ask(topic, payload, timeoutMs);
    throw new Error('The primary did not answer in time.');
  }
  override onNews(topic: string, listener: (payload: unknown) => void): void {
    this.link.onNews(topic, listener);
  }
}

/** Lets every message arrive, and what it causes. */
async function settled(): Promise<void> {
  for (let round = 0; round < 8; round++) await turn();
}

async function end({ circuit }: Worker, verdict: 'succeed' | 'fail' | 'release', principal = 'p'): Promise<void> {
  const pass = await circuit.tryAcquire(principal);
  if (pass === undefined) throw new Error('no pass was given');
  pass[verdict]();
  await settled();
}

it('failures spread over two workers open the circuit of both', async () => {
  const machine = new Machine();
  const [one, other] = [machine.worker(), machine.worker()];
  for (const worker of [one, other, one, other]) await end(worker, 'fail');
  expect([one.circuit.state, other.circuit.state]).toEqual(['closed', 'closed']);
  await end(one, 'fail');
  expect([one.circuit.state, other.circuit.state]).toEqual(['open', 'open']);
  expect([one.states, other.states]).toEqual([['open'], ['open']]);
  machine.clock.advance(10_000);
  expect([one.circuit.retryAfterMs, other.circuit.retryAfterMs]).toEqual([20_000, 20_000]);
});

it('a success at either breaks the row of both', async () => {
  const machine = new Machine();
  const [one, other] = [machine.worker(), machine.worker()];
  for (let round = 0; round < 4; round++) {
    for (let failure = 0; failure < 4; failure++) await end(one, 'fail');
    await end(other, 'succeed');
  }
  expect([one.circuit.state, other.circuit.state]).toEqual(['closed', 'closed']);
});

it('a machine without a failure sends no message', async () => {
  const machine = new Machine();
  const one = machine.worker();
  const told: unknown[] = [];
  machine.line.hub.onTell('circuit-report', (report) => told.push(report));
  for (let call = 0; call < 100; call++) await end(one, 'succeed');
  expect(told).toEqual([]);
});

it('one probe goes out in all, however many workers and calls ask at once', async () => {
  const machine = new Machine();
  const workers = Array.from({ length: 4 }, () => machine.worker());
  await machine.ripe(...workers);
  const passes = await Promise.all(workers.flatMap(({ circuit }) => Array.from({ length: 50 }, async () => circuit.tryAcquire('p'))));
  const probes = passes.filter((pass): pass is Pass => pass !== undefined);
  expect(probes).toHaveLength(1);
  probes[0]?.succeed();
  await settled();
  expect(workers.map(({ circuit }) => circuit.state)).toEqual(['closed', 'closed', 'closed', 'closed']);
});

it('a failed probe opens all for another whole time', async () => {
  const machine = new Machine();
  const [one, other] = [machine.worker(), machine.worker()];
  await machine.ripe(one, other);
  await end(one, 'fail');
  expect([one.circuit.retryAfterMs, other.circuit.retryAfterMs]).toEqual([30_000, 30_000]);
  expect(other.circuit.tryAcquire('p')).toBeUndefined();
});

it('a probe without a verdict leaves the leave to any worker', async () => {
  const machine = new Machine();
  const [one, other] = [machine.worker(), machine.worker()];
  await machine.ripe(one, other);
  await end(one, 'release');
  expect((await other.circuit.tryAcquire('p'))?.isProbe).toBe(true);
});

it('a worker that dies with its probe frees it', async () => {
  const machine = new Machine();
  const [one, other] = [machine.worker(), machine.worker()];
  await machine.ripe(one, other);
  expect(await one.circuit.tryAcquire('p')).toBeDefined();
  expect(await other.circuit.tryAcquire('p')).toBeUndefined();
  machine.line.end(1);
  expect((await other.circuit.tryAcquire('p'))?.isProbe).toBe(true);
});

it('a leave that came too late is given back, so that the circuit is probed all the same', async () => {
  const machine = new Machine();
  const [one, other] = [machine.worker(new LateLink(machine.link())), machine.worker()];
  await machine.ripe(one, other);
  expect(await one.circuit.tryAcquire('p')).toBeUndefined();
  await settled();
  expect((await other.circuit.tryAcquire('p'))?.isProbe).toBe(true);
});

it('only the worker that has the probe can end it', async () => {
  const machine = new Machine();
  const [one, other] = [machine.worker(), machine.worker()];
  const stranger = new LinkedCircuits(machine.link());
  await machine.ripe(one, other);
  const probe = await one.circuit.tryAcquire('p');
  stranger.probeEnded('up', 'success');
  await settled();
  expect([one.circuit.state, other.circuit.state]).toEqual(['half-open', 'open']);
  expect(await other.circuit.tryAcquire('p')).toBeUndefined();
  probe?.succeed();
  await settled();
  expect([one.circuit.state, other.circuit.state]).toEqual(['closed', 'closed']);
});

it('a worker that came after it opened learns of it by its first failure', async () => {
  const machine = new Machine();
  const one = machine.worker();
  await machine.ripe(one, one);
  const newcomer = machine.worker();
  expect(newcomer.circuit.state).toBe('closed');
  await end(newcomer, 'fail');
  expect(newcomer.circuit.state).toBe('open');
});

it('a worker that the primary does not answer sends no probe, and keeps nobody else from it', async () => {
  const machine = new Machine();
  const [one, other] = [machine.worker(), machine.worker()];
  await machine.ripe(one, other);
  machine.line.deafen(1);
  expect(await one.circuit.tryAcquire('p')).toBeUndefined();
  expect(one.circuit.state).toBe('open');
  expect((await other.circuit.tryAcquire('p'))?.isProbe).toBe(true);
});

it('a call waits no longer than half a second for the leave', async () => {
  const machine = new Machine();
  const link = new LateLink(machine.link());
  const one = machine.worker(link);
  await machine.ripe(one, one);
  await one.circuit.tryAcquire('p');
  expect(link.waitedMs).toBeLessThanOrEqual(500);
});

it('failures of one caller alone do not open it while others call the same worker', async () => {
  const machine = new Machine();
  const [one, other] = [machine.worker(), machine.worker()];
  await end(one, 'succeed', 'q');
  for (let failure = 0; failure < 10; failure++) await end(one, 'fail', 'p');
  expect(other.circuit.state).toBe('closed');
  await end(other, 'fail', 'q');
  expect([one.circuit.state, other.circuit.state]).toEqual(['open', 'open']);
});
