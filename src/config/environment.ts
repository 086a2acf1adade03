import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Findings } from './findings.js';
import { Place } from './place.js';

/** Kubernetes writes such variables for each service of a namespace: one named `gateway` writes ours. */
const SERVICE_LINK = /^GATEWAY_(?:.*_)?(?:SERVICE_HOST|SERVICE_PORT(?:_.*)?|PORT_\d+_.*)$|^GATEWAY_SERVICE_/;
const LINK_VALUE = /^(?:tcp|udp|sctp):\/\//;

/**
 * The process environment before `.env`. An empty variable counts as unset; links that Kubernetes wrote, and what is
 * reserved for tests, are not there at all.
 */
export class Environment {
  private readonly layers: readonly ReadonlyMap<string, string>[];

  constructor(sources: { readonly env: Readonly<Record<string, string | undefined>>; readonly cwd: string }, findings: Findings) {
    const links: string[] = [];
    this.layers = [sources.env, dotenv(sources.cwd, findings)].map((variables) => {
      const layer = new Map<string, string>();
      for (const [name, value] of Object.entries(variables)) {
        if (value === undefined || value === '' || name.startsWith('GATEWAY_TEST_')) continue;
        if (SERVICE_LINK.test(name) || (/^GATEWAY_(?:.*_)?PORT$/.test(name) && LINK_VALUE.test(value))) links.push(name);
        else layer.set(name, value);
      }
      return layer;
    });
    const [first] = links;
    if (first !== undefined)
      findings.warn(
        Place.variable(first),
        `and ${links.length - 1} more look like Kubernetes' service links and are ignored; set enableServiceLinks: false on the pod to be rid of them`,
      );
  }

  get(name: string): string | undefined {
    for (const layer of this.layers) if (layer.has(name)) return layer.get(name);
    return undefined;
  }

  /** The first of two variables that is set, nearest layer first; `both` when one layer sets both. */
  pick(name: string, other: string): { readonly name: string; readonly value: string } | 'both' | undefined {
    for (const layer of this.layers) {
      const [value, alternative] = [layer.get(name), layer.get(other)];
      if (value !== undefined && alternative !== undefined) return 'both';
      if (value !== undefined) return { name, value };
      if (alternative !== undefined) return { name: other, value: alternative };
    }
    return undefined;
  }

  /** Every name with the prefix, once. */
  names(prefix: string): Set<string> {
    return new Set(this.layers.flatMap((layer) => [...layer.keys()].filter((name) => name.startsWith(prefix))));
  }
}

function dotenv(folder: string, findings: Findings): Record<string, string | undefined> {
  try {
    return parseEnv(readFileSync(join(folder, '.env'), 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EISDIR')
      findings.mistake(Place.variable('.env'), '(not shown)', `cannot be read (${code ?? 'unknown error'})`, 'make it readable, or remove it');
    return {};
  }
}
