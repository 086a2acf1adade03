import { once } from 'node:events';
import { createServer as createHttpServer, get, type Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { Listeners } from './listeners.js';

const onLinux = process.platform === 'linux' ? describe : describe.skip;
if (process.platform !== 'linux') process.stderr.write('SKIPPED: several listeners on one address are for Linux alone\n');

onLinux('listeners', () => {
  let server: HttpServer;
  let listeners: Listeners;
  const others: (Server | HttpServer)[] = [];

  function house(): HttpServer {
    const made = createHttpServer((_request, response) => response.end('here'));
    others.push(made);
    return made;
  }

  async function open(on: HttpServer, port: number, count: number): Promise<Listeners> {
    const opened = new Listeners(on);
    await opened.open({ host: '127.0.0.1', port, backlog: 100 }, count, async (options) => {
      on.listen(options);
      await once(on, 'listening');
    });
    return opened;
  }

  const portOf = (on: HttpServer | Server): number => (on.address() as AddressInfo).port;
  const ask = (port: number): Promise<string> =>
    new Promise((resolve, reject) =>
      get({ port, host: '127.0.0.1', agent: false }, (response) => response.on('data', (text: Buffer) => resolve(text.toString()))).on(
        'error',
        reject,
      ),
    );

  beforeEach(async () => {
    server = house();
    listeners = await open(server, 0, 8);
  });

  afterEach(() => {
    listeners.close();
    for (const other of others.splice(0)) {
      if ('closeAllConnections' in other) other.closeAllConnections();
      other.close();
    }
  });

  it('whoever comes is served by the one server, whichever of them took the connection', async () => {
    const direct = jest.fn();
    server.on('connection', direct);
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask(portOf(server))));
    expect(answers.every((answer) => answer === 'here')).toBe(true);
    expect(direct).toHaveBeenCalledTimes(200);
    const own = await new Promise<number>((resolve, reject) =>
      server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
    );
    expect(own).toBeLessThan(200);
  });

  it('takes several connections in one turn', async () => {
    const port = portOf(server);
    let turns = 0;
    const times: number[] = [];
    server.on('connection', () => times.push(turns));
    const asked = Array.from({ length: 64 }, () => ask(port));
    // All of them stand in the queue by now: connecting needs nobody to take them.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const counting = (): void => {
      turns += 1;
      if (times.length < 64) setImmediate(counting);
    };
    counting();
    await Promise.all(asked);
    const most = Math.max(...[...new Set(times)].map((turn) => times.filter((time) => time === turn).length));
    expect(most).toBeGreaterThan(1);
  });

  it('none takes a connection once they are closed, and what stands goes on', async () => {
    const port = portOf(server);
    const held = new Promise<string>((resolve, reject) => {
      server.removeAllListeners('request');
      server.on('request', (_request, response) => setTimeout(() => response.end('late'), 100));
      ask(port).then(resolve, reject);
    });
    await once(server, 'request');
    listeners.close();
    await expect(ask(port)).rejects.toThrow('ECONNREFUSED');
    expect(await held).toBe('late');
  });

  it('serves with fewer where no more are to be had', async () => {
    const alone = house();
    const opened = new Listeners(alone);
    await opened.open({ host: '127.0.0.1', port: 0, backlog: 100 }, 8, async ({ host, port, backlog }) => {
      alone.listen({ host, port, backlog });
      await once(alone, 'listening');
    });
    expect(await ask(portOf(alone))).toBe('here');
    opened.close();
  });

  it('an address that another has is refused, even where it would be shared', async () => {
    await expect(open(house(), portOf(server), 8)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const plain = createServer().listen(0, '127.0.0.1');
    others.push(plain);
    await once(plain, 'listening');
    await expect(open(house(), portOf(plain), 8)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await expect(open(house(), portOf(plain), 1)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
