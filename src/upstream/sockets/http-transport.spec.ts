import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { request, until } from '../../../test/contracts/upstream-transport.js';
import { deafPort } from '../../../test/doubles/deaf-port.js';
import { freePort } from '../../../test/doubles/free-port.js';
import { HandClock } from '../../../test/doubles/hand-clock.js';
import { RecordingSink } from '../../../test/doubles/recording-sink.js';
import { settingsFrom } from '../../../test/doubles/settings-from.js';
import { FaultUpstream } from '../../../test/faults/fault-upstream.js';
import { LiveSettings } from '../../config/live-settings.js';
import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { HttpTransport } from './http-transport.js';

let faults: FaultUpstream;
let live: LiveSettings;
let transport: HttpTransport;
const uncaught: unknown[] = [];
const note = (error: unknown): void => void uncaught.push(error);

beforeEach(async () => {
  faults = await FaultUpstream.start();
  live = new LiveSettings(settingsFrom({ GATEWAY_CONNECT_TIMEOUT_SECONDS: '0.4' }));
  transport = new HttpTransport(live);
  process.on('uncaughtException', note).on('unhandledRejection', note);
});
afterEach(async () => {
  transport.close();
  await faults.close();
  await sleep(5);
  process.off('uncaughtException', note).off('unhandledRejection', note);
  expect(uncaught).toEqual([]);
});

const upstreamAt = (baseUrl: string): UpstreamSettings => {
  const [only] = settingsFrom({ GATEWAY_UPSTREAMS: `u=${baseUrl}` }).routing.upstreams.values();
  if (only === undefined) throw new Error('no upstream');
  return only;
};
const known = new Map<string, UpstreamSettings>();
function send(baseUrl: string, stream = false, sink = new RecordingSink()): RecordingSink & { cancel(): void; resume(): void } {
  const upstream = known.get(baseUrl) ?? upstreamAt(baseUrl);
  known.set(baseUrl, upstream);
  const exchange = transport.send(upstream, request(stream), sink);
  return Object.assign(sink, { cancel: () => exchange.cancel(), resume: () => exchange.resume() });
}
const play = (mode: string, stream = false): Promise<RecordingSink> => send(faults.base(mode), stream).over;

describe('what cannot be reached', () => {
  it('is unreachable at once where the port is closed', async () => {
    const startedAt = performance.now();
    const sink = await send(`http://127.0.0.1:${await freePort()}`).over;
    expect([sink.order, sink.failure?.kind]).toEqual(['fail', 'unreachable']);
    expect(performance.now() - startedAt).toBeLessThan(100);
  });

  it('is unreachable where nobody knows the name', async () => {
    expect((await send('http://no-such-name.invalid/').over).failure?.kind).toBe('unreachable');
  });

  it('is a connect time-out, at that time, where connecting hangs', async () => {
    const deaf = await deafPort();
    const startedAt = performance.now();
    const sink = await send(`http://127.0.0.1:${deaf.port}`).over;
    const took = performance.now() - startedAt;
    await deaf.close();
    expect([sink.order, sink.failure?.kind]).toEqual(['fail', 'connect_timeout']);
    expect(sink.failure?.message).toContain('0.4 s (GATEWAY_CONNECT_TIMEOUT_SECONDS)');
    expect(took).toBeGreaterThan(340);
    expect(took).toBeLessThan(460);
  });

  it('is left within a moment when the call is cancelled while connecting', async () => {
    const deaf = await deafPort();
    const sockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length;
    const before = sockets();
    const sink = send(`http://127.0.0.1:${deaf.port}`);
    await sleep(20);
    expect(transport.connections()).toBe(1);
    expect(sockets()).toBeGreaterThan(before);
    sink.cancel();
    await sleep(10);
    expect(transport.connections()).toBe(0);
    expect(sockets()).toBe(before);
    await sleep(450);
    await deaf.close();
    expect(sink.told).toEqual([]);
  });

  it('tells no address, and no byte of an answer', async () => {
    for (const mode of ['reset', 'garbage:http09', 'truncated', 'reset-after:100']) {
      const { failure } = await play(mode);
      expect(failure?.message).not.toMatch(/127\.0\.0\.1|ECONN/);
      expect(JSON.stringify(failure?.cause, Object.getOwnPropertyNames(failure?.cause))).not.toMatch(/hello|Hello/);
    }
  });
});

