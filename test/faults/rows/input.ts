import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Checks } from '../checks.js';
import { contentOf, eventsOf, isDone, jsonOf } from '../client-call.js';
import type { Kit } from '../kit.js';
import type { RowClass } from '../row.js';

const CHAT = '/v1/chat/completions';

function codeIn(body: string): string {
  const { error } = (jsonOf(body) ?? {}) as { error?: { code?: string } };
  return String(error?.code);
}

/** What came to the upstream is what was sent, but for the model's name. */
async function passes(kit: Kit, checks: Checks, what: string, body: string): Promise<void> {
  const reply = await kit.call({ body });
  checks.equal(`${what}: status`, reply.status, 200);
  const digest = createHash('sha256').update(body).digest('hex');
  checks.equal(`${what}: the bytes at the upstream`, contentOf(reply), digest);
}

function nested(depth: number, open: string, close: string): string {
  return open.repeat(depth) + close.repeat(depth);
}

export const INPUT: RowClass = {
  name: 'input',
  title: 'What comes in at the door',
  rows: [
    {
      name: 'bodies-that-are-no-call',
      lane: 'quick',
      expected: '400 that names what is wrong, echoes nothing of the body, and sends nothing',
      upstreams: { a: 'ok' },
      run: async (kit) => {
        const checks = new Checks();
        const model = kit.name('a');
        const bodies: Record<string, string | Buffer> = {
          empty: '',
          null: 'null',
          list: '[]',
          text: '"x"',
          number: '1',
          brace: '{',
          'trailing comma': `{"model":"${model}",}`,
          comment: `{"model":"${model}"/**/}`,
          'not a number': `{"model":"${model}","n":NaN}`,
          'single quotes': `{'model':'${model}'}`,
          'two documents': `{"model":"${model}"}{"model":"${model}"}`,
          'no model': '{"messages":[]}',
          'model is a number': '{"model":1}',
          'model is null': '{"model":null}',
          'stream is text': `{"model":"${model}","stream":"true"}`,
          'stream options are text': `{"model":"${model}","stream":true,"stream_options":"x"}`,
          'two models': `{"model":"${model}","model":"steady"}`,
          'two models, one escaped': `{"model":"${model}","mod\\u0065l":"steady"}`,
          'two streams': `{"model":"${model}","stream":true,"stream":false}`,
          'UTF-16': Buffer.from(`{"model":"${model}"}`, 'utf16le'),
          'broken UTF-8': Buffer.from([0x7b, 0x22, 0x6d, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
          'control letters in text': `{"model":"${model}","x":"\u0001"}`,
          'lone minus': `{"model":"${model}","x":-}`,
        };
        for (const [name, body] of Object.entries(bodies)) {
          const reply = await kit.call({ body });
          checks.equal(`${name}: status`, reply.status, 400);
          checks.that(['invalid_json', 'invalid_value', 'missing_required_parameter'].includes(codeIn(reply.text)), () => `${name}: ${reply.text}`);
        }
        checks.equal('requests at the upstream', kit.ledger('a').length, 0);
        return checks.done();
      },
    },
    {
      name: 'deep-json',
      lane: 'quick',
      expected: 'a depth of 128 passes; beyond it 400 json_too_complex, at any depth, quickly',
      upstreams: { a: 'ok' },
      run: async (kit) => {
        const checks = new Checks();
        const times: number[] = [];
        for (const [open, close] of [
          ['[', ']'],
          ['{"a":', '}'],
          ['[{"a":', '}]'],
        ] as const)
          for (const depth of [50, 127, 129, 5_000, 100_000]) {
            const levels = open.length === 6 ? Math.floor(depth / 2) : depth;
            const inner = nested(levels, open, close).replace('"a":}', '"a":1}');
            const reply = await kit.call({ body: `{"model":"${kit.name('a')}","messages":${inner}}` });
            times.push(reply.ms);
            const isDeep = levels * (open.length === 6 ? 2 : 1) + 1 > 128;
            checks.equal(`${open} ${depth}: status`, reply.status, isDeep ? 400 : 200);
            if (isDeep) checks.equal(`${open} ${depth}: code`, codeIn(reply.text), 'json_too_complex');
          }
        return checks.done(`${Math.max(...times).toFixed()} ms at most`);
      },
    },
    {
      name: 'bytes-survive',
      lane: 'quick',
      expected: 'big numbers, escapes, order, unknown fields, odd letters and harmful names reach the upstream byte for byte',
      upstreams: { same: 'echo-digest' },
      run: async (kit) => {
        const checks = new Checks();
        // The name sent upstream is the name asked for: nothing at all need change.
        const wrap = (more: string): string => `{ "model":"${kit.name('same')}",${more} "messages":[{"role":"user","content":"x"}]\n}`;
        await passes(kit, checks, 'numbers', wrap('"seed":9007199254740993,"a":1e400,"b":-0,"c":1.0,"d":0.1000000000000000055511151231257827,'));
        await passes(kit, checks, 'escapes', wrap('"x":"\\u0041\\/\\ud83d\\ude00 \\u0000 \\ud800",'));
        await passes(kit, checks, 'letters', wrap(`"x":"\u202e ${'😀'.repeat(2_000)} \u2028",`));
        await passes(
          kit,
          checks,
          'harmful names',
          wrap('"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"\\u005f_proto__":2,'),
        );
        await passes(kit, checks, 'a duplicate that is not ours', wrap('"x":1,"x":2,'));
        await passes(kit, checks, 'long number', wrap(`"x":${'9'.repeat(100_000)},`));
        return checks.done();
      },
    },
    {
      name: 'large-bodies',
      lane: 'quick',
      expected: 'over the limit: 413 before it is read, declared or not; nothing sent',
      upstreams: { a: 'ok' },
      waives: ['client-count'],
      run: async (kit) => {
        const checks = new Checks();
        const declared = await kit.send(kit.raw('POST', CHAT, { 'Content-Length': '30000000' }, 'x'.repeat(1_000)), { withinMs: 2_000 });
        checks.equal('declared', declared.status, 413);
        const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
        const head = kit.raw('POST', CHAT, { 'Transfer-Encoding': 'chunked', 'Content-Type': 'application/json' });
        const endless = await kit.send([head, ...Array<string>(200).fill(chunk)], { withinMs: 3_000 });
        checks.equal('chunked', endless.status, 413);
        checks.that(endless.closed, 'the connection stays');
        checks.equal('code', codeIn(endless.body), 'request_too_large');
        const stranger = await kit.send(
          [kit.raw('POST', CHAT, { Authorization: 'Bearer nobody', 'Content-Length': '30000000' }), ...Array<string>(50).fill('x'.repeat(65_536))],
          { withinMs: 3_000 },
        );
        checks.equal('a stranger’s', stranger.status, 401);
        checks.equal('requests at the upstream', kit.ledger('a').length, 0);
        return checks.done();
      },
    },
    {
      name: 'content-types',
      lane: 'quick',
      expected: 'bodies of another type, charset or encoding: 415, nothing unpacked',
      upstreams: { a: 'ok' },
      waives: ['client-count'],
      run: async (kit) => {
        const checks = new Checks();
        const body = kit.chatBody('a');
        const types: Record<string, number> = {
          'application/json': 200,
          'application/json; charset=utf-8': 200,
          'APPLICATION/JSON': 200,
          'text/plain': 415,
          'multipart/form-data; boundary=x': 415,
          'application/json;charset=utf-16': 415,
          'application/jsonx': 415,
          'application/x-www-form-urlencoded': 415,
        };
        for (const [type, status] of Object.entries(types))
          checks.equal(type, (await kit.send(kit.raw('POST', CHAT, { 'Content-Type': type, Connection: 'close' }, body))).status, status);
        for (const encoding of ['gzip', 'br', 'deflate', 'zstd', 'gzip, gzip', 'x-unknown'])
          checks.equal(encoding, (await kit.send(kit.raw('POST', CHAT, { 'Content-Encoding': encoding }, body))).status, 415);
        return checks.done();
      },
    },
    {
      name: 'slow-senders',
      lane: 'full',
      expected: 'headers a byte at a time are cut off at 3 s, bodies that stop at 5 s, with 408',
      upstreams: { a: 'ok' },
      waives: ['client-count'],
      run: async (kit) => {
        const checks = new Checks();
        const whole = kit.raw('POST', CHAT, {}, kit.chatBody('a'));
        const headEnd = whole.indexOf('\r\n\r\n') + 4;
        const bytes = [...whole.subarray(0, headEnd - 4).toString('latin1')];
        const [heads, body] = await Promise.all([
          Promise.all(Array.from({ length: 50 }, () => kit.send(bytes, { gapMs: 200, withinMs: 1_000 }))),
          Promise.all(Array.from({ length: 50 }, () => kit.send(whole.subarray(0, headEnd + 10), { withinMs: 7_000 }))),
        ]);
        for (const reply of heads) {
          checks.that(reply.status === 408 || reply.status === 0, () => `headers: ${reply.status}`);
          checks.that(reply.closed && reply.ms < 4_200, () => `headers: closed ${reply.closed} after ${reply.ms.toFixed()} ms`);
        }
        for (const reply of body) {
          checks.equal('body: status', reply.status, 408);
          checks.that(reply.closed && reply.ms < 6_000, () => `body: after ${reply.ms.toFixed()} ms`);
        }
        checks.equal('requests at the upstream', kit.ledger('a').length, 0);
        return checks.done(
          `headers ${Math.max(...heads.map(({ ms }) => ms)).toFixed()} ms, bodies ${Math.max(...body.map(({ ms }) => ms)).toFixed()} ms`,
        );
      },
    },
    {
      name: 'header-bombs',
      lane: 'quick',
      expected: '20 KB or 1,500 headers: 431; endless URLs: 414 or 431; names that hurt objects hurt nothing',
      upstreams: { a: 'ok' },
      waives: ['client-count'],
      run: async (kit) => {
        const checks = new Checks();
        const body = kit.chatBody('a');
        checks.equal('20 KB', (await kit.send(kit.raw('POST', CHAT, { 'X-Big': 'a'.repeat(20_000) }, body))).status, 431);
        const many = Object.fromEntries(Array.from({ length: 1_500 }, (_, index) => [`X-H${index}`, 'aaaaaaaa']));
        checks.equal('1,500 headers', (await kit.send(kit.raw('POST', CHAT, many, body))).status, 431);
        const long = await kit.send(kit.raw('GET', `/v1/models?${'a'.repeat(100_000)}`));
        checks.that([414, 431].includes(long.status), () => `100 KB of URL: ${long.status}`);
        const odd = await kit.send(kit.raw('POST', CHAT, { ['__proto__']: 'x', constructor: 'x', hasOwnProperty: 'x', Connection: 'close' }, body));
        checks.equal('odd names', odd.status, 200);
        return checks.done();
      },
    },
    {
      name: 'framing-tricks',
      lane: 'quick',
      expected: 'requests whose length can be read in two ways are refused with 400 and the connection ends',
      upstreams: { a: 'ok' },
      waives: ['client-count', 'conservation'],
      run: async (kit) => {
        const checks = new Checks();
        const smuggled = `POST ${CHAT} HTTP/1.1\r\nHost: x\r\nX-Smuggled: 1\r\n\r\n`;
        const start = `POST ${CHAT} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${kit.clientKey}\r\nContent-Type: application/json\r\n`;
        const tricks: Record<string, string> = {
          'length and chunked': `${start}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
          'two lengths': `${start}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef${smuggled}`,
          'length list': `${start}Content-Length: 5, 5\r\n\r\nabcde${smuggled}`,
          'length with a plus': `${start}Content-Length: +5\r\n\r\nabcde${smuggled}`,
          'length in hex': `${start}Content-Length: 0x5\r\n\r\nabcde${smuggled}`,
          'negative length': `${start}Content-Length: -5\r\n\r\n${smuggled}`,
          'space before the colon': `${start}Content-Length : 5\r\n\r\nabcde${smuggled}`,
          'folded header': `${start}X-A: b\r\n c: d\r\nContent-Length: 0\r\n\r\n${smuggled}`,
          'chunked twice': `${start}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n${smuggled}`,
          'chunked, identity': `${start}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`,
          xchunked: `${start}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`,
          'bare line feeds': `${start.replaceAll('\r\n', '\n')}Content-Length: 0\n\n${smuggled}`,
          'chunk size with a sign': `${start}Transfer-Encoding: chunked\r\n\r\n+5\r\nabcde\r\n0\r\n\r\n${smuggled}`,
          'chunk of another size': `${start}Transfer-Encoding: chunked\r\n\r\n3\r\nabcde\r\n0\r\n\r\n${smuggled}`,
          'NUL in a header': `${start}X-A: b\u0000c\r\nContent-Length: 0\r\n\r\n${smuggled}`,
        };
        for (const [name, bytes] of Object.entries(tricks)) {
          const reply = await kit.send(bytes, { withinMs: 1_500, until: (text) => text.split('HTTP/1.1 ').length > 2 });
          checks.that(reply.status === 400, () => `${name}: ${reply.status} ${reply.body.slice(0, 100)}`);
          checks.that(reply.text.split('HTTP/1.1 ').length === 2, () => `${name}: ${reply.text.split('HTTP/1.1 ').length - 1} answers`);
        }
        checks.equal('requests at the upstream', kit.ledger('a').length, 0);
        return checks.done();
      },
    },
    {
      name: 'rest-of-an-unread-body',
      lane: 'quick',
      expected: 'after a refusal whose body was not read, the rest of that body is never taken for a request',
      upstreams: { a: 'ok' },
      waives: ['client-count'],
      run: async (kit) => {
        const checks = new Checks();
        const inner = kit.raw('POST', CHAT, {}, kit.chatBody('a'));
        let served = 0;
        for (const [what, headers, status] of [
          ['a stranger’s', { Authorization: 'Bearer nobody' }, 401],
          ['too large', { 'Content-Length': '40000000' }, 413],
          ['another type', { 'Content-Type': 'text/plain' }, 415],
        ] as const) {
          const reply = await kit.send([kit.raw('POST', CHAT, headers, inner), inner], { gapMs: 20, withinMs: 1_500 });
          checks.equal(`${what}: status`, reply.status, status);
          // A request that follows a body which came whole is one, and may be answered in its turn; what stood within the body is none.
          const second = reply.text.split('HTTP/1.1 200').length - 1;
          checks.that(second <= (status === 413 ? 0 : 1), () => `${what}: ${second} answers to what followed`);
          served += second;
        }
        checks.equal('requests at the upstream', kit.ledger('a').length, served);
        const pipelined = await kit.send(Array<Buffer>(20).fill(kit.raw('GET', '/v1/models')), {
          withinMs: 3_000,
          until: (text) => text.split('HTTP/1.1 200').length > 20,
        });
        checks.equal('pipelined', pipelined.text.split('HTTP/1.1 200').length - 1, 20);
        return checks.done();
      },
    },
    {
      name: 'hosts-methods-paths',
      lane: 'quick',
      expected: 'no host, two hosts or odd ones: 400; other methods: 405 with Allow; spellings of a path: its own or 404, never past the credential',
      upstreams: { a: 'ok' },
      waives: ['client-count'],
      run: async (kit) => {
        const checks = new Checks();
        const send = async (bytes: string): Promise<{ status: number; headers: Readonly<Record<string, string>> }> =>
          kit.send(bytes, { withinMs: 1_000, until: (text) => text.includes('\r\n\r\n') });
        const key = `Authorization: Bearer ${kit.clientKey}\r\nConnection: close\r\n`;
        const hosts: Record<string, string> = {
          none: '',
          two: 'Host: a\r\nHost: b\r\n',
          space: 'Host: a b\r\n',
          path: 'Host: a/../x\r\n',
          query: 'Host: a?x\r\n',
          hash: 'Host: a#\r\n',
          at: 'Host: a@b\r\n',
          long: `Host: ${'a'.repeat(300)}\r\n`,
        };
        for (const [name, host] of Object.entries(hosts))
          checks.equal(`host ${name}`, (await send(`GET /v1/models HTTP/1.1\r\n${host}${key}\r\n`)).status, 400);
        for (const method of ['PUT', 'DELETE', 'PATCH', 'TRACE', 'OPTIONS']) {
          const reply = await send(`${method} ${CHAT} HTTP/1.1\r\nHost: x\r\n${key}\r\n`);
          checks.equal(method, reply.status, 405);
          checks.that(reply.headers['allow']?.includes('POST') === true, `${method}: no Allow`);
        }
        checks.equal('CONNECT', (await send(`CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n`)).status, 405);
        checks.equal('absolute form', (await send(`GET http://elsewhere/v1/models HTTP/1.1\r\nHost: x\r\n${key}\r\n`)).status, 200);
        for (const path of [
          '//v1/models',
          '/v1//models',
          '/v1/models/',
          '/v1/%6dodels',
          '/v1/./models',
          '/v1/x/../models',
          '/V1/models',
          '/v1/models;a',
          '/v1\\models',
          '/v1/models%00',
          '/%76%31/models',
          '/v1/models%2f',
          '/health/../v1/models',
          '/health/..%2fv1/models',
        ]) {
          const stranger = (await send(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).status;
          checks.that([400, 401, 404].includes(stranger), () => `${path}: a stranger got ${stranger}`);
        }
        for (const header of ['X-HTTP-Method-Override: POST', `X-Original-URL: ${CHAT}`, `X-Rewrite-URL: /health`, 'X-Forwarded-Prefix: /health'])
          checks.equal(header, (await send(`GET /v1/models HTTP/1.1\r\nHost: x\r\n${header}\r\nConnection: close\r\n\r\n`)).status, 401);
        return checks.done();
      },
    },
    {
      name: 'not-http-at-all',
      lane: 'quick',
      expected: 'TLS, HTTP/2, an upgrade, rubbish: a refusal or a closed connection; what follows an upgrade is no request',
      upstreams: { a: 'ok' },
      waives: ['client-count', 'conservation'],
      run: async (kit) => {
        const checks = new Checks();
        const rubbish: Record<string, string | Buffer> = {
          tls: Buffer.from('16030100a5010000a1030300', 'hex'),
          http2: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
          zeros: Buffer.alloc(1_000),
          words: 'HELLO THERE\r\n\r\n',
          http9: 'GET /\r\n\r\n',
        };
        for (const [name, bytes] of Object.entries(rubbish)) {
          const reply = await kit.send(bytes, { withinMs: 4_500 });
          checks.that(reply.closed && reply.status !== 200, () => `${name}: ${reply.status}, closed ${reply.closed}`);
        }
        const inner = kit.raw('POST', CHAT, {}, kit.chatBody('a')).toString('latin1');
        for (const protocol of ['h2c', 'websocket']) {
          const reply = await kit.send(`GET /v1/models HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n${inner}`, {
            withinMs: 1_000,
          });
          checks.that(reply.status >= 400 && reply.status < 500, () => `${protocol}: ${reply.status}`);
          checks.that(!reply.text.includes('HTTP/1.1 101'), `${protocol}: it switched`);
        }
        return checks.done();
      },
    },
    {
      name: 'http-1-0',
      lane: 'quick',
      expected: 'HTTP/1.0 is served, streams too, ended by the connection and without chunks',
      upstreams: { a: 'ok' },
      run: async (kit) => {
        const checks = new Checks();
        for (const stream of [false, true]) {
          kit.calls++;
          const body = kit.chatBody('a', { stream });
          const reply = await kit.send(
            `POST ${CHAT} HTTP/1.0\r\nAuthorization: Bearer ${kit.clientKey}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
          );
          checks.equal('status', reply.status, 200);
          checks.equal('chunked', reply.headers['transfer-encoding'], undefined);
          checks.that(reply.closed, 'the connection stays');
          if (stream) checks.equal('the last event', eventsOf(reply.body).at(-1), '[DONE]');
        }
        return checks.done();
      },
    },
    {
      name: 'expectations',
      lane: 'quick',
      expected: '100-continue is heeded: refusals come before the body is sent; another expectation is 417',
      upstreams: { a: 'ok' },
      waives: ['client-count'],
      run: async (kit) => {
        const checks = new Checks();
        const body = kit.chatBody('a');
        const length = { 'Content-Length': String(body.length), Expect: '100-continue', Connection: 'close' };
        const good = await kit.send([kit.raw('POST', CHAT, { ...length, 'Content-Type': 'application/json' }), body], { gapMs: 100 });
        checks.that(good.text.startsWith('HTTP/1.1 100') && good.status === 200, () => `good: ${good.text.slice(0, 40)}`);
        const stranger = await kit.send(kit.raw('POST', CHAT, { ...length, Authorization: 'Bearer nobody' }), { withinMs: 1_000 });
        checks.equal('a stranger', stranger.status, 401);
        checks.that(!stranger.text.startsWith('HTTP/1.1 100'), 'a stranger was told to go on');
        checks.equal(
          'too large',
          (
            await kit.send(kit.raw('POST', CHAT, { ...length, 'Content-Length': '40000000', 'Content-Type': 'application/json' }), {
              withinMs: 1_000,
            })
          ).status,
          413,
        );
        checks.equal(
          'another',
          (await kit.send(kit.raw('POST', CHAT, { Expect: 'tea', Connection: 'close' }, body), { withinMs: 1_000 })).status,
          417,
        );
        return checks.done();
      },
    },
    {
      name: 'model-names-that-bite',
      lane: 'quick',
      expected:
        'paths, addresses, words of JavaScript, ten thousand letters: 404 model_not_found, like any unknown name; the log stays one line each',
      upstreams: { a: 'ok' },
      run: async (kit) => {
        const checks = new Checks();
        const names = [
          '../../x',
          'http://evil',
          'a'.repeat(10_000),
          'x\ny',
          'constructor',
          'toString',
          '__proto__',
          'hasOwnProperty',
          '',
          ' ',
          'ѕteady',
          '\u001b[31m',
          '"}{"',
          'steady\u0000',
          'STEADY',
        ];
        for (const model of names) {
          const reply = await kit.call({ model });
          checks.that(
            reply.status === 404 || (model.trim() === '' && reply.status === 400),
            () => `${JSON.stringify(model.slice(0, 20))}: ${reply.status}`,
          );
        }
        return checks.done();
      },
    },
    {
      name: 'request-ids',
      lane: 'quick',
      expected: 'a client’s id is kept when it is plain, else replaced; it stands in no header as it should not',
      upstreams: { a: 'ok' },
      run: async (kit) => {
        const checks = new Checks();
        const kept = await kit.call({ to: 'a', headers: { 'x-request-id': 'abc_DEF-123' } });
        checks.equal('plain', kept.headers['x-request-id'], 'abc_DEF-123');
        for (const id of ['<script>', 'a b', 'x'.repeat(200), 'é', '../x', '"']) {
          const reply = await kit.call({ to: 'a', headers: { 'x-request-id': Buffer.from(id).toString('latin1') } });
          checks.that(
            /^[A-Za-z0-9_-]{1,128}$/.test(String(reply.headers['x-request-id'])) && reply.headers['x-request-id'] !== id,
            () => `${id}: ${String(reply.headers['x-request-id'])}`,
          );
        }
        return checks.done();
      },
    },
    {
      name: 'texts-that-bite-streams',
      lane: 'quick',
      expected: 'line ends and events inside a name or a message stay inside one event of JSON',
      upstreams: { a: 'ok', broken: 'error-event:after' },
      run: async (kit) => {
        const checks = new Checks();
        const reply = await kit.call({ to: 'broken', stream: true, with: { user: 'x\n\ndata: [DONE]\n\n' } });
        for (const data of eventsOf(reply.text)) checks.that(jsonOf(data) !== undefined, () => `an event is no JSON: ${data}`);
        checks.that(isDone(await kit.call({ to: 'a', stream: true, with: { user: 'x\r\n\r\n' } })), 'a stream did not end');
        await wait(1);
        return checks.done();
      },
    },
  ],
};
