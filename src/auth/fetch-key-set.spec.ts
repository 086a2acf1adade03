import { gzipSync } from 'node:zlib';
import { KeySetServer } from '../../test/doubles/key-set-server.js';
import { fetchKeySet } from './fetch-key-set.js';

const TIMEOUT_MS = 300;

describe('fetchKeySet', () => {
  const issuer = new KeySetServer();
  const canary = new KeySetServer();
  const fetchIt = () => fetchKeySet(issuer.url, TIMEOUT_MS);

  beforeAll(() => Promise.all([issuer.start(), canary.start()]));
  afterAll(() => Promise.all([issuer.stop(), canary.stop()]));

  it('brings the text as it was sent', async () => {
    issuer.answer = (_request, response) => void response.end(' {"keys":[]}\n');
    await expect(fetchIt()).resolves.toBe(' {"keys":[]}\n');
  });

  it('asks for no compression and keeps no connection', async () => {
    let headers: object = {};
    issuer.answer = (request, response) => {
      headers = request.headers;
      response.end('{}');
    };
    await fetchIt();
    expect(headers).toMatchObject({ 'accept-encoding': 'identity', connection: 'close' });
  });

  it.each([301, 302, 303, 307, 308])('follows no redirect: %d', async (status) => {
    canary.serve([]);
    issuer.answer = (_request, response) => void response.writeHead(status, { location: canary.url }).end();
    await expect(fetchIt()).rejects.toThrow(new Error(`status ${status}`));
    expect(canary.hits).toBe(0);
  });

  it('obeys no proxy of the environment', async () => {
    issuer.serve([]);
    const names = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];
    const before = names.map((name) => process.env[name]);
    for (const name of names) process.env[name] = `http://127.0.0.1:${canary.port}`;
    try {
      await expect(fetchIt()).resolves.toBe('{"keys":[]}');
    } finally {
      for (const [index, name] of names.entries()) {
        const value = before[index];
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
    expect(canary.hits).toBe(0);
  });

  it.each([204, 206, 304, 401, 404, 500, 503])('takes no answer but 200: %d', async (status) => {
    issuer.answer = (_request, response) => void response.writeHead(status).end();
    await expect(fetchIt()).rejects.toThrow(new Error(`status ${status}`));
  });

  it('decompresses nothing: a bomb stays as small as it came', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, '{'));
    issuer.answer = (_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    expect((await fetchIt()).length).toBeLessThanOrEqual(bomb.length);
  });

  it('reads no more than 256 KiB', async () => {
    let sent = 0;
    issuer.answer = (_request, response) => {
      response.writeHead(200);
      const push = (): void => {
        for (let room = true; room && !response.destroyed && sent < 100_000_000; sent += 65_536) room = response.write(Buffer.alloc(65_536, ' '));
        if (!response.destroyed) response.once('drain', push);
      };
      push();
    };
    await expect(fetchIt()).rejects.toThrow(new Error('no usable answer'));
    expect(sent).toBeLessThan(20_000_000);
  });

  it('waits no longer than it may, for an answer that never begins and for one that drips', async () => {
    const begin = performance.now();
    issuer.answer = () => {};
    await expect(fetchIt()).rejects.toThrow(new Error('no answer in time'));
    const timers: NodeJS.Timeout[] = [];
    issuer.answer = (_request, response) => {
      response.writeHead(200);
      timers.push(setInterval(() => response.write(' '), 50));
    };
    await expect(fetchIt()).rejects.toThrow(new Error('no answer in time'));
    timers.forEach((timer) => clearInterval(timer));
    expect(performance.now() - begin).toBeLessThan(TIMEOUT_MS * 2 + 400);
  });

  it('tells of a failure a word, and nothing of the request', async () => {
    issuer.answer = (request) => void request.socket.resetAndDestroy();
    const error: unknown = await fetchIt().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(Object.keys(error as Error)).toEqual([]);
    expect((error as Error).cause).toBeUndefined();
    expect((error as Error).message).toBe('ECONNRESET');
  });
});
