import { setTimeout as wait } from 'node:timers/promises';
import { Checks } from '../checks.js';
import { errorCodeOf, isDone } from '../client-call.js';
import type { FaultRow } from '../row.js';

const FROZEN_MS = 4_000;

/** A machine that sleeps, a debugger, a container that is given no processor: to the process, time jumps. */
export const FROZEN: FaultRow = {
  name: 'gateway-frozen',
  lane: 'full',
  expected:
    'the gateway stands still for 4 s, longer than any time-out: answers that came meanwhile are delivered, streams go on to their end, neither upstream nor Redis is blamed, and new calls are served ≤ 2 s after',
  settings: { GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '5', GATEWAY_MAX_ATTEMPTS: '1' },
  upstreams: { a: 'ok', slow: 'slow:1000', stream: 'ok-stream:30,100' },
  prepare: async (kit) => ({
    GATEWAY_REDIS_URL: (await kit.redis()).url,
    GATEWAY_RATE_LIMIT_PER_MINUTE: '6000',
    GATEWAY_API_KEY_POLICIES: JSON.stringify({ [kit.secrets.of('steady')]: { rate_limit_per_minute: 0 } }),
  }),
  waives: ['steady', 'steady-time'],
  run: async (kit) => {
    const checks = new Checks();
    await kit.call({ to: 'a' });
    const slow = kit.many(30, () => ({ to: 'slow' }));
    const streams = kit.many(30, () => ({ to: 'stream', stream: true }));
    await wait(500);
    kit.gateway.signal('SIGSTOP');
    await wait(FROZEN_MS / 2);
    // They wait at the door.
    const waiting = kit.many(20, () => ({ to: 'a' }));
    await wait(FROZEN_MS / 2);
    kit.gateway.signal('SIGCONT');
    const awakeAt = performance.now();
    let servedMs = Infinity;
    for (; servedMs === Infinity && performance.now() - awakeAt < 8_000; await wait(50))
      if ((await kit.call({ to: 'a' })).status === 200) servedMs = performance.now() - awakeAt;
    checks.that(servedMs <= 2_000 + kit.lateMs, () => `served ${servedMs.toFixed()} ms after`);
    for (const { status, text } of await slow) checks.that(status === 200, () => `an answer that came meanwhile: ${status} ${text.slice(0, 100)}`);
    for (const reply of await streams) checks.that(isDone(reply), () => `a stream: ${errorCodeOf(reply) ?? 'cut'}`);
    const refused = (await waiting).filter(({ status }) => status !== 200);
    for (const reply of refused) checks.equal('who waited at the door', errorCodeOf(reply), 'overloaded');
    for (const name of ['a', 'slow', 'stream'])
      checks.equal(`circuit of ${name}`, await kit.metric('nexus_circuit_state', { upstream: kit.name(name) }), 0);
    checks.equal('Redis is used', await kit.metric('nexus_redis_up'), 1);
    return checks.done(`new calls served ${servedMs.toFixed()} ms after, ${refused.length} of 20 who waited at the door refused`);
  },
};
