import { setTimeout as wait } from 'node:timers/promises';
import OpenAI, { APIError } from 'openai';
import { Checks } from '../checks.js';
import { contentOf, errorCodeOf, eventsOf, isDone, type ClientReply } from '../client-call.js';
import type { Kit } from '../kit.js';
import type { RowClass } from '../row.js';
import { WIDE_LETTERS } from '../stream-modes.js';

const FIVE_TOKENS = 'token0 token1 token2 token3 token4 ';

/** What had come is kept, then one error event, the end, and no `[DONE]`. */
function checkBroken(checks: Checks, what: string, reply: ClientReply, code: string): void {
  checks.equal(`${what}: status`, reply.status, 200);
  checks.equal(`${what}: code`, errorCodeOf(reply), code);
  checks.that(!isDone(reply), `${what}: [DONE] came`);
  checks.that(!reply.cut, `${what}: the client's connection was cut`);
  const errors = eventsOf(reply.text).filter((data) => data.startsWith('{"error"'));
  checks.equal(`${what}: error events`, errors.length, 1);
}

function checkWhole(checks: Checks, what: string, reply: ClientReply, content = FIVE_TOKENS): void {
  checks.equal(`${what}: status`, reply.status, 200);
  checks.equal(`${what}: content`, contentOf(reply), content);
  checks.that(isDone(reply), `${what}: no [DONE]`);
  checks.that(!reply.cut, `${what}: the client's connection was cut`);
}

async function sdkVerdict(kit: Kit, to: string): Promise<string> {
  const client = new OpenAI({ baseURL: `${kit.gateway.url}/v1`, apiKey: kit.clientKey, maxRetries: 0 });
  kit.calls++;
  try {
    const stream = await client.chat.completions.create({ model: kit.name(to), stream: true, messages: [{ role: 'user', content: 'x' }] });
    for await (const _chunk of stream);
    return 'completed';
  } catch (error) {
    return error instanceof APIError ? `APIError ${String(error.code)}` : String(error);
  }
}

const LOTS = 40;
const LOTS_MS = 50;
const CUTS = [1, 40, 150, 250, 300, 400, 500, 700, 900, 1_200, 1_600, 2_000];
const DIALECTS = ['crlf', 'cr', 'bom', 'multi', 'comments', 'no-space', 'named'];
const SLICES = [1, 2, 3, 7, 64];

