import { hash } from 'node:crypto';
import { perSettings } from '../config/per-settings.js';
import { type Clock, monotonicClock } from '../contracts/clock.js';
import type { GatewaySettings, JwtSettings } from '../contracts/gateway-settings.js';
import { readCompactToken } from './compact-token.js';
import { ConfiguredKeys } from './configured-keys.js';
import { fetchKeySet } from './fetch-key-set.js';
import type { KeySet } from './key-set.js';
import { namedPrincipal } from './named-principal.js';
import { narrowedPrincipal } from './narrowed-principal.js';
import { RemoteKeySet } from './remote-key-set.js';
import { acceptedClaims } from './token-claims.js';
import { TokenVerifier, type TokenVerdict } from './token-verifier.js';
import { VerifiedTokens } from './verified-tokens.js';

/** Longer tokens are refused unread. Node takes 16 KiB of headers. */
const TOKEN_LENGTH_MAX = 8_192;
const VERIFIED_COUNT_MAX = 10_000;

/** Where time and keys come from. Tests bring their own. */
export interface JwtVerifierParts {
  readonly clock: Clock;
  /** Milliseconds of the epoch: what `exp` and `nbf` are measured against. */
  readonly wallClock: () => number;
  readonly keySetTimeoutMs: number;
}

const PARTS: JwtVerifierParts = { clock: monotonicClock, wallClock: Date.now, keySetTimeoutMs: 2_000 };

interface JwtTools {
  readonly jwt: JwtSettings;
  readonly configured: ConfiguredKeys;
  readonly remote: RemoteKeySet | undefined;
  readonly verified: VerifiedTokens;
}

/**
 * Verifies tokens: spelling and claims first, which cost little, then the signature, by the keys in the settings and after them by those of
 * the JWKS. Only a token that would be good but for its signature can make the gateway fetch anything. `report` gets a line when the
 * JWKS goes away and when it comes back.
 */
export class JwtVerifier extends TokenVerifier {
  private readonly tools = perSettings((settings) => this.derive(settings));
  private readonly parts: JwtVerifierParts;
  private lastRemote: { readonly url: string; readonly keys: RemoteKeySet } | undefined;

  constructor(
    private readonly report: (news: string) => void,
    parts: Partial<JwtVerifierParts> = {},
  ) {
    super();
    this.parts = { ...PARTS, ...parts };
  }

  override async verify(token: string, settings: GatewaySettings): Promise<TokenVerdict> {
    if (settings.auth.jwt === undefined || token.length > TOKEN_LENGTH_MAX) return 'refused';
    try {
      const tools = this.tools(settings);
      if (tools === undefined) return 'refused';
      const digest = hash('sha256', token, 'base64');
      const known = tools.verified.get(digest, this.nowSeconds());
      if (known && (known.keys === undefined || known.keys === (await tools.remote?.current()))) return known.principal;
      return await this.judge(token, digest, tools, settings);
    } catch {
      return 'refused';
    }
  }

  private async judge(token: string, digest: string, tools: JwtTools, settings: GatewaySettings): Promise<TokenVerdict> {
    const read = readCompactToken(token);
    if (read === undefined || !tools.jwt.algorithms.includes(read.algorithm)) return 'refused';
    const claims = acceptedClaims(read.claims, tools.jwt, this.nowSeconds());
    if (claims === undefined) return 'refused';

    let keys: KeySet | undefined;
    if (!(await tools.configured.verifies(token, read.algorithm))) {
      if (tools.remote === undefined || read.algorithm.startsWith('HS')) return 'refused';
      const verdict = await verifyRemotely(tools.remote, token, read.algorithm);
      if (typeof verdict === 'string') return verdict;
      keys = verdict;
    }
    const principal = narrowedPrincipal(namedPrincipal('subject', claims.subject, settings), claims);
    tools.verified.put(digest, { principal, notBefore: claims.notBefore, expiresAt: claims.expiresAt, keys });
    return principal;
  }

  private derive({ auth: { jwt } }: GatewaySettings): JwtTools | undefined {
    if (jwt === undefined) return undefined;
    return {
      jwt,
      configured: new ConfiguredKeys(jwt),
      remote: jwt.jwksUrl === undefined ? undefined : this.remoteKeys(jwt.jwksUrl),
      verified: new VerifiedTokens(VERIFIED_COUNT_MAX),
    };
  }

  /** A reload that leaves the address alone keeps the keys: it may come while the issuer is away. */
  private remoteKeys(url: string): RemoteKeySet {
    const { clock, keySetTimeoutMs } = this.parts;
    if (this.lastRemote?.url !== url) this.lastRemote = { url, keys: new RemoteKeySet(() => fetchKeySet(url, keySetTimeoutMs), clock, this.report) };
    return this.lastRemote.keys;
  }

  private nowSeconds(): number {
    return this.parts.wallClock() / 1000;
  }
}

/** The set that verified the token, or why none did. */
async function verifyRemotely(remote: RemoteKeySet, token: string, algorithm: string): Promise<KeySet | 'refused' | 'unavailable'> {
  let keys = await remote.current();
  if (keys === undefined) return 'unavailable';
  let verdict = await keys.verify(token, algorithm);
  if (verdict === 'unknown') {
    keys = await remote.otherThan(keys);
    if (keys === undefined) return 'refused';
    verdict = await keys.verify(token, algorithm);
  }
  return verdict === 'verified' ? keys : 'refused';
}
