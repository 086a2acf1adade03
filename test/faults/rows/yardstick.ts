import { setTimeout as wait } from 'node:timers/promises';
import { Checks } from '../checks.js';
import { type ClientReply, contentOf, errorCodeOf, eventsOf, isDone, jsonOf } from '../client-call.js';
import type { Kit } from '../kit.js';
import type { FaultRow, RowClass } from '../row.js';

const HELLO = 'Hello from the fault server.';
/** Only for these rows: a call waits for an upstream that asks for no more than so long. */
const WAITS = { GATEWAY_RETRY_AFTER_MAX_WAIT_SECONDS: '3' };

/** `pass`: rescued, and clean. `safe`: content had gone out already, and the end is one error, in time. */
type Outcome = 'pass' | 'safe';

/** A scenario with a fallback; `main` goes wrong, `spare` may help. */
function scenario(
  name: string,
  outcome: Outcome,
  expected: string,
  main: string,
  spare: string,
  check: (kit: Kit, checks: Checks) => Promise<string>,
  settings?: Readonly<Record<string, string>>,
): FaultRow {
  return {
    name: `provider-${name}`,
    lane: 'quick',
    expected: `${outcome}: ${expected}`,
    upstreams: { main, spare },
    fallbacks: { main: ['spare'] },
    ...(settings === undefined ? {} : { settings }),
    run: async (kit) => {
      const checks = new Checks();
      const figure = await check(kit, checks);
      return checks.done(`${checks.deviations.length === 0 ? outcome : 'fail'}; ${figure}`);
    },
  };
}

function tokens(count: number): string {
  return Array.from({ length: count }, (_, index) => `token${index} `).join('');
}

function served(kit: Kit, checks: Checks, reply: ClientReply, by: 'main' | 'spare', attemptsAtMain: number): void {
  checks.equal('status', reply.status, 200);
  checks.equal('served by', reply.headers['x-nexus-upstream'], kit.name(by));
  checks.equal('content', contentOf(reply), reply.text.startsWith('{') ? HELLO : tokens(5));
  checks.equal('attempts at the first', kit.ledger('main').length, attemptsAtMain);
}

function failedOver(attemptsAtMain: number, stream = false, atMostMs = 1_000) {
  return async (kit: Kit, checks: Checks): Promise<string> => {
    const reply = await kit.call({ to: 'main', stream });
    served(kit, checks, reply, 'spare', attemptsAtMain);
    if (stream) checks.that(isDone(reply), 'no [DONE]');
    checks.that(reply.ms < atMostMs + kit.lateMs, () => `after ${reply.ms.toFixed()} ms`);
    return `answered after ${reply.ms.toFixed()} ms`;
  };
}

/** What had come stands, one error says that it is not all, and the fallback is left alone. */
function endedSafely(count: number, code: string, atMostMs: number) {
  return async (kit: Kit, checks: Checks): Promise<string> => {
    const reply = await kit.call({ to: 'main', stream: true });
    checks.equal('content', contentOf(reply), tokens(count));
    checks.equal('code', errorCodeOf(reply), code);
    checks.equal('errors', eventsOf(reply.text).filter((event) => event.startsWith('{"error"')).length, 1);
    checks.that(!isDone(reply) && !reply.cut, 'the end is not clean');
    checks.that(reply.ms < atMostMs + kit.lateMs, () => `after ${reply.ms.toFixed()} ms`);
    checks.equal('attempts', kit.upstream.ledger.entries.length, 1);
    return `${count} tokens, ended after ${reply.ms.toFixed()} ms`;
  };
}

