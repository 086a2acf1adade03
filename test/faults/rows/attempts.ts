import { setTimeout as wait } from 'node:timers/promises';
import { Checks } from '../checks.js';
import { contentOf, errorCodeOf, type ClientReply } from '../client-call.js';
import { openLoop } from '../open-loop-client.js';
import type { RowClass } from '../row.js';

const HELLO = 'Hello from the fault server.';
/** Answers that are worth another attempt at the same upstream. */
const REPEATED = ['500', '502', '503', '504', '529', '408', '425'];
/** What the client did wrong stays what it did wrong. */
const REJECTED = ['400', '404', '409', '413', '418', '422', '451'];
const RETRY_AFTERS = [
  '7',
  ' 7 ',
  '7.5',
  '0',
  '-3',
  '1e9',
  'Wed%2C 21 Oct 2037 07:28:00 GMT',
  'Wed%2C 21 Oct 2015 07:28:00 GMT',
  'soon',
  '',
  '7%2C 8',
  '999999999999999999999',
  'NaN',
  '0x10',
];

function servedBy(reply: ClientReply): unknown {
  return reply.headers['x-nexus-upstream'];
}

export const ATTEMPTS: RowClass = {
  name: 'attempts',
  title: 'Attempts: retries, fallbacks, budgets',
  rows: [
    {
      name: 'refused-connection',
      lane: 'quick',
      expected: 'a closed port: 502 upstream_unreachable after ≤ 3 attempts, with x-should-retry false; with a fallback: its answer',
      upstreams: { closed: 'refused', helped: 'refused', good: 'ok' },
      fallbacks: { helped: ['good'] },
      run: async (kit) => {
        const checks = new Checks();
        const reply = await kit.call({ to: 'closed' });
        checks.equal('status', reply.status, 502);
        checks.equal('code', errorCodeOf(reply), 'upstream_unreachable');
        checks.equal('x-should-retry', reply.headers['x-should-retry'], 'false');
        checks.that(Number((await kit.logLine('closed'))['attempts']) <= 3, 'more than three attempts');
        const helped = await kit.call({ to: 'helped' });
        checks.equal('helped: status', helped.status, 200);
        checks.equal('helped: served by', servedBy(helped), kit.name('good'));
        return checks.done(`${reply.ms.toFixed()} ms, with a fallback ${helped.ms.toFixed()} ms`);
      },
    },
    {
      name: 'connect-black-hole',
      lane: 'quick',
      expected: 'a port that never accepts: one attempt, over at the connect time-out (0.5 s), then the fallback',
      upstreams: { deaf: 'deaf', helped: 'deaf', good: 'ok' },
      fallbacks: { helped: ['good'] },
      run: async (kit) => {
        const checks = new Checks();
        const [reply, helped] = await Promise.all([kit.call({ to: 'deaf' }), kit.call({ to: 'helped' })]);
        checks.equal('status', reply.status, 504);
        checks.equal('code', errorCodeOf(reply), 'upstream_timeout');
        checks.equal('attempts', (await kit.logLine('deaf'))['attempts'], 1);
        checks.equal('helped: status', helped.status, 200);
        for (const { ms } of [reply, helped]) checks.that(ms > 425 && ms < 650 + kit.lateMs, () => `after ${ms.toFixed()} ms`);
        return checks.done(`${reply.ms.toFixed()} ms`);
      },
    },
    {
      name: 'failed-once',
      lane: 'quick',
      expected: 'a status worth repeating, once: the same upstream is asked once more and the client sees 200',
      upstreams: Object.fromEntries(REPEATED.map((status) => [`s${status}`, `flaky:1,${status}`])),
      run: async (kit) => {
        const checks = new Checks();
        const times: number[] = [];
        for (const status of REPEATED) {
          const reply = await kit.call({ to: `s${status}` });
          times.push(reply.ms);
          checks.equal(`${status}: status`, reply.status, 200);
          checks.equal(`${status}: attempts`, reply.headers['x-nexus-attempts'], '2');
        }
        return checks.done(`${Math.max(...times).toFixed()} ms at most`);
      },
    },
    {
      name: 'fails-always',
      lane: 'quick',
      expected:
        'a status worth repeating, for ever: 502 without the upstream’s page, x-should-retry false, ≤ 2 attempts there; with a fallback: its answer',
      upstreams: {
        ...Object.fromEntries(
          REPEATED.flatMap((status) => [
            [`s${status}`, `status:${status},html`],
            [`h${status}`, `status:${status},json`],
          ]),
        ),
        good: 'ok',
      },
      fallbacks: Object.fromEntries(REPEATED.map((status) => [`h${status}`, ['good']])),
      run: async (kit) => {
        const checks = new Checks();
        for (const status of REPEATED) {
          const reply = await kit.call({ to: `s${status}` });
          checks.that(reply.status === 502 || reply.status === 504, () => `${status}: ${reply.status}`);
          checks.that(!reply.text.includes('<html'), `${status}: the page is shown`);
          checks.equal(`${status}: x-should-retry`, reply.headers['x-should-retry'], 'false');
          checks.that(kit.ledger(`s${status}`).length <= 2, () => `${status}: ${kit.ledger(`s${status}`).length} attempts`);
          const helped = await kit.call({ to: `h${status}` });
          checks.equal(`${status}: with a fallback`, helped.status, 200);
        }
        return checks.done();
      },
    },
    {
      name: 'rejected-by-provider',
      lane: 'quick',
      expected: 'the client’s own mistakes: the provider’s status, words and param; one attempt, no fallback',
      upstreams: { ...Object.fromEntries(REJECTED.map((status) => [`s${status}`, `status:${status},json`])), spare: 'ok' },
      fallbacks: Object.fromEntries(REJECTED.map((status) => [`s${status}`, ['spare']])),
      run: async (kit) => {
        const checks = new Checks();
        for (const status of REJECTED) {
          const reply = await kit.call({ to: `s${status}` });
          checks.equal(`${status}: status`, String(reply.status), status);
          checks.that(reply.text.includes(`status ${status}`) && reply.text.includes('"messages"'), () => `${status}: ${reply.text}`);
          checks.equal(`${status}: attempts`, kit.ledger(`s${status}`).length, 1);
        }
        checks.equal('fallbacks', kit.ledger('spare').length, 0);
        return checks.done();
      },
    },
    {
      name: 'our-key-refused',
      lane: 'quick',
      expected: '401 or 403 for our key: 502 upstream_auth_failed, never 401, one attempt, key not shown; a fallback is taken',
      upstreams: { s401: 'status:401,openai-key', s403: 'status:403,openai-key', helped: 'status:401,json', good: 'ok' },
      fallbacks: { helped: ['good'] },
      run: async (kit) => {
        const checks = new Checks();
        for (const to of ['s401', 's403']) {
          const reply = await kit.call({ to });
          checks.equal(`${to}: status`, reply.status, 502);
          checks.equal(`${to}: code`, errorCodeOf(reply), 'upstream_auth_failed');
          checks.that(!reply.text.includes('CANARY'), `${to}: the key is shown`);
          checks.equal(`${to}: attempts`, kit.ledger(to).length, 1);
        }
        checks.equal('helped', (await kit.call({ to: 'helped' })).status, 200);
        return checks.done();
      },
    },
    {
      name: 'rate-limited-upstream',
      lane: 'quick',
      expected: '429 with Retry-After 7: 429 upstream_rate_limited with that time, nothing sent while it rests, circuit closed; a fallback is taken',
      upstreams: { busy: 'status:429,retry-after=7', helped: 'status:429,retry-after=5', good: 'ok' },
      fallbacks: { helped: ['good'] },
      run: async (kit) => {
        const checks = new Checks();
        const replies = [await kit.call({ to: 'busy' }), ...(await kit.many(20, () => ({ to: 'busy' })))];
        for (const reply of replies) {
          checks.equal('status', reply.status, 429);
          checks.equal('code', errorCodeOf(reply), 'upstream_rate_limited');
          checks.that(['6', '7'].includes(String(reply.headers['retry-after'])), () => `retry-after ${String(reply.headers['retry-after'])}`);
        }
        checks.equal('requests at the upstream', kit.ledger('busy').length, 1);
        checks.equal('circuit', await kit.metric('nexus_circuit_state', { upstream: kit.name('busy') }), 0);
        for (let count = 0; count < 5; count++) checks.equal('helped', (await kit.call({ to: 'helped' })).status, 200);
        checks.equal('requests at the one that rests', kit.ledger('helped').length, 1);
        return checks.done();
      },
    },
    {
      name: 'retry-after-spellings',
      lane: 'quick',
      expected: 'any Retry-After is survived; the client is told a whole number from 1 to 60',
      upstreams: Object.fromEntries(RETRY_AFTERS.map((value, index) => [`r${index}`, `status:429,retry-after=${encodeURIComponent(value)}`])),
      run: async (kit) => {
        const checks = new Checks();
        for (const [index, value] of RETRY_AFTERS.entries()) {
          const reply = await kit.call({ to: `r${index}` });
          checks.equal(`${value}: status`, reply.status, 429);
          const told = String(reply.headers['retry-after']);
          checks.that(/^\d+$/.test(told) && Number(told) >= 1 && Number(told) <= 60, () => `${value}: told ${told}`);
        }
        return checks.done();
      },
    },
    {
      name: 'retry-budget',
      lane: 'quick',
      expected: 'a dead upstream under 50 calls a second sees ≤ 1.25 times the offered load (20 % and three)',
      upstreams: { dead: 'status:503,json' },
      run: async (kit) => {
        const checks = new Checks();
        await openLoop(50, 4_000, () => kit.call({ to: 'dead' }));
        const share = kit.ledger('dead').length / 200;
        checks.that(share <= 1.25, () => `${share.toFixed(2)} times`);
        return checks.done(`${share.toFixed(2)} times`);
      },
    },
    {
      name: 'sdk-storm',
      lane: 'quick',
      expected: 'clients with the official SDK’s three tries call once each where the gateway has already tried',
      upstreams: { dead: 'status:500,json' },
      run: async (kit) => {
        const { default: OpenAI } = await import('openai');
        const checks = new Checks();
        const client = new OpenAI({ baseURL: `${kit.gateway.url}/v1`, apiKey: kit.clientKey, maxRetries: 2 });
        for (let count = 0; count < 10; count++) {
          kit.calls++;
          const told: unknown = await client.chat.completions
            .create({ model: kit.name('dead'), messages: [{ role: 'user', content: 'x' }] })
            .catch((error: unknown) => error);
          checks.that(told instanceof OpenAI.APIError && told.status === 502, () => String(told));
        }
        checks.equal('calls that reached the gateway', await kit.metric('nexus_requests_total', { upstream: kit.name('dead') }), 10);
        return checks.done();
      },
    },
    {
      name: 'attempts-share-the-total-time',
      lane: 'quick',
      expected: 'however many targets hang, the call is over at the total time (3 s) and no attempt begins without time for it',
      settings: { GATEWAY_TOTAL_TIMEOUT_SECONDS: '3', GATEWAY_MAX_ATTEMPTS: '8' },
      upstreams: { a: 'hang:a', b: 'hang:b', c: 'hang:c', d: 'hang:d' },
      fallbacks: { a: ['b', 'c', 'd'] },
      run: async (kit) => {
        const checks = new Checks();
        const reply = await kit.call({ to: 'a' });
        checks.equal('status', reply.status, 504);
        checks.that(reply.ms > 2_700 && reply.ms < 3_300 + kit.lateMs, () => `after ${reply.ms.toFixed()} ms`);
        checks.equal('targets tried', kit.upstream.ledger.entries.length, 2);
        return checks.done(`${reply.ms.toFixed()} ms`);
      },
    },
    {
      name: 'attempts-are-capped',
      lane: 'quick',
      expected: 'three attempts over all targets, never more',
      upstreams: { a: 'status:500,a', b: 'status:500,b', c: 'status:500,c', d: 'status:500,d' },
      fallbacks: { a: ['b', 'c', 'd'] },
      run: async (kit) => {
        const checks = new Checks();
        checks.equal('status', (await kit.call({ to: 'a' })).status, 502);
        checks.equal('attempts', kit.upstream.ledger.entries.length, 3);
        return checks.done();
      },
    },
    {
      name: 'no-retry-after-output',
      lane: 'quick',
      expected: 'once content went out, an upstream’s death is told and nobody else is asked',
      upstreams: { dies: 'reset-after:700', spare: 'ok' },
      fallbacks: { dies: ['spare'] },
      run: async (kit) => {
        const checks = new Checks();
        const reply = await kit.call({ to: 'dies', stream: true });
        checks.that(contentOf(reply).startsWith('token0'), 'no content came');
        checks.equal('code', errorCodeOf(reply), 'upstream_stream_interrupted');
        checks.equal('requests', kit.upstream.ledger.entries.length, 1);
        return checks.done();
      },
    },
    {
      name: 'resets-before-any-byte',
      lane: 'quick',
      expected: 'RST or FIN before an answer: ≤ 3 attempts, then 502 or the fallback',
      upstreams: { rst: 'reset', fin: 'fin', rsthead: 'reset-head:20', finhead: 'fin-head:20', helped: 'reset:x', good: 'ok' },
      fallbacks: { helped: ['good'] },
      run: async (kit) => {
        const checks = new Checks();
        for (const to of ['rst', 'fin', 'rsthead', 'finhead']) {
          const reply = await kit.call({ to });
          checks.equal(`${to}: status`, reply.status, 502);
          checks.that(kit.ledger(to).length <= 3, () => `${to}: ${kit.ledger(to).length} attempts`);
        }
        checks.equal('helped', contentOf(await kit.call({ to: 'helped' })), HELLO);
        return checks.done();
      },
    },
    {
      name: 'idle-connection-closed',
      lane: 'quick',
      expected: 'an upstream that closes idle connections, announced or not, costs no client an error',
      upstreams: { soon: 'keep-alive-close:30', right: 'close-after', told: 'no-keep-alive' },
      run: async (kit) => {
        const checks = new Checks();
        for (const to of ['soon', 'right', 'told'])
          for (let count = 0; count < 30; count++) {
            const reply = await kit.call({ to });
            checks.equal(`${to}: status`, reply.status, 200);
            await wait(count % 3 === 0 ? 29 : 1);
          }
        return checks.done('90 calls');
      },
    },
  ],
};
