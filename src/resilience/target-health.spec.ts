import { HandClock } from '../../test/doubles/hand-clock.js';
import { RecordingMeter } from '../../test/doubles/recording-meter.js';
import { settingsFrom } from '../../test/doubles/settings-from.js';
import { LiveSettings } from '../config/live-settings.js';
import type { UpstreamSettings } from '../contracts/gateway-settings.js';
import { type Refusal, type SlotWait, TargetHealth } from './target-health.js';
import type { Permit } from './permit.js';

const BASE = { GATEWAY_UPSTREAMS: 'a=http://127.0.0.1:9;b=http://127.0.0.1:9', GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '1' };
const AT_ONCE: SlotWait = { ms: 0, onGone: () => {} };

class Stand {
  readonly clock = new HandClock();
  readonly meter = new RecordingMeter();
  readonly live: LiveSettings;
  readonly health: TargetHealth;

  constructor(env: Readonly<Record<string, string>> = {}) {
    this.live = new LiveSettings(settingsFrom({ ...BASE, ...env }));
    this.health = new TargetHealth(this.live, this.meter, this.clock);
  }

  upstream(name: string): UpstreamSettings {
    const upstream = this.live.current.routing.upstreams.get(name);
    if (upstream === undefined) throw new Error(`there is no ${name}`);
    return upstream;
  }

  acquire(name: string): Permit | Refusal {
    const permit = this.health.acquire(this.upstream(name), 'p', AT_ONCE);
    if (permit instanceof Promise) throw new Error('it was to be answered at once');
    return permit;
  }

  permit(name: string): Permit {
    const permit = this.acquire(name);
    if ('refused' in permit) throw new Error(permit.refused);
    return permit;
  }
}

it('an upstream that nobody called is well', () => {
  const { health } = new Stand();
  expect(health.isAvailable('a')).toBe(true);
  expect(health.circuits()).toEqual([
    { upstream: 'a', state: 'closed' },
    { upstream: 'b', state: 'closed' },
  ]);
});

it('one that opened is not available until its probe is due, and not while that is out', () => {
  const it = new Stand();
  it.permit('a').fail();
  expect(it.health.isAvailable('a')).toBe(false);
  expect(it.health.isAvailable('b')).toBe(true);
  expect(it.acquire('a')).toEqual({ refused: 'circuit_open', retryAfterMs: 30_000 });
  it.clock.advance(30_000);
  expect(it.health.isAvailable('a')).toBe(true);
  const probe = it.permit('a');
  expect(it.health.isAvailable('a')).toBe(false);
  expect(it.health.circuits()[0]).toEqual({ upstream: 'a', state: 'half-open' });
  probe.succeed();
  expect(it.health.isAvailable('a')).toBe(true);
  expect(it.meter.lines).toEqual(['circuitChanged a open', 'circuitChanged a half-open', 'circuitChanged a closed']);
});

it('one that rests is not available, and says for how long', () => {
  const it = new Stand();
  it.health.of(it.upstream('a')).rest.begin(7_000);
  expect(it.health.isAvailable('a')).toBe(false);
  expect(it.acquire('a')).toEqual({ refused: 'resting', retryAfterMs: 7_000 });
  it.clock.advance(7_000);
  expect(it.health.isAvailable('a')).toBe(true);
  it.permit('a').release();
});

it('an upstream is looked at without being remembered, and with all that it is in', () => {
  const it = new Stand({ GATEWAY_WORKERS: '2', GATEWAY_UPSTREAM_MAX_CONCURRENCY: '10' });
  const view = () => it.health.view(it.upstream('a'));
  expect(view()).toEqual({ isAvailable: true, circuit: 'closed', probeInMs: 0, restLeftMs: 0, inFlight: 0, inFlightMax: 5 });
  const permit = it.permit('a');
  expect(view()).toMatchObject({ isAvailable: true, inFlight: 1 });
  it.health.of(it.upstream('a')).rest.begin(2_000);
  expect(view()).toMatchObject({ isAvailable: false, circuit: 'closed', restLeftMs: 2_000 });
  permit.fail();
  it.clock.advance(10_000);
  expect(view()).toMatchObject({ isAvailable: false, circuit: 'open', probeInMs: 20_000, restLeftMs: 0, inFlight: 0 });
  it.clock.advance(20_000);
  expect(view()).toMatchObject({ isAvailable: true, circuit: 'open', probeInMs: 0 });
  const probe = it.permit('a');
  expect(view()).toMatchObject({ isAvailable: false, circuit: 'half-open', probeInMs: 0, inFlight: 1 });
  probe.succeed();
  // Just closed: a tenth of its part, and at least one.
  expect(view()).toMatchObject({ isAvailable: true, circuit: 'closed', inFlightMax: 1 });
});

it('each of several workers has its part of the cap, and at least one slot', () => {
  const four = new Stand({ GATEWAY_WORKERS: '4', GATEWAY_UPSTREAM_MAX_CONCURRENCY: '10' });
  const permits = [four.permit('a'), four.permit('a')];
  expect(four.acquire('a')).toEqual({ refused: 'full', retryAfterMs: 0 });
  permits.forEach((permit) => permit.succeed());
  const one = new Stand({ GATEWAY_WORKERS: '4', GATEWAY_UPSTREAM_MAX_CONCURRENCY: '1' });
  one.permit('a').release();
});

it("the slots of one upstream are no other's", () => {
  const it = new Stand({ GATEWAY_UPSTREAM_MAX_CONCURRENCY: '1' });
  const held = it.permit('a');
  expect(it.acquire('a')).toMatchObject({ refused: 'full' });
  it.permit('b').release();
  held.release();
});

it('a refusal holds no slot', () => {
  const it = new Stand();
  it.permit('a').fail();
  for (let call = 0; call < 10; call++) it.acquire('a');
  expect(it.health.of(it.upstream('a')).gate.active).toBe(0);
});

it('a reload keeps what is known, follows the new rules, and forgets who is gone', () => {
  const it = new Stand();
  it.permit('a').fail();
  it.permit('b').fail();
  it.live.replace(settingsFrom({ ...BASE, GATEWAY_UPSTREAMS: 'a=http://127.0.0.1:8', GATEWAY_CIRCUIT_BREAKER_RESET_SECONDS: '5' }));
  expect(it.health.circuits()).toEqual([{ upstream: 'a', state: 'open' }]);
  expect(it.acquire('a')).toEqual({ refused: 'circuit_open', retryAfterMs: 5_000 });
  it.live.replace(settingsFrom(BASE));
  expect(it.health.isAvailable('b')).toBe(true);
});

it("a call that outlives its upstream's settings ends in peace", () => {
  const it = new Stand();
  const permit = it.permit('b');
  it.live.replace(settingsFrom({ ...BASE, GATEWAY_UPSTREAMS: 'a=http://127.0.0.1:9' }));
  permit.fail();
  expect(it.health.circuits()).toEqual([{ upstream: 'a', state: 'closed' }]);
});