export const STREAMS: RowClass = {
  name: 'streams',
  title: 'Streams',
  rows: [
    {
      name: 'stream-dialects',
      lane: 'quick',
      expected: 'every spelling of server-sent events reaches the client with the same meaning',
      upstreams: Object.fromEntries(DIALECTS.map((dialect) => [dialect, `sse:${dialect}`])),
      run: async (kit) => {
        const checks = new Checks();
        for (const dialect of DIALECTS) {
          checkWhole(checks, dialect, await kit.call({ to: dialect, stream: true }));
          checks.equal(`${dialect}: the official client`, await sdkVerdict(kit, dialect), 'completed');
        }
        return checks.done();
      },
    },
    {
      name: 'stream-sliced',
      lane: 'quick',
      expected: 'slices of any size, through heads, chunks, events and letters, change nothing',
      upstreams: Object.fromEntries(SLICES.map((size) => [`by${size}`, `sliced:${size}`])),
      run: async (kit) => {
        const checks = new Checks();
        for (const size of SLICES) checkWhole(checks, `${size} bytes`, await kit.call({ to: `by${size}`, stream: true }), FIVE_TOKENS + WIDE_LETTERS);
        return checks.done();
      },
    },
    {
      name: 'stream-large-event-sliced',
      lane: 'quick',
      expected: 'an event of 900 KB in 64-byte slices arrives whole, at a cost that grows with its length and not with its square',
      upstreams: { large: 'chaos+big-event:900000' },
      run: async (kit) => {
        const checks = new Checks();
        kit.chaosBefore('large').faults.sliceBytes = 64;
        const cpuBefore = kit.gateway.cpuMs;
        const reply = await kit.call({ to: 'large', stream: true });
        const cpuMs = kit.gateway.cpuMs - cpuBefore;
        checks.equal('letters', contentOf(reply).split('b').length - 1, 900_000);
        checks.that(isDone(reply), 'no [DONE]');
        checks.that(cpuMs <= 2_000, () => `${cpuMs} ms of processor time`);
        return checks.done(`${cpuMs} ms of processor time`);
      },
    },
    {
      name: 'stream-event-without-end',
      lane: 'quick',
      expected: 'an event over 1 MiB ends the attempt: 502 upstream_invalid_response, and memory stays bounded',
      upstreams: { endless: 'no-newline:67108864' },
      run: async (kit) => {
        const checks = new Checks();
        const before = kit.gateway.residentBytes;
        const reply = await kit.call({ to: 'endless', stream: true });
        checks.equal('status', reply.status, 502);
        checks.equal('code', errorCodeOf(reply), 'upstream_invalid_response');
        const more = (kit.gateway.residentBytes - before) / 2 ** 20;
        checks.that(more <= 48, () => `memory grew by ${more.toFixed()} MiB`);
        const sent = Math.max(...kit.ledger('endless').map(({ sentBytes }) => sentBytes)) / 2 ** 20;
        checks.that(sent < 16, () => `${sent.toFixed()} MiB were taken from the upstream`);
        return checks.done(`${sent.toFixed(1)} MiB taken, memory +${more.toFixed(1)} MiB`);
      },
    },
    {
      name: 'stream-reset-midway',
      lane: 'quick',
      expected: 'RST after any byte of content: what came, one error event upstream_stream_interrupted, no [DONE], no second attempt',
      upstreams: Object.fromEntries(
        CUTS.flatMap((bytes) => [
          [`rst${bytes}`, `reset-after:${bytes}`],
          [`fin${bytes}`, `fin-after:${bytes}`],
        ]),
      ),
      run: async (kit) => {
        const checks = new Checks();
        let verdicts = 0;
        for (const bytes of CUTS)
          for (const kind of ['rst', 'fin']) {
            const name = `${kind}${bytes}`;
            const reply = await kit.call({ to: name, stream: true });
            if (reply.status === 200) {
              checkBroken(checks, name, reply, 'upstream_stream_interrupted');
              checks.equal(`${name}: attempts`, kit.ledger(name).length, 1);
              checks.equal(`${name}: the official client`, await sdkVerdict(kit, name), 'APIError upstream_stream_interrupted');
              verdicts++;
            } else checks.that(reply.status === 502 && bytes <= 400, () => `${name}: ${reply.status} ${errorCodeOf(reply)}`);
          }
        checks.that(verdicts >= CUTS.length, () => `only ${verdicts} streams had begun`);
        return checks.done(`${verdicts} streams cut after content, ${2 * CUTS.length - verdicts} before it`);
      },
    },
    {
      name: 'stream-broken-endings',
      lane: 'quick',
      expected: 'every broken end is one error event and no [DONE]; a complete stream without [DONE] gets it',
      upstreams: {
        nofinish: 'no-finish',
        errafter: 'error-event:after,openai',
        errvllm: 'error-event:after,vllm',
        errnamed: 'error-event:after,named',
        nodone: 'no-done',
        afterdone: 'after-done',
        opendone: 'open-after-done',
        triple: 'bad-json-event:3',
      },
      run: async (kit) => {
        const checks = new Checks();
        for (const name of ['nofinish', 'errafter', 'errvllm', 'errnamed', 'triple']) {
          checkBroken(checks, name, await kit.call({ to: name, stream: true }), 'upstream_stream_interrupted');
          checks.equal(`${name}: attempts`, kit.ledger(name).length, 1);
        }
        for (const name of ['nodone', 'opendone']) {
          const reply = await kit.call({ to: name, stream: true });
          checkWhole(checks, name, reply);
          checks.that(reply.ms < 1_000, () => `${name}: took ${reply.ms.toFixed()} ms`);
        }
        checkWhole(checks, 'afterdone', await kit.call({ to: 'afterdone', stream: true }), 'token0 token1 token2 ');
        return checks.done();
      },
    },
    {
      name: 'stream-error-before-content',
      lane: 'quick',
      expected: 'an error event before any content is a failed attempt: the fallback answers cleanly, or 502',
      upstreams: {
        openai: 'error-event:before,openai',
        vllm: 'error-event:before,vllm',
        named: 'error-event:before,named',
        alone: 'error-event:before',
        good: 'ok',
      },
      fallbacks: { openai: ['good'], vllm: ['good'], named: ['good'] },
      run: async (kit) => {
        const checks = new Checks();
        for (const name of ['openai', 'vllm', 'named']) {
          const reply = await kit.call({ to: name, stream: true });
          checkWhole(checks, name, reply);
          checks.equal(`${name}: served by`, reply.headers['x-nexus-upstream'], kit.name('good'));
        }
        const reply = await kit.call({ to: 'alone', stream: true });
        checks.equal('alone: status', reply.status, 502);
        checks.equal('alone: should the client retry', reply.headers['x-should-retry'], 'false');
        return checks.done();
      },
    },
    {
      name: 'stream-bad-event',
      lane: 'quick',
      expected: 'one event that is no JSON is dropped and counted, all later ones arrive',
      upstreams: { one: 'bad-json-event:1', two: 'bad-json-event:2' },
      run: async (kit) => {
        const checks = new Checks();
        checkWhole(checks, 'one', await kit.call({ to: 'one', stream: true }), 'token0 token1 token2 token3 ');
        checkWhole(checks, 'two', await kit.call({ to: 'two', stream: true }), 'token0 token1 token2 token3 ');
        const dropped = (await kit.gateway.scrape()).sum('nexus_events_dropped_total', { upstream: kit.name('two') });
        checks.equal('counted', dropped, 2);
        return checks.done();
      },
    },
    {
      name: 'stream-stalls',
      lane: 'quick',
      expected: 'silence after content: error event upstream_timeout at the idle time (1 s ± 15 %), upstream closed within 500 ms of it',
      upstreams: { stalls: 'stall-after:5' },
      run: async (kit) => {
        const checks = new Checks();
        const replies = await kit.many(10, () => ({ to: 'stalls', stream: true }));
        for (const reply of replies) {
          checkBroken(checks, 'stall', reply, 'upstream_timeout');
          checks.that(reply.ms > 850 && reply.ms < 1_150 + kit.lateMs, () => `after ${reply.ms.toFixed()} ms`);
        }
        await new Promise((resolve) => setTimeout(resolve, 500));
        checks.that(
          kit.ledger('stalls').every(({ state }) => state === 'aborted'),
          'the upstream is still held',
        );
        return checks.done(`${Math.min(...replies.map(({ ms }) => ms)).toFixed()} to ${Math.max(...replies.map(({ ms }) => ms)).toFixed()} ms`);
      },
    },
    {
      name: 'stream-deadlines',
      lane: 'quick',
      expected: 'first byte 2 s, first content 3 s, connect 0.5 s: 504 on time (± 15 %), naming the setting',
      upstreams: { hangs: 'hang', head: 'stall-head', pings: 'stall-after:-1', deaf: 'deaf' },
      run: async (kit) => {
        const checks = new Checks();
        const expected = { hangs: 2_000, head: 2_000, deaf: 500 };
        const times: string[] = [];
        await Promise.all(
          Object.entries(expected).map(async ([name, ms]) => {
            const reply = await kit.call({ to: name, stream: true });
            checks.equal(`${name}: status`, reply.status, 504);
            checks.equal(`${name}: code`, errorCodeOf(reply), 'upstream_timeout');
            checks.that(reply.text.includes('GATEWAY_'), `${name}: the setting is not named`);
            checks.that(Math.abs(reply.ms - ms) <= ms * 0.15 + kit.lateMs, () => `${name}: after ${reply.ms.toFixed()} ms`);
            times.push(`${name} ${reply.ms.toFixed()} ms`);
          }),
        );
        return checks.done(times.join(', '));
      },
    },
    {
      name: 'stream-pings-while-silent',
      lane: 'quick',
      expected: 'comments go out while the upstream is silent, a fallback stays possible, and an error becomes the event',
      settings: { GATEWAY_SSE_PING_SECONDS: '0.2' },
      upstreams: { slow: 'slow:900', hangs: 'hang', lone: 'stall-head', good: 'ok' },
      fallbacks: { hangs: ['good'] },
      run: async (kit) => {
        const checks = new Checks();
        const [slow, fallen, failed] = await Promise.all(['slow', 'hangs', 'lone'].map((to) => kit.call({ to, stream: true })));
        if (slow === undefined || fallen === undefined || failed === undefined) throw new Error('three replies');
        for (const [name, reply] of Object.entries({ slow, fallen })) {
          checkWhole(checks, name, reply);
          checks.that(reply.text.split(': ping').length - 1 >= 3, () => `${name}: ${reply.text.split(': ping').length - 1} pings`);
          checks.that(reply.firstByteMs < 400, () => `${name}: first ping after ${reply.firstByteMs.toFixed()} ms`);
        }
        checkBroken(checks, 'failed', failed, 'upstream_timeout');
        return checks.done();
      },
    },
    {
      name: 'stream-only-comments',
      lane: 'full',
      expected: "an upstream's comments are life but no answer: ended at the total time at the latest",
      settings: { GATEWAY_TOTAL_TIMEOUT_SECONDS: '4' },
      upstreams: { comments: 'silent-pings:100' },
      run: async (kit) => {
        const checks = new Checks();
        const reply = await kit.call({ to: 'comments', stream: true });
        checks.that(reply.ms < 4_600, () => `after ${reply.ms.toFixed()} ms`);
        checks.equal('code', errorCodeOf(reply), 'upstream_timeout');
        return checks.done(`${reply.ms.toFixed()} ms`);
      },
    },
    {
      name: 'stream-endless',
      lane: 'quick',
      expected: 'tokens for ever: cut at the total time (3 s ± 15 %) with an error event; upstream closed, tokens counted',
      settings: { GATEWAY_TOTAL_TIMEOUT_SECONDS: '3' },
      upstreams: { endless: 'endless:5' },
      run: async (kit) => {
        const checks = new Checks();
        const reply = await kit.call({ to: 'endless', stream: true });
        checkBroken(checks, 'endless', reply, 'upstream_timeout');
        checks.that(Math.abs(reply.ms - 3_000) < 450 + kit.lateMs, () => `after ${reply.ms.toFixed()} ms`);
        const line = await kit.logLine('endless');
        const tokens = Number(line['tokens_out']);
        checks.that(tokens > 100 && line['usage_estimated'] === true, () => `${tokens} tokens logged`);
        return checks.done(`${reply.ms.toFixed()} ms, ${tokens} tokens counted`);
      },
    },
    {
      name: 'stream-larger-than-limit',
      lane: 'quick',
      expected: 'a stream beyond the limit of bytes is ended with an error event',
      settings: { GATEWAY_RESPONSE_LIMIT_BYTES: '2000000' },
      upstreams: { flood: 'endless:0', body: 'big-body:3000000' },
      run: async (kit) => {
        const checks = new Checks();
        const reply = await kit.call({ to: 'flood', stream: true });
        checks.that(!isDone(reply) && errorCodeOf(reply) !== undefined, () => `no error event: ${reply.text.slice(-200)}`);
        checks.that(reply.text.length < 3_500_000, () => `${reply.text.length} bytes came`);
        const whole = await kit.call({ to: 'body' });
        checks.equal('whole answer: status', whole.status, 502);
        return checks.done(`${reply.text.length} bytes passed`);
      },
    },
    {
      name: 'stream-wrong-mode',
      lane: 'quick',
      expected: 'an answer where a stream was asked, or the other way round: 502 upstream_invalid_response',
      upstreams: { wrong: 'wrong-mode', error: 'rubbish:error' },
      run: async (kit) => {
        const checks = new Checks();
        for (const stream of [true, false]) {
          const reply = await kit.call({ to: 'wrong', stream });
          checks.equal(`stream ${stream}: status`, reply.status, 502);
          checks.equal(`stream ${stream}: code`, errorCodeOf(reply), 'upstream_invalid_response');
          const error = await kit.call({ to: 'error', stream });
          checks.that(error.status >= 400, () => `an error with 200 came out as ${error.status}`);
        }
        return checks.done();
      },
    },
    {
      name: 'stream-reader-that-never-reads',
      lane: 'full',
      expected: 'the upstream is paused, memory grows by ≤ 4 MB a client, and the connection is closed after the stall time (2 s)',
      upstreams: { flood: 'endless:8,32000' },
      run: async (kit) => {
        const checks = new Checks();
        const readers = 16;
        // What a busy process keeps anyway is not the readers' cost.
        await kit.many(2, () => ({ to: 'flood', stream: true, leavesAfterMs: 1_000 }));
        const before = kit.gateway.residentBytes;
        for (let count = 0; count < readers; count++) {
          await kit.neverReader('flood');
          await new Promise((resolve) => setTimeout(resolve, 150));
        }
        await new Promise((resolve) => setTimeout(resolve, 500));
        const more = (kit.gateway.residentBytes - before) / 2 ** 20 / readers;
        const taken =
          kit
            .ledger('flood')
            .slice(-readers)
            .reduce((sum, { sentBytes }) => sum + sentBytes, 0) /
          2 ** 20 /
          readers;
        checks.that(more <= 4, () => `${more.toFixed(1)} MiB a client`);
        const startedAt = performance.now();
        while (kit.ledger('flood').some(({ state }) => state === 'running') && performance.now() - startedAt < 5_000)
          await new Promise((resolve) => setTimeout(resolve, 50));
        const heldMs = 500 + performance.now() - startedAt;
        checks.that(heldMs < 5_500, () => `held for ${heldMs.toFixed()} ms`);
        return checks.done(
          `memory +${more.toFixed(1)} MiB and ${taken.toFixed(1)} MiB taken from the upstream a client, closed after ${(heldMs / 1000).toFixed(1)} s`,
        );
      },
    },
    {
      name: 'stream-slow-readers',
      lane: 'full',
      expected: '200 clients that read 1 KB/s of endless streams: upstreams are held back, ≤ 256 KB a client more memory',
      settings: { GATEWAY_TOTAL_TIMEOUT_SECONDS: '60', GATEWAY_WRITE_STALL_SECONDS: '30' },
      upstreams: { flood: 'endless:0' },
      waives: ['steady-time'],
      run: async (kit) => {
        const checks = new Checks();
        const count = 200;
        // What the process takes for itself when bytes flow at all is not the clients'.
        const first = await Promise.all(Array.from({ length: 20 }, () => kit.neverReader('flood', 1_000)));
        await new Promise((resolve) => setTimeout(resolve, 4_000));
        for (const reader of first) reader.leave();
        const before = kit.gateway.residentBytes;
        const readers = await Promise.all(Array.from({ length: count }, () => kit.neverReader('flood', 1_000)));
        await new Promise((resolve) => setTimeout(resolve, 10_000));
        const more = (kit.gateway.residentBytes - before) / 1024 / count;
        checks.that(more <= 256, () => `${more.toFixed()} KiB a client`);
        for (const reader of readers) reader.leave();
        return checks.done(`+${more.toFixed()} KiB a client`);
      },
    },
    {
      name: 'stream-many-held',
      lane: 'full',
      expected: '2,000 streams with a token every 2 s live on to their [DONE]; short calls beside them are served as before',
      settings: { GATEWAY_STREAM_IDLE_TIMEOUT_SECONDS: '10', GATEWAY_UPSTREAM_MAX_CONCURRENCY: '4000', GATEWAY_TOTAL_TIMEOUT_SECONDS: '60' },
      upstreams: { slow: 'ok-stream:8,2000', short: 'ok' },
      run: async (kit) => {
        const checks = new Checks();
        const before = kit.gateway.residentBytes;
        // Come one after another, as they would: their tokens do not arrive all in the same moment either.
        const lots = await Promise.all(
          Array.from({ length: LOTS }, async (_, lot) => {
            await wait(lot * LOTS_MS);
            return { streams: kit.many(2_000 / LOTS, () => ({ to: 'slow', stream: true, withinMs: 60_000 })) };
          }),
        );
        await wait(6_000 - LOTS * LOTS_MS);
        const more = (kit.gateway.residentBytes - before) / 1024 / 2_000;
        const short = await kit.many(20, () => ({ to: 'short' }));
        checks.that(
          short.every(({ status }) => status === 200),
          'a short call failed',
        );
        const replies = (await Promise.all(lots.map(({ streams }) => streams))).flat();
        const broken = replies.filter((reply) => reply.status !== 200 || !isDone(reply));
        const whole = replies.length - broken.length;
        checks.that(broken.length === 0, () => `${broken.length} streams are not whole: ${broken[0]?.status} ${broken[0] && errorCodeOf(broken[0])}`);
        checks.that(more <= 64, () => `${more.toFixed()} KiB a stream`);
        return checks.done(`+${more.toFixed()} KiB a stream, ${2_000 - whole} lost`);
      },
    },
  ],
};