export const YARDSTICK: RowClass = {
  name: 'yardstick',
  title: 'Providers on a bad day, each with a fallback',
  rows: [
    scenario(
      'asks-to-wait',
      'pass',
      '429 once, with Retry-After: 2, and waiting for up to 3 s allowed: the same provider answers, asked again after ≥ 1.8 s',
      'flaky:1,429,2',
      'ok:spare',
      async (kit, checks) => {
        const reply = await kit.call({ to: 'main' });
        served(kit, checks, reply, 'main', 2);
        const [first, second] = kit.ledger('main');
        const gapMs = (second?.arrivedAt ?? 0) - (first?.arrivedAt ?? 0);
        checks.that(gapMs >= 1_800 && gapMs < 3_000 + kit.lateMs, () => `asked again after ${gapMs.toFixed()} ms`);
        return `asked again after ${gapMs.toFixed()} ms`;
      },
      WAITS,
    ),
    scenario(
      'rate-limits-always',
      'pass',
      '429 for ever: at most four attempts within 3 s, then the fallback answers; while it rests it is not asked',
      'status:429,json',
      'ok:spare',
      async (kit, checks) => {
        const reply = await kit.call({ to: 'main' });
        const attempts = kit.ledger('main').length;
        served(kit, checks, reply, 'spare', attempts);
        checks.that(attempts <= 4, () => `${attempts} attempts`);
        checks.that(reply.ms < 3_000 + kit.lateMs, () => `after ${reply.ms.toFixed()} ms`);
        await kit.call({ to: 'main' });
        checks.equal('attempts after the next call', kit.ledger('main').length, attempts);
        return `${attempts} attempts, answered after ${reply.ms.toFixed()} ms`;
      },
      WAITS,
    ),
    scenario('fails-once', 'pass', '500 once: the same provider is asked again and answers', 'flaky:1,500', 'ok:spare', async (kit, checks) => {
      const reply = await kit.call({ to: 'main' });
      served(kit, checks, reply, 'main', 2);
      checks.equal('attempts at the fallback', kit.ledger('spare').length, 0);
      return `answered after ${reply.ms.toFixed()} ms`;
    }),
    scenario('fails-always', 'pass', '503 for ever: two attempts, then the fallback answers', 'status:503,json', 'ok:spare', failedOver(2)),
    scenario('resets', 'pass', 'the connection is reset before any header: the fallback answers', 'reset', 'ok:spare', failedOver(2)),
    scenario(
      'never-answers',
      'pass',
      'no response at all: one attempt there, over at the time-out (2 s), then the fallback answers',
      'hang',
      'ok:spare',
      failedOver(1, false, 2_500),
    ),
    scenario(
      'first-token-late',
      'pass',
      'headers at once, the first token long after (scaled from 20 s to 5 s): the fallback answers within 2.5 s (scaled from 15 s to 3.75 s, and held tighter)',
      'late-token:5000',
      'ok:spare',
      failedOver(1, true, 2_500),
    ),
    scenario(
      'cut-midway',
      'safe',
      'reset after 40 of 60 tokens: all 40 arrive, then one error event and no [DONE]; nobody else is asked',
      'cut-at-token:40,60',
      'ok:spare',
      endedSafely(40, 'upstream_stream_interrupted', 2_000),
    ),
    scenario(
      'silent-midway',
      'safe',
      'silence after 20 tokens: ended with one error event at the idle time (scaled from 45 s to 1 s); healthy afterwards',
      'stall-after:20',
      'ok:spare',
      async (kit, checks) => {
        const figure = await endedSafely(20, 'upstream_timeout', 1_500)(kit, checks);
        checks.equal('the next call', (await kit.call({ to: 'spare' })).status, 200);
        return figure;
      },
    ),
    scenario(
      'event-malformed',
      'pass',
      'the tenth event is no JSON: it alone is dropped, the answer is complete',
      'bad-event-at:10,20',
      'ok:spare',
      async (kit, checks) => {
        const reply = await kit.call({ to: 'main', stream: true });
        checks.equal('content', contentOf(reply), tokens(20));
        checks.that(
          isDone(reply) && eventsOf(reply.text).every((event) => event === '[DONE]' || jsonOf(event) !== undefined),
          'the end is not clean',
        );
        checks.equal('attempts', kit.upstream.ledger.entries.length, 1);
        return 'complete';
      },
    ),
    scenario(
      'no-done',
      'pass',
      'a whole stream without [DONE] on a connection that stays open: ended with [DONE] and its usage (scaled from 8 s to 2 s)',
      'open-without-done',
      'ok:spare',
      async (kit, checks) => {
        const reply = await kit.call({ to: 'main', stream: true, with: { stream_options: { include_usage: true } } });
        checks.equal('content', contentOf(reply), tokens(5));
        checks.that(isDone(reply), 'no [DONE]');
        checks.that(reply.text.includes('"completion_tokens":5'), 'no usage');
        checks.that(reply.ms < 2_000 + kit.lateMs, () => `after ${reply.ms.toFixed()} ms`);
        return `ended after ${reply.ms.toFixed()} ms`;
      },
    ),
    scenario(
      'prompt-too-long',
      'pass',
      'context_length_exceeded: one attempt there, and the fallback, whose window may be larger, answers',
      'too-long',
      'ok:spare',
      failedOver(1),
    ),
    scenario(
      'refuses-content',
      'pass',
      'content_policy_violation: one attempt, the provider’s own reason, and no way around it',
      'content-policy',
      'ok:spare',
      async (kit, checks) => {
        const reply = await kit.call({ to: 'main' });
        checks.equal('status', reply.status, 400);
        checks.equal('code', errorCodeOf(reply), 'content_policy_violation');
        checks.that(reply.text.includes('our safety system'), 'the provider’s reason is not told');
        checks.equal('attempts', kit.upstream.ledger.entries.length, 1);
        return 'one attempt';
      },
    ),
    {
      name: 'provider-fallback-refuses-prefill',
      lane: 'quick',
      expected:
        'safe: the fallback refuses a trailing assistant message: cut midway, what came stands with one error; 503 before any content, that 503 is told; never the fallback’s 400',
      upstreams: { main: 'cut-at-token:40,60', dead: 'status:503,json', spare: 'no-prefill' },
      fallbacks: { main: ['spare'], dead: ['spare'] },
      run: async (kit) => {
        const checks = new Checks();
        const figure = await endedSafely(40, 'upstream_stream_interrupted', 2_000)(kit, checks);
        const messages = [
          { role: 'user', content: 'Count.' },
          { role: 'assistant', content: 'One, two,' },
        ];
        const refused = await kit.call({ to: 'dead', with: { messages } });
        checks.equal('status', refused.status, 502);
        checks.that(!refused.text.includes('must end with a user message'), 'the fallback’s refusal is told');
        checks.equal('asked', kit.ledger('spare').length, 1);
        return checks.done(`${checks.deviations.length === 0 ? 'safe' : 'fail'}; ${figure}`);
      },
    },
    {
      name: 'provider-down-then-healthy',
      lane: 'full',
      expected:
        'pass: down for 6 s, a call every 0.4 s (scaled from 60 s and 4 s): every call is served by the fallback, back within 3 s (from 30 s), at most one probe a second',
      settings: {
        GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '3',
        GATEWAY_CIRCUIT_BREAKER_RESET_SECONDS: '1',
      },
      upstreams: { main: 'chaos+ok', spare: 'ok:spare' },
      fallbacks: { main: ['spare'] },
      waives: ['ledger-count'],
      run: async (kit) => {
        const checks = new Checks();
        const proxy = kit.chaosBefore('main');
        const call = async (): Promise<unknown> => {
          const reply = await kit.call({ to: 'main' });
          checks.equal('status', reply.status, 200);
          return reply.headers['x-nexus-upstream'];
        };
        proxy.faults = { finAfterBytes: 1 };
        for (const until = performance.now() + 6_000; performance.now() < until; await wait(400))
          checks.equal('while down', await call(), kit.name('spare'));
        const attempts = kit.ledger('main').length;
        checks.that(attempts <= 3 + 6, () => `${attempts} attempts while down`);
        proxy.faults = {};
        const healthyAt = performance.now();
        while ((await call()) !== kit.name('main') && performance.now() - healthyAt < 5_000) await wait(400);
        const backMs = performance.now() - healthyAt;
        checks.that(backMs < 3_000 + kit.lateMs, () => `back after ${backMs.toFixed()} ms`);
        return checks.done(`${checks.deviations.length === 0 ? 'pass' : 'fail'}; ${attempts} attempts while down, back after ${backMs.toFixed()} ms`);
      },
    },
    scenario(
      'accounts-of-fallback',
      'pass',
      'after a fallback, the answer’s model and usage, the log’s tokens and the metrics are the fallback’s',
      'status:503,accounts',
      'usage:11,13',
      async (kit, checks) => {
        const reply = await kit.call({ to: 'main' });
        const { model, usage } = jsonOf(reply.text) as { model?: string; usage?: Record<string, number> };
        checks.equal('model', model, kit.name('spare'));
        checks.equal('input tokens', usage?.['prompt_tokens'], 11);
        checks.equal('output tokens', usage?.['completion_tokens'], 13);
        checks.equal('tokens in the metrics', await kit.metric('nexus_tokens_total', { upstream: kit.name('spare') }), 24);
        checks.equal('tokens of the first', await kit.metric('nexus_tokens_total', { upstream: kit.name('main') }), 0);
        return '11 and 13 tokens of the fallback';
      },
    ),
  ],
};