describe('a reply that is none', () => {
  it.each([
    ['reset', 'fail', 'unreachable'],
    ['fin', 'fail', 'unreachable'],
    ['reset-head:1', 'fail', 'invalid'],
    ['reset-head:20', 'fail', 'invalid'],
    ['fin-head:20', 'fail', 'invalid'],
    ['reset-after:300', 'head data fail', 'interrupted'],
    ['reset-after:300,length', 'head data fail', 'interrupted'],
    ['reset-after:300,close', 'head data fail', 'interrupted'],
    ['reset-after:0,length', 'head fail', 'interrupted'],
    ['fin-after:300', 'head data fail', 'invalid'],
    ['fin-after:300,length', 'head data fail', 'invalid'],
    ['truncated', 'head data fail', 'invalid'],
    ['garbage:letters', 'fail', 'invalid'],
    ['garbage:nul', 'fail', 'invalid'],
    ['garbage:tls', 'fail', 'invalid'],
    ['garbage:http09', 'fail', 'invalid'],
    ['garbage:rtsp', 'fail', 'invalid'],
    ['garbage:icy', 'fail', 'invalid'],
    ['garbage:h2', 'fail', 'invalid'],
    ['garbage:smtp', 'fail', 'invalid'],
    ['header-bomb:big', 'fail', 'invalid'],
    ['header-bomb:many', 'fail', 'invalid'],
    ['informational:21', 'fail', 'invalid'],
    ['informational:1000,102', 'fail', 'invalid'],
    ['informational:1000,100', 'fail', 'invalid'],
    ['header-bomb:line', 'fail', 'invalid'],
    ['upgrade:plain', 'fail', 'invalid'],
    ['upgrade:headers', 'fail', 'invalid'],
    ['raw-status:000', 'fail', 'invalid'],
    ['raw-status:001', 'fail', 'invalid'],
    ['raw-status:099', 'fail', 'invalid'],
    ['raw-status:600', 'fail', 'invalid'],
    ['raw-status:999', 'fail', 'invalid'],
    ['raw-status:1000', 'fail', 'invalid'],
    ['raw-status:20', 'fail', 'invalid'],
    ['raw-status:-1', 'fail', 'invalid'],
    ['two-cl', 'fail', 'invalid'],
    ['cl-and-te', 'fail', 'invalid'],
    ['bad-chunk', 'head fail', 'invalid'],
    ['encoded:gzip', 'fail', 'invalid'],
    ['encoded:br', 'fail', 'invalid'],
    ['encoded:label', 'fail', 'invalid'],
    ['encoded:twice', 'fail', 'invalid'],
    ['encoded:transfer', 'fail', 'invalid'],
  ])('%s: %s, %s', async (mode, order, kind) => {
    for (const stream of [false, true]) {
      const startedAt = performance.now();
      const sink = await play(mode, stream);
      expect([sink.order, sink.failure?.kind]).toEqual([order, kind]);
      expect(performance.now() - startedAt).toBeLessThan(300);
    }
  });

  it('a thousand that are none leave the next one whole', async () => {
    for (let round = 0; round < 1_000; round++) expect((await play('raw-status:000')).failure?.kind).toBe('invalid');
    expect((await play('ok')).order).toBe('head data end');
  });
});

