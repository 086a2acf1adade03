import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { forgedTokens, goodToken, type TrustedIssuer } from '../../doubles/forged-tokens.js';
import { Checks } from '../checks.js';
import { clientCall, type ClientReply } from '../client-call.js';
import type { Kit } from '../kit.js';
import { openLoop } from '../open-loop-client.js';
import type { RowClass } from '../row.js';

const MODELS = '/v1/models';

async function asked(kit: Kit, headers: Readonly<Record<string, string>>, path = MODELS): Promise<ClientReply> {
  return kit.call({ method: 'GET', path, key: '', headers });
}

function issuerOf(algorithm: string, claims: Readonly<Record<string, unknown>>): TrustedIssuer {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { algorithm, key: privateKey, publicKey, keyId: undefined, claims, nowSeconds: Math.floor(Date.now() / 1000) };
}

const ISSUERS = new Map<Kit, TrustedIssuer>();

export const AUTH: RowClass = {
  name: 'auth',
  title: 'Credentials',
  rows: [
    {
      name: 'credentials-spelled-oddly',
      lane: 'quick',
      expected: 'a good key in any proper spelling is 200; anything else is one and the same 401',
      run: async (kit) => {
        const checks = new Checks();
        const key = kit.clientKey;
        const good: Record<string, Record<string, string>> = {
          bearer: { authorization: `Bearer ${key}` },
          'lower case': { authorization: `bearer ${key}` },
          'x-api-key': { 'x-api-key': key },
          'api-key': { 'api-key': key },
          'same key twice': { authorization: `Bearer ${key}`, 'x-api-key': key },
          'basic beside a key': { authorization: 'Basic dXNlcjpwYXNz', 'x-api-key': key },
        };
        for (const [name, headers] of Object.entries(good)) checks.equal(name, (await asked(kit, headers)).status, 200);
        const bad: Record<string, Record<string, string>> = {
          none: {},
          empty: { authorization: '' },
          'no key': { authorization: 'Bearer' },
          basic: { authorization: `Basic ${Buffer.from(`x:${key}`).toString('base64')}` },
          'no scheme': { authorization: key },
          quoted: { authorization: `Bearer "${key}"` },
          comma: { authorization: `Bearer ${key},` },
          list: { authorization: `Bearer ${key}, Bearer ${key}` },
          'upper case': { authorization: `Bearer ${key.toUpperCase()}` },
          'one letter more': { authorization: `Bearer ${key}x` },
          'one letter less': { authorization: `Bearer ${key.slice(0, -1)}` },
          encoded: { authorization: `Bearer ${Buffer.from(key).toString('base64')}` },
          escaped: { authorization: `Bearer ${key.replace('-', '%2d')}` },
          'unknown key': { authorization: 'Bearer sk-unknown' },
          'two keys': { authorization: `Bearer ${key}`, 'x-api-key': kit.otherKey },
          'two keys, one bad': { authorization: `Bearer ${key}`, 'api-key': 'sk-unknown' },
          'in a cookie': { cookie: `authorization=${key}; api_key=${key}` },
          default: { authorization: 'Bearer dev-key' },
          sample: { authorization: 'Bearer sk-1234' },
        };
        const texts = new Set<string>();
        for (const [name, headers] of Object.entries(bad)) {
          const reply = await asked(kit, headers);
          checks.equal(name, reply.status, 401);
          checks.equal(`${name}: challenge`, reply.headers['www-authenticate'], 'Bearer');
          texts.add(reply.text);
        }
        checks.equal('different refusals', texts.size, 1);
        for (const path of [`${MODELS}?api_key=${kit.secrets.of('query')}`, `${MODELS}?key=x`, `/v1/${kit.secrets.of('path').slice(0, 2)}/models`])
          checks.that([401, 404].includes((await asked(kit, {}, path)).status), path.slice(0, 20));
        const twice = await kit.send(
          `GET ${MODELS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nAuthorization: Bearer sk-unknown\r\nConnection: close\r\n\r\n`,
          { withinMs: 1_000 },
        );
        checks.equal('two headers', twice.status, 401);
        return checks.done();
      },
    },
    {
      name: 'key-floods',
      lane: 'full',
      expected:
        'two thousand different bad keys, and keys of 12 KB: 401, never throttled from loopback, memory + ≤ 16 MB, good keys served beside them',
      settings: { GATEWAY_AUTH_FAILURES_PER_MINUTE: '100' },
      run: async (kit) => {
        const checks = new Checks();
        // What a busy process keeps anyway is not the keys' cost.
        await openLoop(400, 3_000, (index) => asked(kit, { authorization: `Bearer sk-warm-${index}${'x'.repeat(index % 50 === 0 ? 12_000 : 0)}` }));
        const before = kit.gateway.residentBytes;
        const { replies } = await openLoop(400, 5_000, (index) =>
          asked(kit, { authorization: `Bearer sk-flood-${index}${'x'.repeat(index % 50 === 0 ? 12_000 : 0)}` }),
        );
        for (const { status } of replies) checks.equal('status', status, 401);
        const more = (kit.gateway.residentBytes - before) / 2 ** 20;
        checks.that(more <= 16, () => `memory grew by ${more.toFixed(1)} MiB`);
        checks.equal('a good key', (await asked(kit, { authorization: `Bearer ${kit.clientKey}` })).status, 200);
        return checks.done(`memory ${more >= 0 ? '+' : ''}${more.toFixed(1)} MiB for ${replies.length} keys`);
      },
    },
    {
      name: 'forged-tokens',
      lane: 'quick',
      expected: 'tokens wrong in spelling, header, algorithm, key, claims or signature: all 401, nobody visited; a good one 200',
      prepare: async (kit) => {
        const nowSeconds = Math.floor(Date.now() / 1000);
        const issuer = issuerOf('RS256', { sub: 'somebody', iss: 'https://issuer.example', aud: 'gateway', exp: nowSeconds + 600, iat: nowSeconds });
        ISSUERS.set(kit, issuer);
        return {
          GATEWAY_JWT_PUBLIC_KEY: String(issuer.publicKey?.export({ type: 'spki', format: 'pem' })),
          GATEWAY_JWT_ALGORITHMS: 'RS256',
          GATEWAY_JWT_ISSUER: 'https://issuer.example',
          GATEWAY_JWT_AUDIENCE: 'gateway',
          GATEWAY_AUTH_FAILURES_PER_MINUTE: '100000',
        };
      },
      run: async (kit) => {
        const checks = new Checks();
        const issuer = ISSUERS.get(kit);
        if (issuer === undefined) throw new Error('no issuer');
        const canary = await kit.canary();
        checks.equal('a good token', (await asked(kit, { authorization: `Bearer ${goodToken(issuer)}` })).status, 200);
        // Times at the edge of the leeway are good for less than a second: made at its beginning, and sent first.
        while (Date.now() % 1_000 > 100) await wait(20);
        const now = { ...issuer, nowSeconds: Math.floor(Date.now() / 1000) };
        const forged = forgedTokens(now, `http://127.0.0.1:${canary.port}/keys`)
          .filter(({ token }) => /^[\x21-\x7e]{0,12000}$/.test(token))
          .toSorted((one, other) => Number(other.name.startsWith('time')) - Number(one.name.startsWith('time')));
        for (let at = 0; at < forged.length; at += 40)
          await Promise.all(
            forged.slice(at, at + 40).map(async ({ name, token }) => {
              const reply = await asked(kit, { authorization: `Bearer ${token}` });
              // Where the machine was too busy to ask in time, an edge has become a good time.
              const isPast = name.startsWith('time') && Date.now() > now.nowSeconds * 1_000 + 450;
              checks.that(reply.status === 401 || isPast, () => `${name}: ${reply.status}`);
            }),
          );
        checks.equal('visits', canary.visits.length, 0);
        checks.equal('a good token afterwards', (await asked(kit, { authorization: `Bearer ${goodToken(issuer)}` })).status, 200);
        return checks.done(`${forged.length} forged`);
      },
    },
    {
      name: 'key-set-out-of-reach',
      lane: 'quick',
      expected:
        'a key set that never answers: 503 auth_unavailable or 401 in bounded time for tokens, one fetch for five hundred callers; keys are served as ever',
      upstreams: { keys: 'hang' },
      waives: ['ledger-count', 'ledger-keys', 'steady-time'],
      prepare: async (kit) => ({ GATEWAY_JWT_JWKS_URL: `${kit.upstream.base('hang')}/keys`, GATEWAY_JWT_ALGORITHMS: 'RS256' }),
      run: async (kit) => {
        const checks = new Checks();
        const nowSeconds = Math.floor(Date.now() / 1000);
        const token = goodToken({ ...issuerOf('RS256', { sub: 'somebody', exp: nowSeconds + 600 }), keyId: 'k1' });
        const replies = await Promise.all(Array.from({ length: 500 }, () => asked(kit, { authorization: `Bearer ${token}` })));
        for (const { status, ms } of replies) {
          checks.that(status === 503 || status === 401, () => `${status}`);
          checks.that(ms < 7_000, () => `${ms.toFixed()} ms`);
        }
        checks.equal('fetches', kit.upstream.ledger.entries.length, 1);
        checks.equal('a key', (await asked(kit, { authorization: `Bearer ${kit.clientKey}` })).status, 200);
        return checks.done(`${Math.max(...replies.map(({ ms }) => ms)).toFixed()} ms at most, ${replies[0]?.status ?? 0}`);
      },
    },
    {
      name: 'every-route-guarded',
      lane: 'quick',
      expected: 'without a credential only health, docs and metrics answer; common paths of other products are 404',
      upstreams: { a: 'ok' },
      run: async (kit) => {
        const checks = new Checks();
        const guarded = [
          '/v1/models',
          '/models',
          '/v1/models/x',
          '/v1/explain?model=a',
          '/explain?model=a',
          '/v1/chat/completions',
          '/chat/completions',
          '/v1/completions',
          '/completions',
          '/v1/embeddings',
          '/embeddings',
        ];
        for (const path of guarded) {
          const method = /models|explain/.test(path) ? 'GET' : 'POST';
          checks.equal(
            path,
            (await clientCall(kit.gateway.port, { path, method, ...(method === 'POST' ? { body: kit.chatBody('a') } : {}) })).status,
            401,
          );
          if (method === 'POST' && path.startsWith('/v1')) kit.calls++;
        }
        const strange = [
          '/',
          '/admin',
          '/debug/pprof',
          '/.env',
          '/.git/config',
          '/json',
          '/actuator',
          '/api',
          '/v1',
          '/v1/',
          '/v1/admin',
          '/config',
          '/console',
          '/graphql',
          '/index.html',
          '/server-status',
          '/v1/files',
          '/v1/batches',
          '/keys',
          '/key/generate',
          '/user/new',
          '/ui',
          '/openapi.json',
          '/metrics/',
          '/heapdump',
          '/favicon.ico',
          '/robots.txt',
          '/%2e%2e/etc/passwd',
        ];
        for (const path of strange) {
          const reply = await clientCall(kit.gateway.port, { path });
          checks.that(reply.status === 404 || reply.status === 401 || reply.status === 400, () => `${path}: ${reply.status}`);
        }
        return checks.done();
      },
    },
    {
      name: 'nothing-told-to-browsers',
      lane: 'quick',
      expected: 'no CORS permission, no cookie, no banner, no version in headers or health',
      upstreams: { a: 'ok' },
      run: async (kit) => {
        const checks = new Checks();
        const origin = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
        for (const reply of [
          await kit.call({ to: 'a', headers: origin }),
          await asked(kit, origin),
          await clientCall(kit.gateway.port, { path: '/v1/models', method: 'OPTIONS', headers: origin }),
          await clientCall(kit.gateway.port, { path: '/livez' }),
        ])
          for (const header of ['access-control-allow-origin', 'set-cookie', 'server', 'x-powered-by'])
            checks.equal(header, reply.headers[header], undefined);
        const health = (await clientCall(kit.gateway.port, { path: '/health' })).text;
        checks.that(!health.includes('127.0.0.1') && kit.secrets.foundIn(health) === undefined, () => `health tells ${health}`);
        return checks.done();
      },
    },
  ],
};
