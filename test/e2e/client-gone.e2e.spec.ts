import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { describeWithRedis } from '../doubles/installed-redis.js';
import { type RedisProcess, startRedis } from '../doubles/redis-process.js';
import { type RunningGateway, runGateway } from '../doubles/running-gateway.js';
import { FaultUpstream } from '../faults/fault-upstream.js';
import type { LedgerEntry } from '../faults/ledger.js';

const PHASES = [
  ['an answer is waited for', 'slow:5000', false],
  ['the head of a stream is waited for', 'hang', true],
  ['the first word of a stream is waited for', 'silent-pings:50', true],
  ['a stream flows', 'endless:5', true],
  ['a stream has stopped for a while', 'stall-after:3', true],
] as const;
const MODES = [...PHASES.map(([, mode]) => mode), 'slow:300', 'ok-stream:20,15', 'endless:0', 'big-body:40000000', 'ok'];

describe('a client that leaves', () => {
  let fault: FaultUpstream;
  let gateway: RunningGateway;
  let sent = 0;

  beforeAll(async () => {
    fault = await FaultUpstream.start();
    gateway = await runGateway({
      GATEWAY_UPSTREAMS: MODES.map((mode, index) => `model-${index}=${fault.base(encodeURIComponent(mode))}`).join(';'),
      GATEWAY_FALLBACKS: MODES.slice(1)
        .map((_, index) => `model-${index + 1}=model-0`)
        .join(';'),
      GATEWAY_API_KEY_POLICIES: '{"dev-key":{"rate_limit_per_minute":0}}',
      GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '1',
      GATEWAY_WRITE_STALL_SECONDS: '0.5',
      GATEWAY_SSE_PING_SECONDS: '0.05',
    });
  });

  afterAll(async () => {
    await gateway.stop();
    await fault.close();
  });

  const model = (mode: string): string => `model-${MODES.indexOf(mode as (typeof MODES)[number])}`;
  const until = async (holds: () => boolean, withinMs = 2_000): Promise<void> => {
    for (const end = performance.now() + withinMs; !holds() && performance.now() < end;) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  /** The line of the last chat, once it is written. */
  const chats = (): readonly Readonly<Record<string, unknown>>[] => gateway.lines.filter(({ path }) => path === '/v1/chat/completions');
  const lastLine = async (): Promise<unknown> => {
    await until(() => chats().length >= sent, 5_000);
    expect(chats()).toHaveLength(sent);
    return chats().at(-1);
  };
  /** A connection that has asked, once the upstream has heard of it. */
  const ask = async (mode: string, stream: boolean, version = '1.1'): Promise<{ socket: Socket; heard: () => string; entry: LedgerEntry }> => {
    const body = JSON.stringify({ model: model(mode), stream, messages: [] });
    const before = fault.ledger.of(mode).length;
    const socket = connect({ port: Number(new URL(gateway.url).port), host: '127.0.0.1', allowHalfOpen: true });
    let heard = '';
    socket.on('data', (bytes) => (heard += bytes.toString()));
    socket.on('error', () => undefined);
    const head = `POST /v1/chat/completions HTTP/${version}\r\nHost: gateway\r\nAuthorization: Bearer dev-key\r\nContent-Type: application/json\r\n`;
    socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
    sent += 1;
    await until(() => fault.ledger.of(mode).length > before);
    const entry = fault.ledger.of(mode).at(-1);
    if (entry === undefined) throw new Error(`${mode} was not asked`);
    return { socket, heard: () => heard, entry };
  };

  describe.each(PHASES)('while %s', (_phase, mode, stream) => {
    it.each(['FIN', 'RST'] as const)('by %s takes the upstream’s work with it, and is nobody’s failure', async (kind) => {
      const { socket, entry } = await ask(mode, stream);
      await new Promise((resolve) => setTimeout(resolve, 80));
      expect(entry.state).toBe('running');
      const leftAt = fault.ledger.now();
      if (kind === 'RST') socket.resetAndDestroy();
      else socket.destroy();
      await until(() => entry.peerClosedAt !== undefined);
      expect((entry.peerClosedAt ?? Infinity) - leftAt).toBeLessThanOrEqual(500);
      const line = await lastLine();
      expect(line).toMatchObject({ status: 499, upstream: model(mode), model: model(mode), attempts: 1, fallback: false, stream });
      expect(await gateway.metric('nexus_in_flight_requests')).toBe(0);
      expect(await gateway.metric(`nexus_circuit_state{upstream="${model(mode)}"}`)).toBe(0);
    });
  });

  it.each([
    ['1.1', 'slow:300', false],
    ['1.1', 'ok-stream:20,15', true],
    ['1.0', 'slow:300', false],
    ['1.0', 'ok-stream:20,15', true],
  ] as const)('no: one that has only said everything (HTTP/%s, %s) hears the whole answer', async (version, mode, stream) => {
    const { socket, heard } = await ask(mode, stream, version);
    const closed = new Promise((resolve) => socket.once('end', resolve));
    socket.end();
    await closed;
    expect(heard()).toContain('200 OK');
    expect(heard()).toContain(stream ? 'data: [DONE]' : 'Hello from the fault server.');
    expect(await lastLine()).toMatchObject({ status: 200 });
  });

  it('is noticed by what it does not read, which costs little meanwhile', async () => {
    const { socket, entry } = await ask('endless:0', true);
    socket.pause();
    // The buffers of the kernel have to be filled first.
    await until(() => entry.peerClosedAt !== undefined, 12_000);
    expect(entry.peerClosedAt).toBeDefined();
    // The kernel's buffers on four ends of two connections, and little of ours.
    expect(entry.sentBytes).toBeLessThan(24_000_000);
    expect(await lastLine()).toMatchObject({ status: 499, upstream: model('endless:0') });
    socket.destroy();
  }, 15_000);

  it('is noticed too when a whole answer lies unread', async () => {
    const { socket } = await ask('big-body:40000000', false);
    socket.pause();
    expect(await lastLine()).toMatchObject({ status: 499 });
    socket.destroy();
  });

  it('leaves nothing of a call on a connection that serves the next one', async () => {
    const sockets: Socket[] = [];
    gateway.server.once('connection', (socket: Socket) => sockets.push(socket));
    const body = JSON.stringify({ model: model('ok'), messages: [] });
    const head = 'POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer dev-key\r\nContent-Type: application/json\r\n';
    const call = `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
    const client = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    let answers = 0;
    client.on('data', (bytes) => (answers += bytes.toString().split('HTTP/1.1 200').length - 1));
    const listeners: number[] = [];
    for (let asked = 1; asked <= 12; asked += 1) {
      client.write(call);
      sent += 1;
      await until(() => answers >= asked);
      await lastLine();
      listeners.push(['end', 'close', 'drain', 'error', 'data'].reduce((sum, name) => sum + (sockets[0]?.listenerCount(name) ?? NaN), 0));
    }
    client.destroy();
    expect(answers).toBe(12);
    expect(new Set(listeners).size).toBe(1);
  });

  it('is counted once: requests, lines of the log and the metrics agree', async () => {
    await lastLine();
    const lines = chats();
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    const total = (name: string, where = ''): number =>
      text
        .split('\n')
        .filter((line) => line.startsWith(`${name}{`) && line.includes(where))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
    expect(total('nexus_requests_total', 'endpoint="chat_completions"')).toBe(sent);
    expect(lines).toHaveLength(sent);
    expect(total('nexus_requests_total', 'status="499"')).toBe(lines.filter(({ status }) => status === 499).length);
    expect(total('nexus_upstream_attempts_total')).toBe(fault.ledger.entries.length);
    expect(total('nexus_upstream_attempts_total', 'outcome="client_gone"')).toBeGreaterThanOrEqual(PHASES.length * 2);
    expect(total('nexus_circuit_opened_total')).toBe(0);
  });
});

describeWithRedis('a client that leaves while its limit is asked of a Redis that hangs', () => {
  let fault: FaultUpstream;
  let redis: RedisProcess;
  let gateway: RunningGateway;

  beforeEach(async () => {
    [fault, redis] = await Promise.all([FaultUpstream.start(), startRedis()]);
    gateway = await runGateway({
      GATEWAY_UPSTREAMS: `slow=${fault.base('slow:8000')};endless=${fault.base('endless:5')};ok=mock://local`,
      GATEWAY_REDIS_URL: redis.url,
    });
  });

  afterEach(async () => {
    redis.wake();
    await gateway.stop();
    await Promise.all([fault.close(), redis.stop()]);
  });

  const said = (model: string, stream: boolean): string => {
    const body = JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'hi' }] });
    return `POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer dev-key\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  };
  const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
    for (const end = performance.now() + 4_000; !(await holds()) && performance.now() < end;) await wait(10);
  };

  it.each([
    ['RST', 'endless', true],
    ['RST', 'slow', false],
    ['FIN', 'endless', true],
    ['FIN', 'slow', false],
  ] as const)('by %s takes its call with it (%s)', async (kind, model, stream) => {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    await until(async () => (await gateway.metric('nexus_redis_up')) === 1);
    socket.write(said('ok', false));
    await once(socket, 'data');
    redis.hang();
    socket.write(said(model, stream));
    await wait(30);
    if (kind === 'RST') socket.resetAndDestroy();
    else socket.destroy();
    // Nothing of the call is left, whether it was still sent or not.
    const chats = (): readonly unknown[] => gateway.lines.filter(({ path }) => path === '/v1/chat/completions');
    await until(() => chats().length === 2);
    await wait(200);
    await until(() => fault.ledger.entries.every(({ peerClosedAt }) => peerClosedAt !== undefined));
    expect(fault.ledger.entries.map(({ peerClosedAt }) => peerClosedAt !== undefined)).not.toContain(false);
    expect(chats()).toMatchObject([{ status: 200 }, { status: 499 }]);
    expect(await gateway.metric('nexus_in_flight_requests')).toBe(0);
  });
});