describe('a reply that is one', () => {
  it.each([
    'informational:1',
    'informational:20',
    'informational:20,102',
    'informational:1,100',
    'informational:3,100',
    'raw-status:599',
    'trailers:length',
    'trailers:plain',
    'trailers:encoding',
    'cl-shorter',
  ])('%s', async (mode) => {
    expect((await play(mode)).order).toBe('head data end');
  });

  it('cut into single bytes, with informational answers before it', async () => {
    const server = await rawServer((socket) => {
      const bytes = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
      let at = 0;
      const step = (): void => {
        if (at < bytes.length && !socket.destroyed) socket.write(bytes.charAt(at++), () => setImmediate(step));
      };
      step();
    });
    const sink = await send(server.url).over;
    await server.close();
    expect([sink.order, sink.status, sink.text]).toEqual(['head data end', 200, 'ok']);
  });

  it('without a body', async () => {
    expect((await play('raw-status:204')).status).toBe(204);
    const sink = await play('status:503,empty');
    expect([sink.order, sink.status]).toEqual(['head end', 503]);
  });

  it('whose headers carry names that hurt objects, of a repeated one the first', async () => {
    const { headers } = await play('header-bomb:odd-names');
    expect(Object.getPrototypeOf(headers)).toBeNull();
    expect(headers['__proto__']).toBe('polluted');
    expect(headers['constructor']).toBe('polluted');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    const server = await rawServer((socket) => socket.write('HTTP/1.1 200 OK\r\nX-A: one\r\nx-a: two\r\ncontent-length: 0\r\n\r\n'));
    expect((await send(server.url).over).headers['x-a']).toBe('one');
    await server.close();
  });

  it.each(['301', '302', '303', '307', '308'])('that redirects (%s) is told as it is, and not followed', async (code) => {
    for (const where of ['canary', 'same', 'slashes', 'file']) expect((await play(`redirect:${code},${where}`)).status).toBe(Number(code));
    expect(faults.ledger.of('__canary')).toEqual([]);
  });

  it('is told with the body byte for byte, and asked for with identity alone', async () => {
    const sink = await play('echo-digest');
    const [entry] = faults.ledger.entries;
    expect(sink.text).toContain(entry?.bodySha256);
    expect(entry).toMatchObject({ method: 'POST', path: '/echo-digest/v1/chat/completions', bodyBytes: request(false).body.length });
    expect(entry?.headers).toMatchObject({ 'accept-encoding': 'identity', 'content-type': 'application/json', host: `127.0.0.1:${faults.port}` });
    expect(entry?.headers).not.toHaveProperty('transfer-encoding');
  });

  it('of thirty megabytes costs no more memory than what is read at a time, when the sink stops it', async () => {
    const sink = send(faults.base('big-body:30000000'), false, new RecordingSink(1));
    await until(() => sink.chunks.length === 1);
    await sleep(100);
    const [entry] = faults.ledger.entries;
    expect(sink.chunks).toHaveLength(1);
    expect(entry?.state).toBe('running');
    sink.resume();
    await sink.over;
    expect(sink.text.length).toBeGreaterThan(30_000_000);
  });

  it('that was complete before the sink went on is told whole', async () => {
    for (const mode of ['big-body:60000', 'fin-after:60000,close']) {
      const sink = send(faults.base(mode), false, new RecordingSink(2));
      await until(() => sink.chunks.length === 1);
      await sleep(50);
      expect(sink.chunks).toHaveLength(1);
      sink.resume();
      await until(() => sink.chunks.length === 2 || sink.told.includes('end'));
      sink.resume();
      expect((await sink.over).order).toBe('head data end');
    }
  });
});

