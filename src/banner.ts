import type { GatewaySettings } from './contracts/gateway-settings.js';

/** For the person who started it: where it is, what it serves, and one call to copy. Holds no key but the default one. */
export function banner({ server, auth, routing, limits }: GatewaySettings, port: number): string {
  const shown = server.host === '0.0.0.0' || server.host === '::' ? 'localhost' : server.host.includes(':') ? `[${server.host}]` : server.host;
  const url = `http://${shown}:${port}`;
  const names = [...routing.upstreams.keys()];
  const upstreams = names.length > SHOWN ? `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more` : names.join(', ');
  const model = [...routing.routes.keys(), ...names][0] ?? 'mock';
  const key = auth.usesDefaultKey ? 'dev-key' : '$YOUR_KEY';
  const access = [
    auth.usesDefaultKey ? 'the default key dev-key (set GATEWAY_API_KEYS before anybody else can reach this)' : `${auth.apiKeys.length} configured`,
    ...(auth.jwt === undefined ? [] : ['JWT']),
  ];
  const rows = [
    ['listening on', `${url}${server.workers > 1 ? ` (${server.workers} workers)` : ''}`],
    ...(server.docs ? [['docs', `${url}/docs`]] : []),
    ['metrics', `${url}/metrics`],
    ['upstreams', upstreams],
    ['keys', access.join(', ')],
    ['limits', limits.redisUrl === undefined ? 'in memory' : 'in Redis'],
  ];
  const call = `curl -X POST ${url}/v1/chat/completions -H "X-API-Key: ${key}" -H "Content-Type: application/json" -d '{"model":${JSON.stringify(model)},"messages":[{"role":"user","content":"hello"}]}'`;
  return `\nNexus Gateway\n${rows.map(([label = '', text = '']) => `  ${label.padEnd(13)} ${text}`).join('\n')}\n\n  try it:\n  ${call}\n\n`;
}

const SHOWN = 8;
