import { parseArgs } from 'node:util';
import type { LoadedSettings } from '../config/load-settings.js';
import type { ConfigFile } from '../config/yaml-settings.js';
import { checkedSettings } from './checked-settings.js';
import type { CliWorld } from './cli-world.js';
import { tellProblemsAsJson } from './problems-as-json.js';

const MISUSE = 64;

/**
 * `nexus check [FILE]`: every problem at once, or a short summary. Opens no socket. `-` is standard input; `--json`: problems as objects, and
 * nothing else. Ends with 0 when the settings are valid, warnings or not, with 78 when they are not.
 */
export async function checkCommand(args: string[], world: CliWorld): Promise<number> {
  const { positionals, values } = parseArgs({ args, allowPositionals: true, options: { json: { type: 'boolean' } } });
  const [name, ...more] = positionals;
  if (more.length > 0) {
    world.err('check wants one FILE at most: nexus check [FILE] [--json]\n');
    return MISUSE;
  }
  const file = await configFile(name, world);
  if (values.json === true) return tellProblemsAsJson(file, world);
  const loaded = checkedSettings(file, world);
  if (typeof loaded === 'number') return loaded;
  world.out(summaryOf(loaded));
  return 0;
}

async function configFile(name: string | undefined, { input }: CliWorld): Promise<ConfigFile | undefined> {
  if (name === undefined) return undefined;
  return name === '-' ? { name: '<stdin>', bytes: (await input?.()) ?? new Uint8Array() } : { name };
}

function summaryOf({ settings, overrides }: LoadedSettings): string {
  const { server, auth, limits, routing } = settings;
  const { jwt } = auth;
  const tokens = jwt && [jwt.secret && 'secret', jwt.publicKey && 'public key', jwt.jwksUrl && 'key set'].filter(Boolean).join(', ');
  const lines = [
    `settings are valid`,
    `  listen     ${server.host}:${server.port}, ${server.workers} process${server.workers === 1 ? '' : 'es'}`,
    `  upstreams  ${[...routing.upstreams.keys()].join(', ')}${routing.defaultUpstream === undefined ? '' : ` (default ${routing.defaultUpstream})`}`,
    `  routes     ${[...routing.routes.keys()].join(', ') || 'none'}`,
    `  fallbacks  ${[...routing.fallbacks].map(([from, to]) => `${from} → ${to.join(', ')}`).join('; ') || 'none'}`,
    `  access     ${auth.usesDefaultKey ? 'the default key' : `${auth.apiKeys.length} key${auth.apiKeys.length === 1 ? '' : 's'}`}${tokens ? `, tokens (${tokens})` : ''}`,
    `  limit      ${limits.ratePerMinute === 0 ? 'none' : `${limits.ratePerMinute} a minute`}, ${limits.redisUrl === undefined ? 'in memory' : 'in Redis'}`,
    ...overrides.map((line) => `  override   ${line}`),
  ];
  return `${lines.join('\n')}\n`;
}
