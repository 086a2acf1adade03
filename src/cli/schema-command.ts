import { parseArgs } from 'node:util';
import { settingsSchema } from '../config/settings-schema.js';
import type { CliWorld } from './cli-world.js';

/** `nexus schema`: for editors that complete and check YAML. */
export async function schemaCommand(args: string[], world: CliWorld): Promise<number> {
  parseArgs({ args, options: {} });
  world.out(`${JSON.stringify(await settingsSchema(), null, 2)}\n`);
  return 0;
}
