import { setTimeout as wait } from 'node:timers/promises';
import { Checks } from '../checks.js';
import { contentOf, isDone } from '../client-call.js';
import type { Kit } from '../kit.js';
import { openLoop, percentile } from '../open-loop-client.js';
import type { RowClass } from '../row.js';

/** From a client's leaving to its upstream's hearing of it, of every exchange; not more than a second is waited. */
async function abortTimes(kit: Kit, upstream: string, leftAt: number): Promise<number[]> {
  const until = performance.now() + 1_000;
  while (kit.ledger(upstream).some(({ state }) => state === 'running') && performance.now() < until) await wait(5);
  const now = kit.upstream.ledger.now();
  return kit.ledger(upstream).map(({ state, endedAt }) => (state === 'aborted' && endedAt !== undefined ? endedAt - leftAt : now - leftAt + 10_000));
}

function checkUncounted(checks: Checks, line: Readonly<Record<string, unknown>>): void {
  checks.equal('logged as', line['status'], 499);
  checks.equal('attempts', line['attempts'], 1);
  checks.equal('fallback', line['fallback'], false);
}

const PHASES = {
  plain: { stream: false, leavesAfterMs: 150, mode: 'hang' },
  beforeFirst: { stream: true, leavesAfterMs: 150, mode: 'slow:5000' },
  midStream: { stream: true, leavesAfterEvents: 5, mode: 'endless:20' },
} as const;

export const CLIENT_GONE: RowClass = {
  name: 'client-gone',
  title: 'Clients that leave',
  rows: [
    {
      name: 'client-leaves',
      lane: 'quick',
      expected: 'upstream closed ≤ 500 ms after the client left, in every phase; no retry, no fallback, no failure of the upstream, 499',
      settings: { GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '3' },
      upstreams: { ...Object.fromEntries(Object.entries(PHASES).map(([name, { mode }]) => [name, mode])), spare: 'ok' },
      fallbacks: Object.fromEntries(Object.keys(PHASES).map((name) => [name, ['spare']])),
      run: async (kit) => {
        const checks = new Checks();
        const times: number[] = [];
        for (const [to, { mode: _mode, ...how }] of Object.entries(PHASES)) {
          for (let count = 0; count < 5; count++) {
            await kit.call({ to, ...how });
            const leftAt = kit.upstream.ledger.now();
            const of = (await abortTimes(kit, to, leftAt)).at(-1) ?? Infinity;
            times.push(of);
            checks.that(of <= 500 + kit.lateMs, () => `${to}: upstream closed after ${of.toFixed()} ms`);
          }
          checkUncounted(checks, await kit.logLine(to));
          checks.equal(`${to}: requests at the upstream`, kit.ledger(to).length, 5);
          checks.equal(`${to}: circuit`, await kit.metric('nexus_circuit_state', { upstream: kit.name(to) }), 0);
        }
        checks.equal('fallbacks taken', kit.ledger('spare').length, 0);
        const line = await kit.logLine('midStream');
        checks.that(line['usage_estimated'] === true && Number(line['tokens_out']) > 0, () => `usage logged: ${String(line['tokens_out'])}`);
        return checks.done(`closed after ${percentile(times, 0.5).toFixed()} ms (median), ${Math.max(...times).toFixed()} ms at most`);
      },
    },
    {
      name: 'client-leaves-while-queued',
      lane: 'quick',
      expected: 'who left while waiting for a slot is never sent upstream',
      settings: { GATEWAY_UPSTREAM_QUEUE_MS: '2000' },
      upstreams: { narrow: 'slow:600?max_concurrency=2' },
      run: async (kit) => {
        const checks = new Checks();
        const served = kit.many(2, () => ({ to: 'narrow' }));
        await wait(50);
        await kit.many(30, () => ({ to: 'narrow', leavesAfterMs: 100 }));
        await served;
        await wait(800);
        checks.equal('requests at the upstream', kit.ledger('narrow').length, 2);
        checks.that((await kit.call({ to: 'narrow' })).status === 200, 'no slot is left');
        return checks.done();
      },
    },
    {
      name: 'client-leaves-thousand',
      lane: 'full',
      expected: 'a thousand clients leave at once: all upstreams closed within 1 s, gauges at 0, circuit closed',
      settings: {
        GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '5',
        GATEWAY_REQUEST_TIMEOUT_SECONDS: '10',
        GATEWAY_STREAM_IDLE_TIMEOUT_SECONDS: '10',
        GATEWAY_CONNECT_TIMEOUT_SECONDS: '2',
      },
      upstreams: { held: 'endless:2000', hung: 'hang' },
      waives: ['steady-time', 'steady'],
      run: async (kit) => {
        const checks = new Checks();
        const count = 1_000;
        // They come over three seconds and all leave at the fifth.
        const startedAt = performance.now();
        const load = openLoop(count / 3, 3_000, (index) =>
          kit.call({ to: index % 2 === 0 ? 'held' : 'hung', stream: true, leavesAfterMs: 5_000 - (performance.now() - startedAt) }),
        );
        await wait(4_700);
        const arrived = kit.ledger('held').length + kit.ledger('hung').length;
        await load;
        const leftAt = kit.upstream.ledger.now();
        const times = [...(await abortTimes(kit, 'held', leftAt)), ...(await abortTimes(kit, 'hung', leftAt))];
        checks.equal('running when they left', arrived, count);
        checks.that(Math.max(...times) <= 1_000 + kit.lateMs, () => `the last after ${Math.max(...times).toFixed()} ms`);
        for (const to of ['held', 'hung']) checks.equal(`${to}: circuit`, await kit.metric('nexus_circuit_state', { upstream: kit.name(to) }), 0);
        return checks.done(`the last upstream closed ${Math.max(0, ...times).toFixed()} ms after the last client left`);
      },
    },
    {
      name: 'client-half-closes',
      lane: 'quick',
      expected: 'FIN after the request is no leaving: the whole answer comes, streamed or not',
      upstreams: { plain: 'slow:400', stream: 'ok-stream:5,50' },
      run: async (kit) => {
        const checks = new Checks();
        for (const [to, stream] of [
          ['plain', false],
          ['stream', true],
        ] as const) {
          kit.calls++;
          const request = kit.raw('POST', '/v1/chat/completions', {}, kit.chatBody(to, { stream }));
          const reply = await kit.send(request, { halfCloses: true, withinMs: 4_000 });
          checks.equal(`${to}: status`, reply.status, 200);
          checks.that(reply.text.includes(stream ? '[DONE]' : 'Hello from'), () => `${to}: ${reply.text.length} bytes came`);
        }
        return checks.done();
      },
    },
    {
      name: 'client-resets-early',
      lane: 'quick',
      expected: 'RST right after the head, within the body, or before any byte: nothing is sent upstream and nothing is kept',
      upstreams: { a: 'ok' },
      waives: ['client-count'],
      run: async (kit) => {
        const checks = new Checks();
        const whole = kit.raw('POST', '/v1/chat/completions', {}, kit.chatBody('a'));
        const headEnd = whole.indexOf('\r\n\r\n') + 4;
        for (let round = 0; round < 100; round++)
          await Promise.all(
            [0, 20, headEnd, headEnd + 20].map((bytes) => kit.send(whole.subarray(0, bytes), { resets: true, gapMs: 1, withinMs: 100 })),
          );
        await wait(200);
        checks.equal('requests at the upstream', kit.ledger('a').length, 0);
        const reply = await kit.call({ to: 'a', stream: true });
        checks.that(isDone(reply) && contentOf(reply) !== '', 'the next call fails');
        return checks.done('400 connections');
      },
    },
  ],
};