describe('connections', () => {
  it('are closed within a moment of a cancel, before the head and within the body', async () => {
    for (const mode of ['hang', 'ok-stream:1000,5']) {
      faults.ledger.clear();
      const sink = send(faults.base(mode), true);
      await until(() => faults.ledger.entries.length === 1);
      await sleep(30);
      const before = faults.ledger.now();
      sink.cancel();
      await until(() => faults.ledger.entries[0]?.peerClosedAt !== undefined);
      expect((faults.ledger.entries[0]?.peerClosedAt ?? Infinity) - before).toBeLessThan(30);
      expect(faults.ledger.entries[0]?.state).toBe('aborted');
    }
    expect(transport.connections()).toBe(0);
  });

  it('serve one call after the other once they have rested, and close when idle', async () => {
    await play('ok');
    await sleep(1_020);
    faults.ledger.clear();
    const opened = faults.ledger.connections;
    for (let call = 0; call < 5; call++) {
      await play('ok');
      await sleep(40);
    }
    expect(faults.ledger.connections).toBe(opened);
    await until(() => faults.ledger.openConnections === 0, 5_000);
    expect(transport.connections()).toBe(0);
  }, 10_000);

  it('closed by the server in the very moment of reuse are never seen', async () => {
    for (const mode of ['keep-alive-close:30', 'close-after', 'no-keep-alive']) {
      const outcomes = new Map<string, number>();
      const caller = async (): Promise<void> => {
        for (let call = 0; call < 150; call++) {
          const sink = await play(mode);
          const outcome = sink.failure?.kind ?? 'ok';
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
          await sleep(call % 7);
        }
      };
      await Promise.all(Array.from({ length: 8 }, caller));
      expect([...outcomes]).toEqual([['ok', 1_200]]);
    }
  }, 20_000);

  it('reset when a reused one is written to are tried once more on a fresh one, and only then', async () => {
    let requests = 0;
    const server = await rawServer((socket, before) => {
      requests++;
      if (before === 0) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      else socket.resetAndDestroy();
    });
    expect((await send(server.url).over).text).toBe('ok');
    await sleep(1_050);
    const sink = await send(server.url).over;
    expect([sink.order, sink.text, requests]).toEqual(['head data end', 'ok', 3]);
    await server.close();
    requests = 0;
    const broken = await rawServer((socket) => {
      requests++;
      socket.resetAndDestroy();
    });
    expect((await send(broken.url).over).failure?.kind).toBe('unreachable');
    expect(requests).toBe(1);
    await broken.close();
  });

  it('with a half-heard reply are not tried again', async () => {
    let requests = 0;
    const server = await rawServer((socket, before) => {
      requests++;
      socket.write(before === 0 ? 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok' : 'HTTP/1.1 2');
      if (before > 0) setTimeout(() => socket.resetAndDestroy(), 20);
    });
    await send(server.url).over;
    await sleep(1_050);
    expect((await send(server.url).over).failure?.kind).toBe('invalid');
    expect(requests).toBe(2);
    await server.close();
  });

  it.each([0, 1, 5, 20, 50, 150])('over which a second reply comes unasked, %i ms later, bring it to nobody', async (ms) => {
    const texts: string[] = [];
    const caller = async (): Promise<void> => {
      for (let call = 0; call < 50; call++) texts.push((await play(`unasked:${ms}`)).text);
    };
    await Promise.all(Array.from({ length: 4 }, caller));
    expect(texts).toHaveLength(200);
    expect(texts.filter((text) => text.includes('UNASKED'))).toEqual([]);
  });

  it('of a server that once spoke unasked serve one call each, for a minute', async () => {
    const clock = new HandClock();
    transport = new HttpTransport(live, clock);
    const asked = async (): Promise<string | undefined> => {
      await play('ok');
      clock.advance(2_000);
      return faults.ledger.entries.at(-1)?.headers['connection'];
    };
    expect([await asked(), await asked()]).toEqual(['keep-alive', 'keep-alive']);
    expect(faults.ledger.connections).toBe(1);
    await play('unasked:5');
    await sleep(30);
    expect([await asked(), await asked()]).toEqual(['close', 'close']);
    clock.advance(60_000);
    expect([await asked(), await asked()]).toEqual(['keep-alive', 'keep-alive']);
    expect(faults.ledger.connections).toBe(4);
  });

  it('after which bytes were left over are not used again', async () => {
    for (let call = 0; call < 20; call++) expect((await play('cl-shorter')).order).toBe('head data end');
    await sleep(50);
    expect(transport.connections()).toBe(0);
    expect(faults.ledger.connections).toBe(20);
  });

  it('of an upstream that left the settings end with their exchanges; a late call is served all the same', async () => {
    const url = faults.base('ok-stream:20,10');
    await send(url, true).over;
    const running = send(url, true);
    await until(() => running.chunks.length > 2);
    live.replace(settingsFrom({ GATEWAY_UPSTREAMS: 'mock=mock://local' }));
    expect(transport.connections()).toBe(0);
    expect((await running.over).order).toBe('head data end');
    await until(() => faults.ledger.openConnections === 0);
    expect((await send(url, true).over).order).toBe('head data end');
  });

  it('of an upstream that stays are kept over a change of settings', async () => {
    const url = faults.base('ok');
    live.replace(settingsFrom({ GATEWAY_UPSTREAMS: `u=${url}` }));
    await send(url).over;
    const opened = transport.connections();
    live.replace(settingsFrom({ GATEWAY_UPSTREAMS: `u=${url};v=${faults.base('slow')}` }));
    expect(transport.connections()).toBe(opened);
  });
});

interface RawServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Calls `answer` for each request; `before` counts those that came over the same connection. */
async function rawServer(answer: (socket: Socket, before: number) => void): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true }, (socket) => {
    let before = 0;
    sockets.add(socket);
    socket
      .on('error', () => undefined)
      .on('data', (bytes) => {
        if (bytes.includes('POST ')) answer(socket, before++);
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
