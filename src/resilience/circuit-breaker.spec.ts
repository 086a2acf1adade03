import { HandClock } from '../../test/doubles/hand-clock.js';
import { CircuitSharing, type CircuitReport, type SharedCircuit } from '../contracts/circuit-sharing.js';
import { CircuitBreaker, type CircuitState, type Pass } from './circuit-breaker.js';

interface Stand {
  readonly circuit: CircuitBreaker;
  readonly clock: HandClock;
  readonly states: CircuitState[];
}

function stand(rules: { failuresMax?: number; failurePercent?: number } = {}, sharing?: CircuitSharing): Stand {
  const clock = new HandClock();
  const states: CircuitState[] = [];
  const all = { failuresMax: 5, resetMs: 30_000, failurePercent: 0, ...rules };
  return {
    circuit: new CircuitBreaker(
      'up',
      () => all,
      clock,
      (state) => states.push(state),
      sharing,
    ),
    clock,
    states,
  };
}

/** A pass that needs no leave of other workers. */
function passOf(circuit: CircuitBreaker, principal = 'p'): Pass {
  const pass = circuit.tryAcquire(principal);
  if (pass === undefined || pass instanceof Promise) throw new Error('no pass was given');
  return pass;
}

function fail(circuit: CircuitBreaker, times: number, principal = 'p'): void {
  for (let time = 0; time < times; time++) passOf(circuit, principal).fail();
}

/** Opened, and long enough ago for a probe. */
function ripe(): Stand {
  const it = stand();
  fail(it.circuit, 5);
  it.clock.advance(30_000);
  return it;
}

describe('failures in a row', () => {
  it('open it at the last of them, and tell it once', () => {
    const { circuit, states } = stand();
    fail(circuit, 4);
    expect(circuit.state).toBe('closed');
    fail(circuit, 1);
    expect(circuit.state).toBe('open');
    expect(states).toEqual(['open']);
    expect(circuit.tryAcquire('p')).toBeUndefined();
  });

  it('are broken by one success', () => {
    const { circuit } = stand();
    for (let round = 0; round < 20; round++) {
      fail(circuit, 4);
      passOf(circuit).succeed();
    }
    expect(circuit.state).toBe('closed');
  });

  it('are neither counted nor broken by calls without a verdict', () => {
    const { circuit } = stand();
    for (let call = 0; call < 1_000; call++) passOf(circuit).release();
    fail(circuit, 4);
    passOf(circuit).release();
    fail(circuit, 1);
    expect(circuit.state).toBe('open');
  });

  it('count each pass once, by its first ending', () => {
    const { circuit } = stand();
    const pass = passOf(circuit);
    for (let time = 0; time < 10; time++) pass.fail();
    expect(circuit.state).toBe('closed');
    const other = passOf(circuit);
    other.release();
    other.fail();
    fail(circuit, 3);
    expect(circuit.state).toBe('closed');
  });

  it('of one caller do not open it for others who call too', () => {
    const { circuit } = stand();
    passOf(circuit, 'other').succeed();
    fail(circuit, 50, 'one');
    expect(circuit.state).toBe('closed');
    fail(circuit, 1, 'other');
    expect(circuit.state).toBe('open');
  });

  it('of one caller open it when nobody else has called for half a minute', () => {
    const { circuit, clock } = stand();
    passOf(circuit, 'other').succeed();
    fail(circuit, 10, 'one');
    clock.advance(30_001);
    fail(circuit, 1, 'one');
    expect(circuit.state).toBe('open');
  });
});

describe('once open', () => {
  it('says how long until a probe, and lets nobody through before', () => {
    const { circuit, clock } = stand();
    fail(circuit, 5);
    expect(circuit.retryAfterMs).toBe(30_000);
    clock.advance(29_999);
    expect(circuit.retryAfterMs).toBe(1);
    expect(circuit.tryAcquire('p')).toBeUndefined();
    clock.advance(1);
    expect(circuit.retryAfterMs).toBe(0);
    expect(passOf(circuit).isProbe).toBe(true);
  });

  it('what began before it opened says nothing of now', () => {
    const { circuit, clock, states } = stand();
    const early = Array.from({ length: 20 }, () => passOf(circuit));
    fail(circuit, 5);
    clock.advance(10_000);
    early.forEach((pass, index) => (index % 2 === 0 ? pass.succeed() : pass.fail()));
    expect(circuit.state).toBe('open');
    expect(circuit.retryAfterMs).toBe(20_000);
    expect(states).toEqual(['open']);
  });

  it('lets exactly one probe through, however many ask', () => {
    const { circuit, states } = ripe();
    const passes = Array.from({ length: 500 }, (_, index) => circuit.tryAcquire(`p${index % 7}`));
    expect(passes.filter((pass) => pass !== undefined)).toHaveLength(1);
    expect(circuit.state).toBe('half-open');
    expect(states).toEqual(['open', 'half-open']);
  });

  it('late endings of calls from before are no verdict on the probe', () => {
    const { circuit, clock } = stand();
    const early = [passOf(circuit), passOf(circuit)];
    fail(circuit, 5);
    clock.advance(30_000);
    passOf(circuit);
    early[0]?.fail();
    early[1]?.succeed();
    expect(circuit.state).toBe('half-open');
    expect(circuit.tryAcquire('p')).toBeUndefined();
  });
});

