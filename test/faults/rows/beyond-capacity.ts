import { setTimeout as wait } from 'node:timers/promises';
import { Checks } from '../checks.js';
import { clientCall } from '../client-call.js';
import type { Kit } from '../kit.js';
import { apart, type Apart, type Load, load, type LoadSeen, times } from '../load-generator.js';
import { percentile } from '../open-loop-client.js';
import type { FaultRow } from '../row.js';

/** 50 KB of short messages: work for whoever takes them to pieces, and next to none for the client. Refusing one costs a tenth of serving it. */
function request(kit: Kit, key = kit.clientKey): Buffer {
  const messages = Array.from({ length: 1_500 }, (_, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content: 'hm' }));
  return kit.raw(
    'POST',
    '/v1/chat/completions',
    { Authorization: `Bearer ${key}` },
    kit.chatBody('a', { messages: [...messages, { role: 'user', content: 'x' }] }),
  );
}

async function tried(kit: Kit, bytes: Buffer, how: Load): Promise<LoadSeen> {
  const seen = await load(kit.gateway.port, bytes, how);
  for (const { tries } of seen.calls) kit.calls += tries;
  return seen;
}

/** As many calls a second as are answered when there are always some to answer; the first second warms up. */
async function capacityOf(kit: Kit, core: Apart, bytes: Buffer): Promise<number> {
  const hadShare = share(core);
  const { calls } = await tried(kit, bytes, { rate: 0, seconds: 5, lanes: 4 });
  return calls.filter(({ status, at }) => status === 200 && at >= 1_000).length / 4 / hadShare();
}

/** Of the time since now, that in which nobody else had the gateway's processor: what it could do is taken in proportion. */
function share(core: Apart): () => number {
  const startedAt = performance.now();
  const before = core.othersMs();
  return () => 1 - Math.max(0, core.othersMs() - before) / (performance.now() - startedAt);
}

function servedShare(calls: LoadSeen['calls']): number {
  return calls.filter(({ status }) => status === 200).length / calls.length;
}

/** How long after the load became half of what fits the last call was refused or took longer than a tenth of a second. */
async function backAfter(kit: Kit, bytes: Buffer, capacity: number): Promise<number> {
  const { calls } = await tried(kit, bytes, { rate: capacity / 2, seconds: 6 });
  return Math.max(0, ...calls.filter(({ status, ms }) => status !== 200 || ms > 100).map(({ at, ms }) => at + ms));
}

/** `/health/live`, each time over a new connection, as probes come, as long as something runs; but for its onset. */
async function liveMeanwhile<Value>(kit: Kit, running: Promise<Value>): Promise<{ value: Value; liveMs: number; failures: number }> {
  let isOver = false;
  const ended = running.finally(() => (isOver = true));
  const took: number[] = [];
  const startedAt = performance.now();
  let failures = 0;
  while (!isOver) {
    const { status, ms } = await clientCall(kit.gateway.port, { path: '/health/live', withinMs: 10_000 });
    if (performance.now() - startedAt > ONSET_MS) took.push(ms);
    if (status !== 200) failures++;
    await wait(50);
  }
  return { value: await ended, liveMs: percentile(took, 0.99), failures };
}

/** The gateway has a processor of its own meanwhile, where there are two. */
function overload(name: string, expected: string, run: (kit: Kit, core: Apart) => ReturnType<FaultRow['run']>): FaultRow {
  return {
    name,
    lane: 'full',
    expected,
    upstreams: { a: 'mock://local' },
    // As shipped: what is written costs time here.
    settings: { GATEWAY_LOG_LEVEL: 'info' },
    waives: ['steady', 'steady-time'],
    run: async (kit) => {
      const core = apart(kit.gateway);
      try {
        return await run(kit, core);
      } finally {
        core.end();
      }
    },
  };
}

/** Above this share of waiting for the processor, times are the machine's. */
const CROWDED_SHARE = 0.05;
const SECONDS = 20;
const STORM_SECONDS = 10;
const OTHERS = '; others had the processor: not judged';
/** What piles up until the overload is seen is answered late, once. */
const ONSET_MS = 1_000;

