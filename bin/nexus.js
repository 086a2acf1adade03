#!/usr/bin/env node
// Plain JavaScript that Node 20 can run: finds the runtime that came with the packages and hands over to the built command line.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const self = realpathSync(fileURLToPath(import.meta.url));
const root = dirname(dirname(self));
const built = join(root, 'dist', 'cli', 'main.js');
const runtime = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const args = [self, ...process.argv.slice(2)];

if (!existsSync(built)) {
  process.stderr.write('nexus is not built yet: run "npm run build" first\n');
  process.exitCode = 1;
} else if (major >= 24) {
  await import('../dist/cli/main.js');
} else if (existsSync(runtime) && process.execPath !== realpathSync(runtime)) {
  // Where Node can, this process becomes the other; elsewhere it only carries signals and the exit code.
  if (process.execve) process.execve(realpathSync(runtime), [runtime, ...args]);
  const child = spawn(runtime, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143);
  });
} else if (major === 22 && minor >= 19) {
  await import('../dist/cli/main.js');
} else {
  process.stderr.write(`nexus needs Node 24; this is ${process.version}, and none came with the packages: install Node 24\n`);
  process.exitCode = 1;
}
