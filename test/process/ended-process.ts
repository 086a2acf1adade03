import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { builtGateway } from '../doubles/built-gateway.js';

export interface EndedProcess {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
}

/** The built gateway with these settings, run until it ends by itself or by `after`; killed after 15 seconds. */
export async function endedGateway(env: Readonly<Record<string, string>>, after: (pid: number) => void = () => undefined): Promise<EndedProcess> {
  const main = builtGateway();
  const cwd = mkdtempSync(join(tmpdir(), 'nexus-ended-'));
  const startedAt = performance.now();
  const child = spawn(resolve('node_modules/.bin/node'), [main], {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const last = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await once(child, 'spawn');
  after(child.pid ?? 0);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearTimeout(last);
  rmSync(cwd, { recursive: true, force: true });
  return { code, signal, stdout, stderr, tookMs: performance.now() - startedAt };
}