describe('the probe', () => {
  it('closes it by its success, and the row begins anew', () => {
    const { circuit, states } = ripe();
    passOf(circuit).succeed();
    expect(circuit.state).toBe('closed');
    expect(circuit.retryAfterMs).toBe(0);
    fail(circuit, 4);
    expect(states).toEqual(['open', 'half-open', 'closed']);
  });

  it('opens it for another whole time by its failure', () => {
    const { circuit, states } = ripe();
    passOf(circuit).fail();
    expect(circuit.retryAfterMs).toBe(30_000);
    expect(circuit.tryAcquire('p')).toBeUndefined();
    expect(states).toEqual(['open', 'half-open', 'open']);
  });

  it('without a verdict gives its leave to the next call at once', () => {
    const { circuit, states } = ripe();
    passOf(circuit).release();
    expect(circuit.state).toBe('open');
    expect(circuit.retryAfterMs).toBe(0);
    expect(passOf(circuit).isProbe).toBe(true);
    expect(states).toEqual(['open', 'half-open', 'open', 'half-open']);
  });

  it('ends once: what comes later does not touch its successor', () => {
    const { circuit } = ripe();
    const probe = passOf(circuit);
    probe.release();
    const next = passOf(circuit);
    probe.fail();
    probe.succeed();
    expect(circuit.state).toBe('half-open');
    next.succeed();
    expect(circuit.state).toBe('closed');
  });
});

describe('after it closed again', () => {
  it('it warms up from a tenth to the whole in ten seconds', () => {
    const { circuit, clock } = ripe();
    expect(stand().circuit.warmth).toBe(1);
    passOf(circuit).succeed();
    expect(circuit.warmth).toBe(0.1);
    clock.advance(5_000);
    expect(circuit.warmth).toBe(0.5);
    clock.advance(6_000);
    expect(circuit.warmth).toBe(1);
  });
});

describe('the share of failures', () => {
  function mixed(circuit: CircuitBreaker, calls: number, failEvery: number): void {
    for (let call = 1; call <= calls; call++) {
      const pass = passOf(circuit);
      if (call % failEvery === 0) pass.fail();
      else pass.succeed();
    }
  }

  it('opens it, though no row was ever full', () => {
    const { circuit, states } = stand({ failurePercent: 50 });
    mixed(circuit, 18, 2);
    expect(circuit.state).toBe('closed');
    mixed(circuit, 2, 2);
    expect(circuit.state).toBe('open');
    expect(circuit.isMerelyBad).toBe(true);
    expect(circuit.failurePercent).toBe(50);
    expect(states).toEqual(['open']);
  });

  it('is not looked at unless it was asked for', () => {
    const { circuit } = stand();
    mixed(circuit, 1_000, 2);
    expect(circuit.state).toBe('closed');
    expect(circuit.failurePercent).toBe(0);
  });

  it('below the line leaves it closed', () => {
    const { circuit } = stand({ failurePercent: 50 });
    mixed(circuit, 1_000, 3);
    expect(circuit.state).toBe('closed');
  });

  it('a forced pass through a merely bad circuit is counted and does not close it; its probe does', () => {
    const { circuit, clock } = stand({ failurePercent: 50 });
    mixed(circuit, 20, 2);
    expect(circuit.state).toBe('open');
    circuit.force('p').succeed();
    expect(circuit.state).toBe('open');
    clock.advance(30_000);
    passOf(circuit).succeed();
    expect(circuit.state).toBe('closed');
    expect(circuit.isMerelyBad).toBe(false);
    expect(circuit.failurePercent).toBe(0);
  });

  it('a row opens it as outright bad, not as merely bad', () => {
    const { circuit } = stand({ failurePercent: 90 });
    fail(circuit, 5);
    expect(circuit.isMerelyBad).toBe(false);
  });
});

/** Other workers, played by the test. */
class PlayedSharing extends CircuitSharing {
  readonly reports: CircuitReport[] = [];
  readonly ended: string[] = [];
  readonly asked: ((granted: boolean) => void)[] = [];

