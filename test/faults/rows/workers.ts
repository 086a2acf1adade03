import { setTimeout as wait } from 'node:timers/promises';
import { Checks } from '../checks.js';
import { errorCodeOf } from '../client-call.js';
import type { RowClass } from '../row.js';

const LIMIT = 60;
const THREE = { GATEWAY_WORKERS: '3' };
const FIVE = { ...THREE, GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '5', GATEWAY_RETRY_BUDGET_PERCENT: '0' };

export const WORKERS: RowClass = {
  name: 'workers',
  title: 'Several workers of one machine',
  rows: [
    {
      name: 'workers-one-circuit',
      lane: 'quick',
      expected: 'three workers: five failures in a row over all of them open it for all; after the reset time one probe goes out in all',
      settings: FIVE,
      upstreams: { sick: 'chaos+slow:500' },
      waives: ['ledger-count'],
      run: async (kit) => {
        const checks = new Checks();
        const proxy = kit.chaosBefore('sick');
        proxy.faults.finAfterBytes = 1;
        for (let count = 0; count < 8; count++) await kit.call({ to: 'sick' });
        // The news of it is on its way to the workers for a moment.
        await wait(100);
        const refused = await kit.many(30, () => ({ to: 'sick' }));
        checks.equal('refused while open', refused.filter((reply) => errorCodeOf(reply) === 'circuit_open').length, 30);
        proxy.faults = {};
        proxy.cutAll();
        await wait(2_100);
        const before = kit.ledger('sick').length;
        const replies = await kit.many(100, () => ({ to: 'sick' }));
        const probes = kit.ledger('sick').length - before;
        checks.equal('probes', probes, 1);
        checks.equal('served', replies.filter(({ status }) => status === 200).length, 1);
        await wait(100);
        const after = await kit.many(9, () => ({ to: 'sick' }));
        checks.that(
          after.some(({ status }) => status === 200),
          'nobody is served after the probe',
        );
        return checks.done(`${probes} probe of three workers`);
      },
    },
    {
      name: 'workers-one-limit',
      lane: 'quick',
      expected: 'three workers without Redis: exactly the limit of a burst is admitted, over all of them',
      prepare: async (kit) => ({
        ...THREE,
        GATEWAY_RATE_LIMIT_PER_MINUTE: String(LIMIT),
        GATEWAY_API_KEY_POLICIES: JSON.stringify({ [kit.secrets.of('steady')]: { rate_limit_per_minute: 0 } }),
      }),
      upstreams: { a: 'ok' },
      run: async (kit) => {
        const checks = new Checks();
        const startedAt = performance.now();
        const replies = await kit.many(200, () => ({ to: 'a' }));
        const seconds = (performance.now() - startedAt) / 1000;
        const admitted = replies.filter(({ status }) => status === 200).length;
        checks.that(
          admitted >= LIMIT && admitted <= LIMIT + Math.ceil((seconds * LIMIT) / 60),
          () => `${admitted} admitted in ${seconds.toFixed(2)} s`,
        );
        checks.equal('others', replies.filter(({ status }) => status === 429).length, 200 - admitted);
        checks.equal('at the upstream', kit.ledger('a').length, admitted);
        return checks.done(`${admitted} of a limit of ${LIMIT} in ${seconds.toFixed(2)} s`);
      },
    },
  ],
};
