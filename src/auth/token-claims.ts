import type { JwtSettings } from '../contracts/gateway-settings.js';

/** The claims that count here, of a token that is acceptable but for its signature. Times are seconds of the epoch. */
export interface TokenClaims {
  readonly subject: string;
  readonly notBefore: number;
  /** Leeway included: from then on it is refused. */
  readonly expiresAt: number;
  readonly allowedModels: readonly string[] | undefined;
  readonly rateLimitPerMinute: number | undefined;
}

const LEEWAY_SECONDS = 60;
/** The end of the year 9999. Beyond it stand milliseconds taken for seconds, and tokens that were meant never to end. */
const SECONDS_MAX = 253_402_300_799;
/** As for the setting of that name. */
const RATE_MAX = 1_000_000_000;

/** Judges everything a token says of itself, for every kind of key alike; a claim of the wrong kind refuses the token. */
export function acceptedClaims(claims: Readonly<Record<string, unknown>>, jwt: JwtSettings, nowSeconds: number): TokenClaims | undefined {
  const { sub, exp, nbf, iat, iss, aud, allowed_models: models, rate_limit_per_minute: rate } = claims;
  if (typeof sub !== 'string' || sub === '' || !sub.isWellFormed()) return undefined;
  if (!isTime(exp) || !(nbf === undefined || isTime(nbf)) || !(iat === undefined || isTime(iat))) return undefined;
  const expiresAt = exp + LEEWAY_SECONDS;
  const notBefore = Math.max(nbf ?? 0, iat ?? 0) - LEEWAY_SECONDS;
  if (nowSeconds >= expiresAt || nowSeconds < notBefore) return undefined;
  if (jwt.issuer !== undefined && iss !== jwt.issuer) return undefined;
  if (jwt.audience !== undefined && !(aud === jwt.audience || (isTexts(aud) && aud.includes(jwt.audience)))) return undefined;
  if (saysItIsNoAccessToken(claims)) return undefined;
  if (models !== undefined && !isTexts(models)) return undefined;
  if (rate !== undefined && !isRate(rate)) return undefined;
  return { subject: sub, notBefore, expiresAt, allowedModels: models, rateLimitPerMinute: rate };
}

/** Issuers that sign id_tokens with the same keys mark them: Keycloak by `typ`, Cognito by `token_use`, all by the hashes of OpenID Connect. */
function saysItIsNoAccessToken(claims: Readonly<Record<string, unknown>>): boolean {
  const { typ, token_use: use } = claims;
  if (typ !== undefined && !(typeof typ === 'string' && ['bearer', 'jwt', 'at+jwt'].includes(typ.toLowerCase()))) return true;
  return (use !== undefined && use !== 'access') || Object.hasOwn(claims, 'at_hash') || Object.hasOwn(claims, 'c_hash');
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= SECONDS_MAX;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

function isRate(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= RATE_MAX;
}
