import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { builtGateway } from '../doubles/built-gateway.js';
import { freePort } from '../doubles/free-port.js';
import { send } from './send.js';
import { until } from './until.js';

/** More than the kernel holds for a reader that does not read. */
const CALLS = 1_500;
const LONG = `/${'a'.repeat(1_000)}`;

jest.setTimeout(30_000);

describe('a log that is a socket, as journald gives, of which nobody reads', () => {
  it.each(['1', '2'])('holds up no call and no end (GATEWAY_WORKERS=%s)', async (workers) => {
    const cwd = mkdtempSync(join(tmpdir(), 'nexus-log-'));
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    // What Node gives a child as a pipe is a pair of sockets.
    const child = spawn(resolve('node_modules/.bin/node'), [builtGateway()], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', GATEWAY_PORT: String(port), GATEWAY_WORKERS: workers },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const agent = new Agent({ keepAlive: true });
    const ended = once(child, 'exit');
    const last = setTimeout(() => child.kill('SIGKILL'), 20_000);
    try {
      const isReady = async (): Promise<boolean> =>
        fetch(`${url}/health/ready`).then(
          ({ ok }) => ok,
          () => false,
        );
      await until('it is ready', isReady, 15_000, 50);
      for (let call = 0; call < CALLS; call += 1) expect((await send(`${url}${LONG}`, { agent })).status).toBe(404);
      child.kill('SIGTERM');
      expect((await ended)[0]).toBe(0);
    } finally {
      clearTimeout(last);
      agent.destroy();
      child.kill('SIGKILL');
      await ended;
      rmSync(cwd, { recursive: true, force: true });
    }
  });
});
