import { setTimeout as wait } from 'node:timers/promises';
import { Checks } from '../checks.js';
import type { ClientReply } from '../client-call.js';
import type { FaultRow } from '../row.js';

const BODY_BYTES = 3_500_000;

/** As memory-ceiling, but what is short is V8's own heap: bodies of tiny messages that are translated become hundreds of thousands of objects. */
export const HEAP_CEILING: FaultRow = {
  name: 'heap-ceiling',
  lane: 'full',
  expected:
    'with a heap of 96 MB, twenty-five bodies of 3.5 MB of tiny messages at once, to be translated, twice: served or shed with 503, it lives, and it recovers',
  upstreams: { a: 'slow:200' },
  waives: ['client-count', 'ledger-count', 'steady-time', 'steady'],
  run: async (kit) => {
    const checks = new Checks();
    const gateway = await kit.start(
      { GATEWAY_REQUEST_TIMEOUT_SECONDS: '20', GATEWAY_TOTAL_TIMEOUT_SECONDS: '40' },
      { nodeOptions: ['--max-old-space-size=96'] },
    );
    const message = '{"role":"user","content":"a"},{"role":"assistant","content":"b"},';
    const turns = message.repeat(BODY_BYTES / message.length);
    const body = `{"model":${JSON.stringify(kit.name('a'))},"input":[${turns}{"role":"user","content":"c"}]}`;
    const replies: ClientReply[] = [];
    for (let round = 0; round < 2 && gateway.isAlive; round++)
      replies.push(...(await kit.many(25, () => ({ to: 'a', path: '/v1/responses', body, gateway }))));
    checks.that(gateway.isAlive, 'the process ended');
    const shed = replies.filter(({ status }) => status === 503).length;
    const served = replies.filter(({ status }) => status === 200).length;
    checks.equal('served or shed', served + shed, replies.length);
    if (gateway.isAlive) {
      const startedAt = performance.now();
      let last: ClientReply | undefined;
      while ((last = await kit.call({ to: 'a', gateway })).status !== 200 && performance.now() - startedAt < 8_000) await wait(100);
      checks.equal('afterwards', last.status, 200);
      await gateway.stop();
    }
    return checks.done(`${served} served, ${shed} shed`);
  },
};
