import { Environment } from '../../config/environment.js';
import { Findings } from '../../config/findings.js';
import { litellmUpstream } from '../../config/litellm-upstream.js';
import { Place } from '../../config/place.js';
import { ResolveUpstreams } from '../../config/resolve-upstreams.js';
import { SecretFiles } from '../../config/secret-files.js';
import { readUpstreamUrl } from '../../config/upstream-url.js';

export type UpstreamFields = ReadonlyMap<string, string | number>;

/** Variables that must be set for this upstream to lead anywhere, or why it does not even then. */
export type CheckedUpstream = { readonly needs: readonly string[] } | { readonly fault: string; readonly fix: string };

/** An upstream judged as a start would judge it, as if every variable it asks for were set: what passes here is no mistake there. */
export function checkedUpstream(name: string, fields: UpstreamFields): CheckedUpstream {
  const stand: Record<string, string> = {};
  const keyVariable = fields.get('api_key_env');
  if (keyVariable !== undefined) stand[String(keyVariable)] = 'key';
  const needs = neededBy(fields, stand);
  const findings = new Findings();
  // No folder: no `.env` is read.
  const environment = new Environment({ env: stand, cwd: '/dev/null' }, new Findings());
  const defaults = { firstByteTimeoutMs: 1000, concurrencyMax: 1, litellmProxyUrl: undefined };
  new ResolveUpstreams(environment, new SecretFiles('/dev/null'), defaults, findings).add(name, new Map(fields), Place.variable('upstreams'));
  const [mistake] = findings.mistakes;
  return mistake === undefined ? { needs } : { fault: mistake.reason, fix: mistake.fix };
}

/** Asks again with each variable that was missing, until none is. */
function neededBy(fields: UpstreamFields, stand: Record<string, string>): string[] {
  const url = readUpstreamUrl(String(fields.get('url')));
  if ('fault' in url || url.scheme !== 'litellm') return [];
  const option = (name: string): string | undefined => fields.get(name)?.toString();
  const options = { api_base: option('api_base'), vertex_project: option('vertex_project'), vertex_location: option('vertex_location') };
  const needs: string[] = [];
  for (;;) {
    const found = litellmUpstream(url.target, (variable) => stand[variable], undefined, options);
    if (!('fault' in found) || found.variable === undefined || needs.includes(found.variable)) return needs;
    needs.push(found.variable);
    stand[found.variable] = /BASE|URL|ENDPOINT/.test(found.variable) ? 'http://127.0.0.1:9' : 'name';
  }
}
