import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { GatewayError } from '../contracts/gateway-error.js';
import { ClientGone } from './client-gone.js';
import { type BodyLimits, readBody } from './read-body.js';

const LIMITS: BodyLimits = { bodyBytesMax: 1_000_000, bodyIdleTimeoutMs: 5_000 };

let limits: BodyLimits;
let server: Server;
let clients: Socket[];
/** What became of each request, in the order of their coming. */
let ends: Promise<Buffer | GatewayError>[];
let cameAtOnce: boolean[];
let incoming: IncomingMessage[];
let onArrival: () => void;

function receive(raw: IncomingMessage, response: ServerResponse, sendContinue?: () => void): void {
  incoming.push(raw);
  const read = async (): Promise<Buffer | GatewayError> => {
    // As behind the guard that comes first.
    await Promise.resolve();
    try {
      const body = readBody(raw, limits, sendContinue);
      cameAtOnce.push(!(body instanceof Promise));
      return await body;
    } catch (error) {
      if (error instanceof GatewayError) return error;
      throw error;
    } finally {
      response.writeHead(200, { 'content-length': 0 }).end();
    }
  };
  ends.push(read());
  onArrival();
}

beforeEach(async () => {
  [limits, clients, ends, cameAtOnce, incoming] = [LIMITS, [], [], [], []];
  onArrival = () => {};
  server = createServer({ requestTimeout: 0 }, (raw, response) => receive(raw, response));
  server.on('checkContinue', (raw: IncomingMessage, response: ServerResponse) => receive(raw, response, () => response.writeContinue()));
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  for (const client of clients) client.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

interface Client {
  readonly socket: Socket;
  readonly heard: () => string;
}

/** Sends a head, and what stands behind it, in one piece; resolves when the server has seen the head. */
async function send(head: string, body: string | Buffer = ''): Promise<Client> {
  const arrived = new Promise<void>((resolve) => (onArrival = resolve));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  clients.push(socket);
  let heard = '';
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1'))).on('error', () => {});
  socket.setNoDelay(true);
  socket.write(Buffer.concat([Buffer.from(`POST / HTTP/1.1\r\nHost: h\r\n${head}\r\n\r\n`), Buffer.from(body)]));
  await arrived;
  return { socket, heard: () => heard };
}

const ended = async (): Promise<Buffer | GatewayError> => (await ends[0]) as Buffer | GatewayError;
const chunked = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
const BYTES = Buffer.alloc(700_000, 'All work and no play. ');

it('a small body that came with its head is there at once, without a promise', async () => {
  await send('Content-Length: 13', '{"model":"m"}');
  expect(String(await ended())).toBe('{"model":"m"}');
  expect(cameAtOnce).toEqual([true]);
});

it('a body that came with its head leaves the connection ready for the next request', async () => {
  const { socket } = await send('Content-Length: 13', '{"model":"m"}');
  await ended();
  for (let tries = 0; tries < 100 && incoming[0]?.readableEnded !== true; tries++) await wait(1);
  expect(incoming[0]?.readableEnded).toBe(true);
  socket.write('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nsecond');
  for (let tries = 0; tries < 100 && ends.length < 2; tries++) await wait(1);
  expect(String(await ends[1])).toBe('second');
});

it.each(['Content-Length: 0', 'Content-Type: application/json'])('a request with %j has an empty body', async (head) => {
  await send(head);
  expect(await ended()).toEqual(Buffer.alloc(0));
});

it('a body that comes in one piece, later', async () => {
  const { socket } = await send('Content-Length: 5');
  await wait(10);
  socket.write('later');
  expect(String(await ended())).toBe('later');
});

it('a body of many pieces arrives whole, declared or chunked', async () => {
  const declared = await send(`Content-Length: ${BYTES.length}`, BYTES.subarray(0, 10));
  await wait(5);
  declared.socket.write(BYTES.subarray(10));
  const inChunks = await send('Transfer-Encoding: chunked', chunked(BYTES.subarray(0, 1)));
  await wait(5);
  for (let at = 1; at < BYTES.length; at += 99_999) inChunks.socket.write(chunked(BYTES.subarray(at, at + 99_999)));
  inChunks.socket.write('0\r\n\r\n');
  for (const end of ends) expect(BYTES.equals((await end) as Buffer)).toBe(true);
});

it('a body of very many tiny chunks costs little more than its length', async () => {
  const { socket } = await send('Transfer-Encoding: chunked');
  const tiny = Buffer.from('1\r\nx\r\n'.repeat(50_000));
  const before = process.memoryUsage();
  for (let sent = 0; sent < 400_000; sent += 50_000) socket.write(tiny);
  socket.write('0\r\n\r\n');
  expect((await ended()) as Buffer).toHaveLength(400_000);
  const after = process.memoryUsage();
  expect(after.external + after.arrayBuffers - before.external - before.arrayBuffers).toBeLessThan(16_000_000);
});

it('a declared length beyond the limit is refused before a byte of it is sent', async () => {
  const client = await send('Expect: 100-continue\r\nContent-Length: 1000001');
  expect(await ended()).toMatchObject({ code: 'request_too_large', status: 413 });
  await wait(10);
  expect(client.heard()).not.toContain('100 Continue');
});

it('the limit itself is within the limit', async () => {
  limits = { ...LIMITS, bodyBytesMax: 5 };
  await send('Content-Length: 5', '12345');
  await send('Transfer-Encoding: chunked', '5\r\n12345\r\n0\r\n\r\n');
  expect((await Promise.all(ends)).map(String)).toEqual(['12345', '12345']);
});

it.each([
  ['at once', ''],
  ['by and by', '3\r\nabc\r\n'],
])('an endless chunked body is refused as soon as it is too long, %s', async (_when, first) => {
  limits = { ...LIMITS, bodyBytesMax: 10 };
  const { socket } = await send('Transfer-Encoding: chunked', first === '' ? `b\r\n${'x'.repeat(11)}\r\n0\r\n\r\n` : first);
  if (first !== '') {
    await wait(5);
    socket.write('8\r\nabcdefgh\r\n');
  }
  expect(await ended()).toMatchObject({ code: 'request_too_large', message: expect.stringMatching(/at most 10 bytes.*GATEWAY_BODY_LIMIT_BYTES/) });
  expect(incoming[0]?.isPaused() || incoming[0]?.complete).toBe(true);
});

it('a client that falls silent in its body is told so', async () => {
  limits = { ...LIMITS, bodyIdleTimeoutMs: 60 };
  await send('Content-Length: 10', '{');
  const from = performance.now();
  expect(await ended()).toMatchObject({
    code: 'request_timeout',
    status: 408,
    message: expect.stringContaining('GATEWAY_BODY_IDLE_TIMEOUT_SECONDS'),
  });
  expect(performance.now() - from).toBeLessThan(1_000);
});

it('one that is slow, and never silent, is waited for', async () => {
  limits = { ...LIMITS, bodyIdleTimeoutMs: 150 };
  const { socket } = await send('Content-Length: 8');
  for (const sign of 'slowness') {
    await wait(40);
    socket.write(sign);
  }
  expect(String(await ended())).toBe('slowness');
});

it('what came in time is not lost because this process was busy', async () => {
  limits = { ...LIMITS, bodyIdleTimeoutMs: 50 };
  const { socket } = await send('Content-Length: 7', 'in');
  await wait(5);
  // From here the event loop comes to its timers before it comes to its sockets.
  await new Promise((resolve) => setImmediate(resolve));
  socket.write(' ti');
  const until = performance.now() + 150;
  while (performance.now() < until);
  await wait(10);
  socket.write('me');
  expect(String(await ended())).toBe('in time');
});

it.each<[string, (socket: Socket) => void]>([
  ['resets', (socket) => socket.resetAndDestroy()],
  ['ends', (socket) => socket.end()],
])('a client that %s in its body leaves no call behind', async (_how, leave) => {
  const { socket } = await send('Content-Length: 100', '{"model":"m"');
  await wait(5);
  leave(socket);
  expect(await ended()).toBeInstanceOf(ClientGone);
});

it('a client that left before its body was asked for is gone too', async () => {
  const { socket } = await send('Content-Length: 100');
  socket.destroy();
  await ended();
  const [raw] = incoming as [IncomingMessage];
  expect(() => readBody(raw, LIMITS)).toThrow(ClientGone);
});

it('a client that waits for leave to send gets it when its body is wanted', async () => {
  const client = await send('Expect: 100-continue\r\nContent-Length: 4');
  for (let tries = 0; tries < 100 && client.heard() === ''; tries++) await wait(2);
  expect(client.heard()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  client.socket.write('sent');
  expect(String(await ended())).toBe('sent');
});

it('leaves no listener and no timer behind, however it ends', async () => {
  const mine = (raw: IncomingMessage | undefined): number =>
    ['data', 'close', 'error'].reduce((sum, event) => sum + (raw?.listenerCount(event) ?? 0), 0);
  const timers = (): number => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
  const { socket } = await send('Content-Length: 5');
  await wait(5);
  const [listening, ticking] = [mine(incoming[0]), timers()];
  socket.write('whole');
  await ended();
  expect([listening - mine(incoming[0]), ticking - timers()]).toEqual([3, 1]);

  limits = { ...LIMITS, bodyIdleTimeoutMs: 40 };
  await send('Content-Length: 5');
  await ends[1];
  expect(incoming[1]?.listenerCount('data')).toBe(0);
});
