import { setTimeout as wait } from 'node:timers/promises';
import { Checks } from '../checks.js';
import { errorCodeOf } from '../client-call.js';
import type { Kit } from '../kit.js';
import { openLoop, percentile } from '../open-loop-client.js';
import type { RowClass } from '../row.js';
import { HERD } from './recovery.js';

const FIVE = { GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '5', GATEWAY_RETRY_BUDGET_PERCENT: '0' };

async function fail(kit: Kit, to: string, times: number): Promise<void> {
  for (let count = 0; count < times; count++) await kit.call({ to });
}

async function stateOf(kit: Kit, to: string): Promise<number> {
  return kit.metric('nexus_circuit_state', { upstream: kit.name(to) });
}

export const BREAKER: RowClass = {
  name: 'breaker',
  title: 'Circuit breaker',
  rows: [
    {
      name: 'circuit-opens',
      lane: 'quick',
      expected: 'five failures in a row open it: 503 circuit_open at once with a right Retry-After, nothing sent; a fallback answers',
      settings: FIVE,
      upstreams: { dead: 'status:500,json', helped: 'status:500,helped', good: 'ok' },
      fallbacks: { helped: ['good'] },
      run: async (kit) => {
        const checks = new Checks();
        while (kit.ledger('dead').length < 5 && kit.calls < 10) await kit.call({ to: 'dead' });
        const before = kit.ledger('dead').length;
        const refused = await kit.many(50, () => ({ to: 'dead' }));
        for (const reply of refused) {
          checks.equal('status', reply.status, 503);
          checks.equal('code', errorCodeOf(reply), 'circuit_open');
          checks.that(['1', '2'].includes(String(reply.headers['retry-after'])), () => `retry-after ${String(reply.headers['retry-after'])}`);
        }
        checks.equal('requests while open', kit.ledger('dead').length - before, 0);
        for (let count = 0; count < 10; count++) checks.equal('helped', (await kit.call({ to: 'helped' })).status, 200);
        const single = await kit.call({ to: 'dead' });
        return checks.done(`refused in ${single.ms.toFixed(1)} ms`);
      },
    },
    {
      name: 'circuit-one-probe',
      lane: 'quick',
      expected: 'after the reset time one probe goes out, however many call at once; the others are refused or served elsewhere',
      settings: FIVE,
      upstreams: { sick: 'chaos+slow:500', helped: 'chaos+slow:500,helped', good: 'ok' },
      fallbacks: { helped: ['good'] },
      waives: ['ledger-count'],
      run: async (kit) => {
        const checks = new Checks();
        for (const to of ['sick', 'helped']) {
          const proxy = kit.chaosBefore(to);
          proxy.faults.finAfterBytes = 1;
          await fail(kit, to, 8);
          checks.equal(`${to}: state after failures`, await stateOf(kit, to), 2);
          proxy.faults = {};
          proxy.cutAll();
          await wait(2_100);
          const before = kit.ledger(to).length;
          const replies = await kit.many(100, () => ({ to }));
          checks.equal(`${to}: probes`, kit.ledger(to).length - before, 1);
          const good = replies.filter(({ status }) => status === 200).length;
          checks.equal(`${to}: served`, good, to === 'sick' ? 1 : 100);
        }
        return checks.done();
      },
    },
    {
      name: 'circuit-client-left-probe',
      lane: 'full',
      expected: 'a probe whose client left is no verdict: the next caller probes',
      settings: FIVE,
      upstreams: { sick: 'chaos+slow:300' },
      waives: ['ledger-count'],
      run: async (kit) => {
        const checks = new Checks();
        const proxy = kit.chaosBefore('sick');
        proxy.faults.resetAfterBytes = 0;
        proxy.faults.finAfterBytes = 1;
        await fail(kit, 'sick', 8);
        checks.equal('state after failures', await stateOf(kit, 'sick'), 2);
        proxy.faults = {};
        await wait(2_100);
        await kit.call({ to: 'sick', leavesAfterMs: 100 });
        await wait(50);
        const next = await kit.call({ to: 'sick' });
        checks.equal('the next call', next.status, 200);
        checks.equal('state', await stateOf(kit, 'sick'), 0);
        return checks.done();
      },
    },
    {
      name: 'circuit-streaming-probe',
      lane: 'full',
      expected: 'a probe that streams for seconds closes the circuit at its first event and holds nobody',
      settings: FIVE,
      upstreams: { sick: 'chaos+ok-stream:40,100' },
      waives: ['ledger-count'],
      run: async (kit) => {
        const checks = new Checks();
        const proxy = kit.chaosBefore('sick');
        proxy.faults.finAfterBytes = 1;
        await fail(kit, 'sick', 8);
        checks.equal('state after failures', await stateOf(kit, 'sick'), 2);
        proxy.faults = {};
        await wait(2_100);
        const probe = kit.call({ to: 'sick', stream: true });
        await wait(600);
        checks.equal('state while it streams', await stateOf(kit, 'sick'), 0);
        const beside = await kit.call({ to: 'sick', stream: true, leavesAfterEvents: 3 });
        checks.equal('a call beside it', beside.status, 200);
        checks.equal('the probe', (await probe).status, 200);
        return checks.done();
      },
    },
    {
      name: 'circuit-what-must-not-open-it',
      lane: 'quick',
      expected: 'hundreds of 400, 429, 401 and of clients that leave leave it closed',
      settings: { ...FIVE, GATEWAY_AUTH_FAILURES_PER_MINUTE: '100000' },
      upstreams: { bad: 'status:400,json', busy: 'status:429,retry-after=0', key: 'status:401,json', hung: 'hang' },
      run: async (kit) => {
        const checks = new Checks();
        for (const to of ['bad', 'busy', 'key']) for (let round = 0; round < 10; round++) await kit.many(20, () => ({ to }));
        for (let round = 0; round < 4; round++) await kit.many(50, () => ({ to: 'hung', leavesAfterMs: 50 }));
        for (const to of ['bad', 'busy', 'key', 'hung']) checks.equal(to, await stateOf(kit, to), 0);
        return checks.done('800 calls');
      },
    },
    {
      name: 'circuit-poison-prompts',
      lane: 'quick',
      expected: 'while several call, one caller’s failures alone do not open it for the others',
      settings: FIVE,
      waives: ['ledger-count'],
      upstreams: { picky: 'chaos+ok' },
      run: async (kit) => {
        const checks = new Checks();
        // Several call; the prompts of one fail, those of the other would not.
        kit.chaosBefore('picky').faults = {};
        await kit.call({ to: 'picky', key: kit.otherKey });
        await kit.call({ to: 'picky' });
        kit.chaosBefore('picky').cutAll();
        kit.chaosBefore('picky').faults = { finAfterBytes: 1 };
        for (let count = 0; count < 20; count++) await kit.call({ to: 'picky' });
        checks.equal('state after one caller’s failures', await stateOf(kit, 'picky'), 0);
        await kit.call({ to: 'picky', key: kit.otherKey });
        checks.equal('state after another’s failure too', await stateOf(kit, 'picky'), 2);
        return checks.done();
      },
    },
    {
      name: 'circuit-recovers',
      lane: 'full',
      expected:
        'down for a while, then healthy: served by the fallback meanwhile, back on it within the reset time + 1 s, at most one probe per reset time',
      settings: { ...FIVE, GATEWAY_CIRCUIT_BREAKER_RESET_SECONDS: '1' },
      upstreams: { main: 'chaos+ok', spare: 'ok:spare' },
      fallbacks: { main: ['spare'] },
      waives: ['ledger-count'],
      run: async (kit) => {
        const checks = new Checks();
        const proxy = kit.chaosBefore('main');
        proxy.faults.finAfterBytes = 1;
        let downAt = performance.now();
        const call = async (): Promise<string> => {
          const reply = await kit.call({ to: 'main' });
          return reply.status === 200 ? String(reply.headers['x-nexus-upstream']) : String(reply.status);
        };
        const down = await openLoop(20, 4_000, call);
        checks.that(
          down.replies.every((one) => one === kit.name('spare')),
          () => `while down: ${[...new Set(down.replies)].join(', ')}`,
        );
        const attempts = kit.upstream.ledger.entries.filter(({ mode }) => mode === 'ok').length;
        checks.that(attempts <= 5 + 5, () => `${attempts} attempts while down`);
        proxy.faults = {};
        downAt = performance.now();
        let backMs = 0;
        while ((await call()) !== kit.name('main') && performance.now() - downAt < 5_000) await wait(20);
        backMs = performance.now() - downAt;
        checks.that(backMs < 2_000, () => `back after ${backMs.toFixed()} ms`);
        return checks.done(`${attempts} attempts in 4 s of outage, back after ${backMs.toFixed()} ms`);
      },
    },
    {
      name: 'circuit-failure-rate',
      lane: 'quick',
      expected: 'with the share-of-failures rule on, an upstream that fails half its calls is left; as the last target it is still tried',
      settings: {
        GATEWAY_CIRCUIT_BREAKER_FAILURE_PERCENT: '50',
        GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '1000',
        GATEWAY_CIRCUIT_BREAKER_RESET_SECONDS: '20',
        GATEWAY_RETRY_BUDGET_PERCENT: '0',
      },
      upstreams: { half: 'chaos+ok', lone: 'chaos+ok:lone', spare: 'ok:spare' },
      fallbacks: { half: ['spare'] },
      waives: ['ledger-count'],
      run: async (kit) => {
        const checks = new Checks();
        for (const to of ['half', 'lone']) {
          const proxy = kit.chaosBefore(to);
          for (let count = 0; count < 40; count++) {
            proxy.faults = count % 3 === 0 ? {} : { finAfterBytes: 1 };
            if (count % 3 !== 0) proxy.cutAll();
            await kit.call({ to });
          }
          proxy.faults = {};
        }
        const opened = await kit.metric('nexus_circuit_opened_total', { upstream: kit.name('half') });
        checks.that(opened >= 1, 'it never opened');
        checks.equal('served by', (await kit.call({ to: 'half' })).headers['x-nexus-upstream'], kit.name('spare'));
        checks.equal('the last target', (await kit.call({ to: 'lone' })).status, 200);
        return checks.done();
      },
    },
    {
      name: 'circuit-all-open-fast',
      lane: 'quick',
      expected: 'all targets open: refused in ≤ 10 ms',
      settings: FIVE,
      upstreams: { a: 'status:500,a', b: 'status:500,b' },
      fallbacks: { a: ['b'] },
      run: async (kit) => {
        const checks = new Checks();
        await fail(kit, 'a', 12);
        const times: number[] = [];
        for (let count = 0; count < 50; count++) {
          const reply = await kit.call({ to: 'a' });
          checks.equal('code', errorCodeOf(reply), 'circuit_open');
          times.push(reply.ms);
        }
        checks.that(percentile(times, 0.5) <= 10, () => `${percentile(times, 0.5).toFixed(1)} ms`);
        return checks.done(`${percentile(times, 0.5).toFixed(1)} ms (median)`);
      },
    },
    HERD,
  ],
};
