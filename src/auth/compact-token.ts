import { isUtf8 } from 'node:buffer';
import { duplicateJsonKey } from '../config/duplicate-json-key.js';

/** A token taken apart; nothing in it is to be believed before its signature was checked. */
export interface CompactToken {
  readonly algorithm: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

const KEY_ID_LENGTH_MAX = 1_024;
/** What may stand in `typ`: a token of another kind (an id_token, a logout token) is signed by the same keys and is no leave to call. */
const TYPES = new Set(['jwt', 'at+jwt', 'application/jwt', 'application/at+jwt']);

/**
 * A signed JWT in three parts, in the only spelling it has: base64url without padding or stray bits, UTF-8, JSON objects without duplicate
 * names. undefined for anything else, for an encrypted or compressed one, and for one with a critical extension, since none is spoken here.
 * `jku`, `x5u`, `jwk` and `x5c` are never read: where keys come from is the operator's word alone.
 */
export function readCompactToken(text: string): CompactToken | undefined {
  const first = text.indexOf('.');
  const second = text.indexOf('.', first + 1);
  if (first < 1 || second < 0 || text.includes('.', second + 1)) return undefined;
  const header = jsonObject(text.slice(0, first));
  const claims = jsonObject(text.slice(first + 1, second));
  if (header === undefined || claims === undefined || bytes(text.slice(second + 1)) === undefined) return undefined;

  const { alg, typ, kid } = header;
  if (typeof alg !== 'string') return undefined;
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > KEY_ID_LENGTH_MAX)) return undefined;
  if (typ !== undefined && (typeof typ !== 'string' || !TYPES.has(typ.toLowerCase()))) return undefined;
  for (const name of ['crit', 'b64', 'zip', 'enc']) if (Object.hasOwn(header, name)) return undefined;
  return { algorithm: alg, claims };
}

function jsonObject(part: string): Readonly<Record<string, unknown>> | undefined {
  const json = bytes(part);
  if (json === undefined || !isUtf8(json)) return undefined;
  const text = json.toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && duplicateJsonKey(text) === undefined ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Node's decoder forgives padding, other alphabets and stray bits; writing the bytes again shows whether it had to. */
function bytes(part: string): Buffer | undefined {
  const decoded = Buffer.from(part, 'base64url');
  return part !== '' && decoded.toString('base64url') === part ? decoded : undefined;
}
