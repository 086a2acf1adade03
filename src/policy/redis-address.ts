export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

export interface RedisAddress {
  readonly kind: 'single' | 'sentinel' | 'cluster';
  readonly nodes: readonly RedisNode[];
  /** Of a sentinel's master; empty otherwise. */
  readonly masterName: string;
  readonly database: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly sentinelPassword: string | undefined;
  readonly tls: boolean;
  readonly family: 4 | 6 | undefined;
}

const FORM = /^(redis|rediss|redis\+sentinel|redis\+cluster):\/\/(?:([^@/?#]*)@)?([^@/?#]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/;
const NODE = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/;

/**
 * Reads GATEWAY_REDIS_URL, whose form the settings have checked. Options in the query: `tls=true` (sentinels and clusters),
 * `sentinel_password`, `family=6`. Throws, without showing the address, on what is none.
 */
export function redisAddress(url: string): RedisAddress {
  const [, scheme = '', user = '', hosts = '', path = '', query = ''] = FORM.exec(url) ?? [];
  if (scheme === '') throw new Error('GATEWAY_REDIS_URL is no address of Redis');
  const kind = scheme === 'redis+sentinel' ? 'sentinel' : scheme === 'redis+cluster' ? 'cluster' : 'single';
  const options = new URLSearchParams(query);
  const parts = path.split('/').filter((part) => part !== '');
  const colon = user.indexOf(':');
  const family = options.get('family');
  return {
    kind,
    nodes: hosts.split(',').map((text) => nodeOf(text, kind === 'sentinel' ? 26_379 : 6379)),
    masterName: kind === 'sentinel' ? decoded(parts[0] ?? '') : '',
    database: Number((kind === 'sentinel' ? parts[1] : parts[0]) ?? 0),
    username: (colon < 0 ? decoded(user) : decoded(user.slice(0, colon))) || undefined,
    password: colon < 0 ? undefined : decoded(user.slice(colon + 1)) || undefined,
    sentinelPassword: options.get('sentinel_password') ?? undefined,
    tls: scheme === 'rediss' || options.get('tls') === 'true',
    family: family === '4' ? 4 : family === '6' ? 6 : undefined,
  };
}

function nodeOf(text: string, defaultPort: number): RedisNode {
  const [, bracketed, plain = '', port] = NODE.exec(text) ?? [];
  return { host: bracketed ?? plain, port: port === undefined ? defaultPort : Number(port) };
}

/** A password with a bare `%` is meant as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
