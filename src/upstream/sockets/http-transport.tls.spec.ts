import { once } from 'node:events';
import { type AddressInfo, createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { createServer, getCACertificates, setDefaultCACertificates, type TlsOptions } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from '../../../test/contracts/upstream-transport.js';
import { RecordingSink } from '../../../test/doubles/recording-sink.js';
import { settingsFrom } from '../../../test/doubles/settings-from.js';
import { expired, type TestCertificate, testCertificate } from '../../../test/doubles/test-certificate.js';
import { LiveSettings } from '../../config/live-settings.js';
import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { HttpTransport } from './http-transport.js';

const CONNECT_MS = 400;
const authorities = getCACertificates('default');
const localhost = testCertificate('DNS:localhost,IP:127.0.0.1');
if (localhost === undefined) process.stderr.write('WARNING: no openssl on PATH: certificates of upstreams are not tried\n');
const withCertificates = localhost === undefined ? it.skip : it;

let stop: (() => Promise<void>) | undefined;
afterEach(async () => {
  setDefaultCACertificates(authorities);
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  await stop?.();
  stop = undefined;
});

/** Two calls, one after the other, and what the server has seen of them. */
async function call(server: Server, host = 'localhost'): Promise<{ sink: RecordingSink; tookMs: number; again: RecordingSink }> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const settings = settingsFrom({ GATEWAY_UPSTREAMS: `u=https://${host}:${port}`, GATEWAY_CONNECT_TIMEOUT_SECONDS: String(CONNECT_MS / 1000) });
  const transport = new HttpTransport(new LiveSettings(settings));
  stop = async () => {
    transport.close();
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  const send = (): Promise<RecordingSink> => {
    const sink = new RecordingSink();
    transport.send(settings.routing.upstreams.get('u') as UpstreamSettings, request(false), sink);
    return sink.over;
  };
  const startedAt = performance.now();
  const sink = await send();
  return { sink, tookMs: performance.now() - startedAt, again: await send() };
}

function answering(options: TlsOptions): { server: Server; seen: { requests: number; alpn: (string | false | null)[]; resumed: boolean[] } } {
  const seen = { requests: 0, alpn: [] as (string | false | null)[], resumed: [] as boolean[] };
  const server = createServer(options, (socket) => {
    seen.alpn.push(socket.alpnProtocol);
    seen.resumed.push(socket.isSessionReused());
    socket
      .on('error', () => undefined)
      .on('data', () => {
        seen.requests++;
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      });
  });
  server.on('tlsClientError', () => undefined);
  return { server, seen };
}

withCertificates('a certificate that an authority of ours vouches for is taken, over HTTP/1.1, its session taken up again', async () => {
  const { key, cert } = localhost as TestCertificate;
  setDefaultCACertificates([...authorities, cert]);
  const { server, seen } = answering({ key, cert, ALPNProtocols: ['h2', 'http/1.1'] });
  const { sink, again } = await call(server);
  expect([sink.text, again.text]).toEqual(['ok', 'ok']);
  expect(seen).toEqual({ requests: 2, alpn: ['http/1.1', 'http/1.1'], resumed: [false, true] });
});

withCertificates('an address without a name is verified by its number', async () => {
  const { key, cert } = localhost as TestCertificate;
  setDefaultCACertificates([...authorities, cert]);
  expect((await call(answering({ key, cert }).server, '127.0.0.1')).sink.text).toBe('ok');
});

withCertificates.each<[string, RegExp, () => { options: TlsOptions; trusted: boolean }]>([
  ['that nobody vouches for', /^DEPTH_ZERO_SELF_SIGNED_CERT$/, () => ({ options: localhost as TestCertificate, trusted: false })],
  ['of another name', /^ERR_TLS_CERT_ALTNAME_INVALID$/, () => ({ options: testCertificate('DNS:elsewhere.test') as TestCertificate, trusted: true })],
  ['that has expired', /^CERT_HAS_EXPIRED$/, () => ({ options: expired(localhost as TestCertificate), trusted: true })],
  [
    'over TLS 1.1',
    /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/,
    () => ({
      options: { ...(localhost as TestCertificate), minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
      trusted: true,
    }),
  ],
])('a certificate %s gets no request, whatever the environment says', async (_what, reason, made) => {
  const { options, trusted } = made();
  if (trusted) setDefaultCACertificates([...authorities, String(options.cert)]);
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  const { server, seen } = answering(options);
  const { sink } = await call(server);
  expect([sink.order, sink.failure?.kind, seen.requests]).toEqual(['fail', 'unreachable', 0]);
  expect(sink.failure?.message).toBe('The upstream could not be reached.');
  expect(sink.failure?.cause).toMatchObject({ code: expect.stringMatching(reason) as unknown });
});

it('a handshake that is reset is unreachable', async () => {
  const server = createPlainServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
  expect((await call(server)).sink.failure?.kind).toBe('unreachable');
});

it('a server that speaks no TLS is unreachable', async () => {
  const server = createPlainServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
  expect((await call(server)).sink.failure?.kind).toBe('unreachable');
});

it('a handshake that stalls is a connect time-out at that time', async () => {
  const { sink, tookMs } = await call(createPlainServer(() => undefined));
  expect(sink.failure?.kind).toBe('connect_timeout');
  expect(Math.abs(tookMs - CONNECT_MS)).toBeLessThan(CONNECT_MS * 0.15);
  await sleep(1);
});
