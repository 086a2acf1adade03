import { parseArgs } from 'node:util';
import { checkedSettings } from './checked-settings.js';
import type { CliWorld } from './cli-world.js';

/** `nexus check [FILE]`: every problem at once, or a short summary. Opens no socket. */
export async function checkCommand(args: string[], world: CliWorld): Promise<number> {
  const { positionals } = parseArgs({ args, allowPositionals: true, options: {} });
  const loaded = checkedSettings(positionals[0], world);
  if (typeof loaded === 'number') return loaded;
  const { server, auth, limits, routing } = loaded.settings;
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
  ];
  lines.push(...loaded.overrides.map((line) => `  override   ${line}`));
  world.out(`${lines.join('\n')}\n`);
  return 0;
}