export const BEYOND_CAPACITY: readonly FaultRow[] = [
  overload(
    'overload-twice-capacity',
    'twice what it can do, for 20 s: goodput ≥ 0.8 of capacity, refusals ≤ 50 ms once it is seen, /health/live ≤ 100 ms, normal ≤ 5 s after',
    async (kit, core) => {
      const checks = new Checks();
      const bytes = request(kit);
      const capacity = await capacityOf(kit, core, bytes);
      const easy = await tried(kit, bytes, { rate: capacity * 0.7, seconds: 4 });
      const shareSince = share(core);
      const running = tried(kit, bytes, { rate: capacity * 2, seconds: SECONDS });
      const { value: hard, liveMs, failures } = await liveMeanwhile(kit, running);
      const hadShare = shareSince();
      const crowded = hadShare < 1 - CROWDED_SHARE;
      for (const { status } of hard.calls) checks.that([200, 503].includes(status), () => `${status}`);
      // An answer that nobody waits for any more is none.
      const goodput = hard.calls.filter(({ status, ms }) => status === 200 && ms <= 2_000).length / SECONDS / capacity / hadShare;
      const settled = hard.calls.filter(({ at }) => at >= ONSET_MS);
      const refusedMs = times(settled, 503);
      const onsetMs = times(hard.calls, 503, 1);
      checks.that(goodput >= 0.8, () => `goodput ${goodput.toFixed(2)} of capacity`);
      checks.that(refusedMs > 0, 'not measured: nothing was refused at what was taken for twice the capacity');
      checks.that(crowded || refusedMs <= 50, () => `refused after ${refusedMs.toFixed()} ms (99th percentile)`);
      checks.equal('failures of /health/live', failures, 0);
      checks.that(crowded || liveMs <= 100, () => `/health/live took ${liveMs.toFixed()} ms (99th percentile)`);
      checks.that(hard.latenessMs < 250, () => `not measured: the client was late by ${hard.latenessMs} ms`);
      const backMs = await backAfter(kit, bytes, capacity);
      checks.that(backMs < 5_000, () => `back after ${backMs.toFixed()} ms`);
      return checks.done(
        `capacity ${capacity.toFixed()} calls of 50 KB a second on one core; at twice that goodput ${goodput.toFixed(2)}, accepted p50 ${times(settled, 200, 0.5).toFixed()} and p99 ${times(settled, 200).toFixed()} ms ` +
          `(at 0.7 of it ${times(easy.calls, 200).toFixed()} ms), refused p99 ${refusedMs.toFixed()} ms (the worst at its onset ${onsetMs.toFixed()} ms), /health/live p99 ${liveMs.toFixed()} ms, ` +
          `back after ${backMs.toFixed()} ms; the client was late by ${hard.latenessMs} ms${crowded ? OTHERS : ''}`,
      );
    },
  ),
  overload(
    'overload-retry-storm',
    'one and a half times what it can do, each refused call asked again twice as SDKs do, so that it is asked for up to three times as much, for 10 s: goodput ≥ 0.7, and normal ≤ 5 s after, by itself',
    async (kit, core) => {
      const checks = new Checks();
      const bytes = request(kit);
      const capacity = await capacityOf(kit, core, bytes);
      const shareSince = share(core);
      const { calls, latenessMs } = await tried(kit, bytes, { rate: capacity * 1.5, seconds: STORM_SECONDS, tries: 3 });
      for (const { status } of calls) checks.that([200, 503].includes(status), () => `${status}`);
      const asked = calls.reduce((sum, { tries }) => sum + tries, 0);
      // Once no new calls come, there is less to do than could be done.
      const inTime = calls.filter(({ status, at, ms }) => status === 200 && at + ms <= STORM_SECONDS * 1_000).length;
      const goodput = inTime / STORM_SECONDS / capacity / shareSince();
      checks.that(asked > calls.length, 'not measured: nothing was refused');
      checks.that(goodput >= 0.7, () => `goodput ${goodput.toFixed(2)} of capacity`);
      const backMs = await backAfter(kit, bytes, capacity);
      checks.that(backMs < 5_000, () => `back after ${backMs.toFixed()} ms`);
      return checks.done(
        `capacity ${capacity.toFixed()} calls a second; ${calls.length} calls asked ${asked} times, ${((calls.filter(({ status }) => status === 200).length * 100) / calls.length).toFixed()} % served in the end, ` +
          `goodput ${goodput.toFixed(2)}, back after ${backMs.toFixed()} ms; the client was late by ${latenessMs} ms`,
      );
    },
  ),
  overload(
    'overload-by-one',
    'one principal asks for twice what there is, for 10 s: of another who asks for a tenth of it, 98 % and more are served',
    async (kit, core) => {
      const checks = new Checks();
      const bytes = request(kit);
      const capacity = await capacityOf(kit, core, bytes);
      const shareSince = share(core);
      const flood = tried(kit, bytes, { rate: capacity * 2, seconds: 10, lanes: 256 });
      await wait(ONSET_MS);
      const { calls } = await tried(kit, request(kit, kit.otherKey), { rate: capacity * 0.1, seconds: 8, lanes: 64 });
      const { calls: flooding } = await flood;
      const crowded = shareSince() < 1 - CROWDED_SHARE;
      const served = servedShare(calls);
      const servedOfFlood = servedShare(flooding);
      for (const { status } of calls) checks.that([200, 503].includes(status), () => `${status}`);
      checks.that(servedOfFlood < 0.9, 'not measured: nothing was refused');
      checks.that(crowded || served >= 0.98, () => `${(served * 100).toFixed(1)} % served`);
      return checks.done(
        `${(served * 100).toFixed(1)} % of ${calls.length} calls served, p50 ${times(calls, 200, 0.5).toFixed()} and p99 ${times(calls, 200).toFixed()} ms, beside ${(servedOfFlood * 100).toFixed()} % of ${flooding.length}${crowded ? OTHERS : ''}`,
      );
    },
  ),
  overload(
    'overload-new-connections',
    '500 clients over kept connections ask again as soon as they are answered, for 8 s: who comes over a new connection is not kept waiting, /health/live ≤ 250 ms from the first second on',
    async (kit, core) => {
      const checks = new Checks();
      const bytes = kit.raw('POST', '/v1/chat/completions', {}, kit.chatBody('a'));
      const shareSince = share(core);
      const { value, liveMs, failures } = await liveMeanwhile(kit, tried(kit, bytes, { rate: 0, seconds: 8, lanes: 500 }));
      const crowded = shareSince() < 1 - CROWDED_SHARE;
      for (const { status } of value.calls) checks.that([200, 503].includes(status), () => `${status}`);
      checks.equal('failures of /health/live', failures, 0);
      // With one queue for connections that Node takes one of a turn it would be seconds, crowded or not.
      checks.that(liveMs <= (crowded ? 1_000 : 250), () => `/health/live took ${liveMs.toFixed()} ms (99th percentile)`);
      return checks.done(
        `/health/live p99 ${liveMs.toFixed()} ms beside ${(value.calls.length / 8).toFixed()} calls a second, ${(servedShare(value.calls) * 100).toFixed()} % served${crowded ? OTHERS : ''}`,
      );
    },
  ),
];
