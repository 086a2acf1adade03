import { Checks } from '../checks.js';
import { contentOf, errorCodeOf } from '../client-call.js';
import type { RowClass } from '../row.js';
import { UPSTREAM_TLS } from './upstream-tls.js';

const GARBAGE = ['letters', 'nul', 'tls', 'http09', 'rtsp', 'icy', 'h2', 'smtp'];
const REDIRECTS = ['301', '302', '303', '307', '308'];
const PLACES = ['canary', 'same', 'slashes', 'file'];
const STATUSES = ['000', '099', '199', '204', '205', '299', '300', '304', '600', '999'];
const RUBBISH = ['empty', 'html', 'null', 'list', 'brace', 'no-choices'];

export const UPSTREAM: RowClass = {
  name: 'upstream',
  title: 'Upstreams that break HTTP, or their word',
  rows: [
    {
      name: 'not-http',
      lane: 'quick',
      expected: 'bytes that are no HTTP: 502 upstream_invalid_response at once; memory stays',
      upstreams: Object.fromEntries(GARBAGE.map((kind) => [kind, `garbage:${kind}`])),
      run: async (kit) => {
        const checks = new Checks();
        const before = kit.gateway.residentBytes;
        const times: number[] = [];
        for (const kind of GARBAGE) {
          const reply = await kit.call({ to: kind });
          times.push(reply.ms);
          checks.equal(`${kind}: status`, reply.status, 502);
          checks.equal(`${kind}: code`, errorCodeOf(reply), 'upstream_invalid_response');
        }
        const more = (kit.gateway.residentBytes - before) / 2 ** 20;
        checks.that(more < 24, () => `memory grew by ${more.toFixed()} MiB`);
        return checks.done(`${Math.max(...times).toFixed()} ms at most (two attempts with a pause), memory +${Math.max(0, more).toFixed(1)} MiB`);
      },
    },
    {
      name: 'head-bombs',
      lane: 'quick',
      expected: 'heads without end, of a megabyte or of 20,000 lines: 502; names that hurt objects hurt nothing',
      upstreams: { big: 'header-bomb:big', many: 'header-bomb:many', line: 'header-bomb:line', odd: 'header-bomb:odd-names' },
      run: async (kit) => {
        const checks = new Checks();
        for (const to of ['big', 'many', 'line']) {
          const reply = await kit.call({ to });
          checks.equal(`${to}: status`, reply.status, 502);
          checks.equal(`${to}: code`, errorCodeOf(reply), 'upstream_invalid_response');
        }
        const odd = await kit.call({ to: 'odd' });
        checks.equal('odd names: status', odd.status, 200);
        checks.that(!JSON.stringify(odd.headers).includes('polluted'), 'odd names came out');
        return checks.done();
      },
    },
    {
      name: 'redirects',
      lane: 'quick',
      expected: 'no redirect is followed, wherever it leads: 502',
      upstreams: Object.fromEntries(REDIRECTS.flatMap((status) => PLACES.map((place) => [`r${status}${place}`, `redirect:${status},${place}`]))),
      run: async (kit) => {
        const checks = new Checks();
        for (const status of REDIRECTS)
          for (const place of PLACES) {
            const reply = await kit.call({ to: `r${status}${place}` });
            checks.equal(`${status} ${place}: status`, reply.status, 502);
            checks.equal(`${status} ${place}: code`, errorCodeOf(reply), 'upstream_invalid_response');
          }
        const followed = kit.upstream.ledger.entries.filter(({ path }) => path.includes('__canary')).length;
        checks.equal('followed', followed, 0);
        return checks.done(`${followed} followed`);
      },
    },
    {
      name: 'interim-answers',
      lane: 'quick',
      expected: 'a few interim answers are passed over; a thousand, and an unasked 101, are 502',
      upstreams: {
        one: 'informational:1',
        twenty: 'informational:20,102',
        thousand: 'informational:1000,102',
        plain: 'upgrade:plain',
        headers: 'upgrade:headers',
      },
      run: async (kit) => {
        const checks = new Checks();
        for (const [to, status] of Object.entries({ one: 200, twenty: 200, thousand: 502, plain: 502, headers: 502 }))
          checks.equal(to, (await kit.call({ to })).status, status);
        return checks.done();
      },
    },
    {
      name: 'odd-statuses',
      lane: 'quick',
      expected: 'statuses out of range, and successes without an answer: 502, never 500 and never passed on',
      upstreams: Object.fromEntries(STATUSES.map((status) => [`s${status}`, `raw-status:${status}`])),
      run: async (kit) => {
        const checks = new Checks();
        for (const status of STATUSES) {
          const reply = await kit.call({ to: `s${status}` });
          // A 205 or 299 with a whole answer is an answer.
          const allowed = status === '205' || status === '299' ? [200, 502] : [502];
          checks.that(allowed.includes(reply.status), () => `${status}: ${reply.status} ${errorCodeOf(reply)}`);
        }
        return checks.done();
      },
    },
    {
      name: 'truncated-answers',
      lane: 'quick',
      expected: 'an answer cut short is never passed on as 200',
      upstreams: {
        length: 'truncated',
        chunked: 'fin-after:300,chunked',
        counted: 'fin-after:300,length',
        close: 'fin-after:300,close',
        rst: 'reset-after:300,length',
        rstchunked: 'reset-after:300,chunked',
      },
      run: async (kit) => {
        const checks = new Checks();
        for (const to of ['length', 'chunked', 'counted', 'close', 'rst', 'rstchunked']) {
          const reply = await kit.call({ to });
          checks.equal(`${to}: status`, reply.status, 502);
        }
        return checks.done();
      },
    },
    {
      name: 'bad-framing',
      lane: 'quick',
      expected: 'lengths that lie or contradict each other: judged or refused, and never a byte of it in the next answer',
      upstreams: {
        shorter: 'cl-shorter:10',
        two: 'two-cl',
        both: 'cl-and-te',
        chunk: 'bad-chunk',
        trailers: 'trailers:length',
        encoding: 'trailers:encoding',
      },
      run: async (kit) => {
        const checks = new Checks();
        for (const to of ['shorter', 'two', 'both', 'chunk', 'trailers', 'encoding'])
          for (let count = 0; count < 10; count++) {
            const reply = await kit.call({ to });
            checks.that(reply.status === 200 || reply.status === 502, () => `${to}: ${reply.status}`);
            if (reply.status === 200) checks.that(contentOf(reply) === 'Hello from the fault server.', () => `${to}: ${reply.text}`);
            checks.that(!JSON.stringify(reply.headers).includes('canary'), `${to}: a trailer came out`);
          }
        return checks.done('60 calls');
      },
    },
    {
      name: 'unasked-answers',
      lane: 'quick',
      expected: 'a second answer that nobody asked for reaches nobody, in the same segment or some time later',
      upstreams: { same: 'unasked:0', soon: 'unasked:1', later: 'unasked:5' },
      run: async (kit) => {
        const checks = new Checks();
        let foreign = 0;
        for (const to of ['same', 'soon', 'later'])
          for (let count = 0; count < 100; count++) {
            const reply = await kit.call({ to });
            if (reply.text.includes('UNASKED')) foreign++;
            checks.that(reply.status === 200 || reply.status === 502, () => `${to}: ${reply.status}`);
          }
        checks.equal('foreign answers', foreign, 0);
        return checks.done(`${foreign} of 300`);
      },
    },
    {
      name: 'rubbish-answers',
      lane: 'quick',
      expected: '200 with a body that is no answer: 502 upstream_invalid_response',
      upstreams: Object.fromEntries(RUBBISH.map((kind) => [kind, `rubbish:${kind}`])),
      run: async (kit) => {
        const checks = new Checks();
        for (const kind of RUBBISH) {
          const reply = await kit.call({ to: kind });
          checks.equal(`${kind}: status`, reply.status, 502);
          checks.equal(`${kind}: code`, errorCodeOf(reply), 'upstream_invalid_response');
        }
        return checks.done();
      },
    },
    {
      name: 'huge-answer',
      lane: 'quick',
      expected: 'an answer beyond the limit (16 MiB) is refused at the limit',
      settings: { GATEWAY_RESPONSE_LIMIT_BYTES: String(16 * 2 ** 20) },
      upstreams: { huge: 'big-body:209715200' },
      waives: ['steady-time'],
      run: async (kit) => {
        const checks = new Checks();
        const before = kit.gateway.residentBytes;
        const reply = await kit.call({ to: 'huge' });
        checks.equal('status', reply.status, 502);
        const more = (kit.gateway.residentBytes - before) / 2 ** 20;
        checks.that(more < 64, () => `memory grew by ${more.toFixed()} MiB`);
        return checks.done(`memory +${more.toFixed()} MiB`);
      },
    },
    {
      name: 'compressed-answers',
      lane: 'quick',
      expected: 'compressed though nobody asked, once, twice or by name only: 502, and nothing is unpacked',
      upstreams: {
        gzip: 'encoded:gzip,30000000',
        br: 'encoded:br,1000',
        twice: 'encoded:twice,1000',
        label: 'encoded:label',
        transfer: 'encoded:transfer',
      },
      waives: ['steady-time'],
      run: async (kit) => {
        const checks = new Checks();
        const before = kit.gateway.residentBytes;
        for (const to of ['gzip', 'br', 'twice', 'label', 'transfer']) checks.equal(to, (await kit.call({ to })).status, 502);
        const more = (kit.gateway.residentBytes - before) / 2 ** 20;
        checks.that(more < 64, () => `memory grew by ${more.toFixed()} MiB`);
        return checks.done(`memory +${Math.max(0, more).toFixed(1)} MiB for 30 MB in disguise`);
      },
    },
    {
      name: 'headers-that-leak-back',
      lane: 'quick',
      expected: 'of an upstream’s headers only those on the list come out',
      upstreams: { leaky: 'leaky' },
      run: async (kit) => {
        const checks = new Checks();
        const reply = await kit.call({ to: 'leaky' });
        checks.equal('status', reply.status, 200);
        for (const header of [
          'set-cookie',
          'server',
          'via',
          'alt-svc',
          'strict-transport-security',
          'access-control-allow-origin',
          'x-secret',
          'x-powered-by',
        ])
          checks.equal(header, reply.headers[header], undefined);
        return checks.done();
      },
    },
    {
      name: 'one-hangs-others-serve',
      lane: 'quick',
      expected: 'two hundred calls hang at one upstream; calls to another are served as if nothing were',
      upstreams: { hung: 'hang', fine: 'ok' },
      run: async (kit) => {
        const checks = new Checks();
        const hung = kit.many(200, () => ({ to: 'hung', leavesAfterMs: 1_500 }));
        const times: number[] = [];
        for (let count = 0; count < 30; count++) {
          const reply = await kit.call({ to: 'fine' });
          checks.equal('status', reply.status, 200);
          times.push(reply.ms);
        }
        await hung;
        return checks.done(`slowest ${Math.max(...times).toFixed()} ms`);
      },
    },
    ...UPSTREAM_TLS,
  ],
};
