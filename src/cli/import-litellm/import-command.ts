import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Environment } from '../../config/environment.js';
import { Findings } from '../../config/findings.js';
import type { CliWorld } from '../cli-world.js';
import { importLitellm } from './import-litellm.js';
import { UnreadableConfig } from './litellm-config.js';

const MISUSE = 64;
const UNREADABLE = 65;
const MISSING = 66;
const NOT_WRITTEN = 73;

/**
 * `nexus import litellm FILE`: our settings on stdout or into `--out F`, what was not carried over on stderr. Ends with 0, with 1 under `--strict` when
 * something was left out, 65 when the file means nothing, 66 when there is none, 73 when the new one stands there already or cannot be written.
 */
export async function importCommand(args: string[], { env, cwd, out, err }: CliWorld): Promise<number> {
  const flag = { type: 'boolean' } as const;
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { out: { type: 'string' }, force: flag, strict: flag } });
  const [from, file, ...more] = positionals;
  if (from !== 'litellm' || file === undefined || more.length > 0) {
    err('import wants: import litellm FILE [--out F] [--force] [--strict]\n');
    return MISUSE;
  }
  try {
    const environment = new Environment({ env, cwd }, new Findings());
    const { text, report } = importLitellm(resolve(cwd, file), (name) => environment.get(name));
    if (values.out === undefined) out(text);
    else if (!written(resolve(cwd, values.out), text, values.force === true)) {
      err(`${JSON.stringify(values.out)} stands there already, or cannot be written: choose another name, or write over it by --force\n`);
      return NOT_WRITTEN;
    }
    for (const line of report.reminders) err(`to do: ${line}\n`);
    for (const line of report.left) err(`left out: ${line}\n`);
    if (report.variables.size > 0) err(`reads: ${[...report.variables].toSorted().join(', ')}\n`);
    return values.strict === true && report.left.length > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof UnreadableConfig)) throw error;
    err(`${error.message}\n`);
    return error.missing ? MISSING : UNREADABLE;
  }
}

/** Never over a file that stands there, unless that is asked for. */
function written(path: string, text: string, force: boolean): boolean {
  try {
    writeFileSync(path, text, { flag: force ? 'w' : 'wx' });
    return true;
  } catch {
    return false;
  }
}
