import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { builtGateway } from './built-gateway.js';
import { freePort } from './free-port.js';
import { StartedChild } from './started-child.js';

export interface GatewayProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Lines of stdout so far. */
  logs(): string[];
  stderr(): string;
  /** The exit code, or null when a signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** The built gateway as a process of its own on a free port of loopback, ready to serve. Sees no `.env` and no setting but those given. */
export async function startGateway(env: Readonly<Record<string, string>>): Promise<GatewayProcess> {
  const main = builtGateway();
  const port = Number(env['GATEWAY_PORT'] ?? (await freePort()));
  const url = `http://127.0.0.1:${port}`;
  const cwd = mkdtempSync(join(tmpdir(), 'nexus-gateway-'));
  try {
    const child = await StartedChild.start(resolve('node_modules/.bin/node'), ['--enable-source-maps', '--max-semi-space-size=8', main], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', GATEWAY_HOST: '127.0.0.1', GATEWAY_PORT: String(port), ...env },
      readyUrl: `${url}/health/ready`,
      readyWithinMs: 15_000,
    });
    return {
      url,
      port,
      pid: child.pid,
      logs: () => child.stdout.split('\n').filter((line) => line !== ''),
      stderr: () => child.stderr,
      stop: async (signal) => {
        const code = await child.stop(signal);
        rmSync(cwd, { recursive: true, force: true });
        return code;
      },
    };
  } catch (error) {
    rmSync(cwd, { recursive: true, force: true });
    throw error;
  }
}