  override report(report: CircuitReport): void {
    this.reports.push(report);
  }
  override askProbe(): Promise<boolean> {
    return new Promise((resolve) => this.asked.push(resolve));
  }
  override probeEnded(_upstream: string, verdict: string): void {
    this.ended.push(verdict);
  }
  override onState(): void {}
}

const OPEN: SharedCircuit = { state: 'open', failures: 5, openedAgoMs: 0 };
const CLOSED: SharedCircuit = { state: 'closed', failures: 0, openedAgoMs: 0 };

describe('shared with other workers', () => {
  it('opens by what they agreed on, not by what it counted itself', () => {
    const sharing = new PlayedSharing();
    const { circuit, states } = stand({}, sharing);
    fail(circuit, 20);
    expect(circuit.state).toBe('closed');
    expect(sharing.reports).toHaveLength(20);
    circuit.agree({ ...OPEN, openedAgoMs: 10_000 });
    expect(circuit.retryAfterMs).toBe(20_000);
    circuit.agree(CLOSED);
    expect(states).toEqual(['open', 'closed']);
  });

  it('reports a success only while there are failures to forget', () => {
    const sharing = new PlayedSharing();
    const { circuit } = stand({}, sharing);
    passOf(circuit).succeed();
    expect(sharing.reports).toEqual([]);
    circuit.agree({ ...CLOSED, failures: 3 });
    passOf(circuit).succeed();
    expect(sharing.reports).toMatchObject([{ upstream: 'up', verdict: 'success' }]);
  });

  it('asks for the one leave to probe once, however many call meanwhile', async () => {
    const sharing = new PlayedSharing();
    const { circuit, clock } = stand({}, sharing);
    circuit.agree(OPEN);
    clock.advance(30_000);
    const asking = circuit.tryAcquire('p');
    for (let call = 0; call < 100; call++) expect(circuit.tryAcquire('p')).toBeUndefined();
    expect(sharing.asked).toHaveLength(1);
    sharing.asked[0]?.(true);
    const probe = await asking;
    expect(probe?.isProbe).toBe(true);
    expect(circuit.state).toBe('half-open');
    probe?.succeed();
    expect(sharing.ended).toEqual(['success']);
    expect(circuit.state).toBe('closed');
  });

  it('asks again at the next call when another had it', async () => {
    const sharing = new PlayedSharing();
    const { circuit, clock, states } = stand({}, sharing);
    circuit.agree(OPEN);
    clock.advance(30_000);
    const asking = circuit.tryAcquire('p');
    sharing.asked[0]?.(false);
    expect(await asking).toBeUndefined();
    expect(circuit.state).toBe('open');
    expect(circuit.tryAcquire('p')).toBeInstanceOf(Promise);
    expect(sharing.asked).toHaveLength(2);
    expect(states).toEqual(['open']);
  });

  it.each([true, false])('closed while it asked: the call is one like any other, and a leave it got (%s) is given back', async (granted) => {
    const sharing = new PlayedSharing();
    const { circuit, clock, states } = stand({}, sharing);
    circuit.agree(OPEN);
    clock.advance(30_000);
    const asking = circuit.tryAcquire('p');
    circuit.agree(CLOSED);
    sharing.asked[0]?.(granted);
    const pass = await asking;
    expect(pass?.isProbe).toBe(false);
    pass?.fail();
    expect(sharing.ended).toEqual(granted ? ['none'] : []);
    expect(circuit.state).toBe('closed');
    expect(states).toEqual(['open', 'closed']);
  });

  it('news of another failed probe that come while it asks hold, and nothing is told of a probe that never was', async () => {
    const sharing = new PlayedSharing();
    const { circuit, clock, states } = stand({}, sharing);
    circuit.agree(OPEN);
    clock.advance(30_000);
    const asking = circuit.tryAcquire('p');
    circuit.agree(OPEN);
    sharing.asked[0]?.(false);
    expect(await asking).toBeUndefined();
    expect(circuit.retryAfterMs).toBe(30_000);
    expect(states).toEqual(['open']);
  });

  it('news of what it knows already does not let a second probe out', async () => {
    const sharing = new PlayedSharing();
    const { circuit, clock, states } = stand({}, sharing);
    circuit.agree(OPEN);
    clock.advance(30_000);
    const asking = circuit.tryAcquire('p');
    sharing.asked[0]?.(true);
    await asking;
    circuit.agree({ ...OPEN, openedAgoMs: 30_000 });
    expect(circuit.tryAcquire('p')).toBeUndefined();
    expect(circuit.state).toBe('half-open');
    expect(states).toEqual(['open', 'half-open']);
  });
});
