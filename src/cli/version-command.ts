import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { CliWorld } from './cli-world.js';

/** `nexus version`: the package's, and the runtime's. */
export async function versionCommand(args: string[], world: CliWorld): Promise<number> {
  parseArgs({ args, options: {} });
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  world.out(`nexus ${version} (Node ${process.versions.node})\n`);
  return 0;
}
