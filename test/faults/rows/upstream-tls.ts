import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createServer, type TlsOptions } from 'node:tls';
import { expired, signedCertificate, testCertificate } from '../../doubles/test-certificate.js';
import { Checks } from '../checks.js';
import { errorCodeOf } from '../client-call.js';
import type { Kit } from '../kit.js';
import type { FaultRow } from '../row.js';
import type { TriedGateway } from '../tried-gateway.js';

const HERE = 'DNS:localhost,IP:127.0.0.1';
const ANSWER = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});

/** Bytes of requests that came through a handshake. */
interface Seen {
  bytes: number;
}

function answering(options: TlsOptions, seen: Seen): Server {
  return createServer(options, (socket) =>
    socket
      .on('error', () => undefined)
      .on('data', (bytes) => {
        seen.bytes += bytes.length;
        socket.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(ANSWER)}\r\n\r\n${ANSWER}`);
      }),
  ).on('tlsClientError', () => undefined);
}

async function listening(kit: Kit, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  kit.onEnd(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Trouble with TLS, and the word that the log must have for it. */
interface Trouble {
  readonly server: (seen: Seen) => Server;
  readonly host?: string;
  readonly reason: RegExp;
  readonly code?: string;
}

/** Why this upstream could not be reached, as the log has it; its lines come a moment after the answer. */
export async function reasonsOf(gateway: TriedGateway, name: string): Promise<readonly string[]> {
  for (let tries = 0; ; tries++, await wait(20)) {
    const lines = gateway.lines().filter(({ event, upstream }) => event === 'unreachable' && upstream === name);
    if (lines.length > 0 || tries >= 100) return lines.map(({ reason }) => String(reason));
  }
}

export const UPSTREAM_TLS: readonly FaultRow[] = [
  {
    name: 'tls-upstream',
    lane: 'full',
    expected:
      'a certificate that has expired, is of another name, signs itself, is signed by a stranger, TLS 1.0 or 1.1 alone, a handshake reset, stalled or no TLS at all: no byte of a request is sent, 502 or 504, the reason in the log alone; a good one serves',
    waives: ['client-count', 'ledger-count', 'steady-time'],
    run: async (kit) => {
      const good = testCertificate(HERE);
      const elsewhere = testCertificate('DNS:elsewhere.test');
      const signed = signedCertificate(HERE);
      const ours = signedCertificate(HERE);
      const stranger = testCertificate(HERE);
      if (good === undefined || elsewhere === undefined || signed === undefined || ours === undefined || stranger === undefined)
        return { passed: false, observed: 'not run: there is no openssl on PATH', figure: '' };
      const old = expired(good);
      const weak = { ...good, ciphers: 'DEFAULT@SECLEVEL=0' };
      const troubles: { readonly [name: string]: Trouble } = {
        expired: { server: (seen) => answering(old, seen), reason: /^CERT_HAS_EXPIRED$/ },
        'another-name': { server: (seen) => answering(elsewhere, seen), reason: /^ERR_TLS_CERT_ALTNAME_INVALID$/ },
        'signs-itself': { server: (seen) => answering(stranger, seen), reason: /^DEPTH_ZERO_SELF_SIGNED_CERT$/ },
        'of-a-stranger': { server: (seen) => answering(signed, seen), reason: /^SELF_SIGNED_CERT_IN_CHAIN$/ },
        'without-its-chain': {
          server: (seen) => answering({ key: signed.key, cert: signed.cert.slice(0, signed.cert.indexOf('-----END') + 26) }, seen),
          reason: /^UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT_LOCALLY)$/,
        },
        'tls-1-0': { server: (seen) => answering({ ...weak, minVersion: 'TLSv1', maxVersion: 'TLSv1' }, seen), reason: /PROTOCOL/ },
        'tls-1-1': { server: (seen) => answering({ ...weak, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' }, seen), reason: /PROTOCOL/ },
        'asks-who-we-are': {
          server: (seen) => answering({ ...good, requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' }, seen),
          reason: /^ERR_SSL_|^ECONNRESET$|^CLOSED$/,
        },
        'reset-at-hello': {
          server: () => createPlainServer((socket) => socket.once('data', () => socket.resetAndDestroy())),
          reason: /^ECONNRESET$/,
        },
        'closed-at-hello': { server: () => createPlainServer((socket) => socket.once('data', () => socket.end())), reason: /^ECONNRESET$|^CLOSED$/ },
        'says-no': {
          server: () => createPlainServer((socket) => socket.once('data', () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 40])))),
          reason: /^ERR_SSL_/,
        },
        'no-tls': {
          server: () => createPlainServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))),
          reason: /^ERR_SSL_/,
        },
        stalled: { server: () => createPlainServer(() => undefined), reason: /^TLS_TIMEOUT$/, code: 'upstream_timeout' },
      };
      const folder = mkdtempSync(join(tmpdir(), 'nexus-faults-tls-'));
      kit.onEnd(() => rmSync(folder, { recursive: true, force: true }));
      const authorities = join(folder, 'authorities.pem');
      // The stranger is in no list; the others are trusted as far as a signature goes.
      writeFileSync(authorities, [good.cert, elsewhere.cert, old.cert, ours.authority].join('\n'));
      const seen = new Map<string, Seen>();
      const upstreams: string[] = [];
      for (const [name, { server, host = 'localhost' }] of Object.entries(troubles)) {
        const own = { bytes: 0 };
        seen.set(name, own);
        upstreams.push(`${name}=https://${host}:${await listening(kit, server(own))}/v1`);
      }
      const served = { bytes: 0 };
      for (const [name, host, certificate] of [['good', 'localhost', good] as const, ['by-number', '127.0.0.1', ours] as const])
        upstreams.push(`${name}=https://${host}:${await listening(kit, answering(certificate, served))}/v1`);

      const checks = new Checks();
      const gateway = await kit.start({
        GATEWAY_UPSTREAMS: upstreams.join(';'),
        NODE_EXTRA_CA_CERTS: authorities,
        // Whatever the environment says, nobody is believed unverified.
        NODE_TLS_REJECT_UNAUTHORIZED: '0',
      });
      const replies = await Promise.all(
        Object.entries(troubles).map(async ([name, trouble]) => ({ name, trouble, reply: await kit.call({ model: name, gateway }) })),
      );
      for (const { name, trouble, reply } of replies) {
        checks.equal(`${name}: code`, errorCodeOf(reply), trouble.code ?? 'upstream_unreachable');
        checks.equal(`${name}: bytes of requests`, seen.get(name)?.bytes, 0);
        checks.that(!/CERT|TLS|SSL|certificate|localhost|self|verif/.test(reply.text), () => `${name}: a client is told ${reply.text.slice(0, 120)}`);
        const reasons = await reasonsOf(gateway, name);
        checks.that(
          reasons.some((reason) => trouble.reason.test(reason)),
          () => `${name}: the log says ${reasons.join(' ') || 'nothing'}`,
        );
      }
      for (const name of ['good', 'by-number']) checks.equal(name, (await kit.call({ model: name, gateway })).status, 200);
      checks.that(served.bytes > 0, 'a good certificate was not tried');
      await gateway.stop();
      return checks.done(`${Object.keys(troubles).length} kinds of trouble, 0 bytes sent`);
    },
  },
  {
    name: 'tls-elsewhere',
    lane: 'full',
    expected:
      'certificates of Redis and of the key set are checked as well, whatever NODE_TLS_REJECT_UNAUTHORIZED says: not a byte is sent to a stranger; one that is trusted is asked',
    upstreams: { a: 'ok' },
    waives: ['client-count', 'ledger-count', 'steady-time'],
    run: async (kit) => {
      const stranger = testCertificate(HERE);
      const trusted = testCertificate(HERE);
      if (stranger === undefined || trusted === undefined) return { passed: false, observed: 'not run: there is no openssl on PATH', figure: '' };
      const folder = mkdtempSync(join(tmpdir(), 'nexus-faults-tls-'));
      kit.onEnd(() => rmSync(folder, { recursive: true, force: true }));
      const authorities = join(folder, 'authorities.pem');
      writeFileSync(authorities, trusted.cert);
      const checks = new Checks();
      const header = Buffer.from('{"alg":"RS256","kid":"one"}').toString('base64url');
      const key = `${header}.${Buffer.from('{"sub":"somebody","exp":9999999999}').toString('base64url')}.${'A'.repeat(342)}`;
      for (const [who, certificate] of [['a stranger', stranger] as const, ['one who is trusted', trusted] as const]) {
        const [redis, keys] = [{ bytes: 0 }, { bytes: 0 }];
        const gateway = await kit.start({
          GATEWAY_REDIS_URL: `rediss://localhost:${await listening(kit, answering(certificate, redis))}`,
          GATEWAY_RATE_LIMIT_PER_MINUTE: '6000',
          GATEWAY_JWT_JWKS_URL: `https://localhost:${await listening(kit, answering(certificate, keys))}/keys`,
          GATEWAY_JWT_ALGORITHMS: 'RS256',
          NODE_EXTRA_CA_CERTS: authorities,
          NODE_TLS_REJECT_UNAUTHORIZED: '0',
        });
        for (let count = 0; count < 5; count++) {
          const { status } = await kit.call({ to: 'a', key, gateway });
          checks.that([401, 503].includes(status), () => `${who}: a forged token gets ${status}`);
          checks.equal(`${who}: a call with a key`, (await kit.call({ to: 'a', gateway })).status, 200);
        }
        const isAsked = certificate === trusted;
        for (let tries = 0; tries < 100 && isAsked && (redis.bytes === 0 || keys.bytes === 0); tries++) await wait(20);
        checks.equal(`${who}: Redis is sent something`, redis.bytes > 0, isAsked);
        checks.equal(`${who}: the key set is asked`, keys.bytes > 0, isAsked);
        await gateway.stop();
      }
      return checks.done();
    },
  },
];
