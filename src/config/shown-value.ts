import { isVariableName } from './is-variable-name.js';
import { maskKeys } from './mask-keys.js';

const LONGEST = 120;

/** What is told of a value that was found: never a secret, never a password inside an address, never a whole structure. */
export function shownValue(value: unknown, secret = false): string {
  if (value === undefined) return '(missing)';
  if (value === null) return 'null';
  if (value instanceof Map) return '(a map)';
  if (Array.isArray(value)) return '(a list)';
  if (secret) return '***';
  if (typeof value !== 'string') return String(value);
  const masked = maskKeys(value)
    .replace(/(^|\/\/)[^/?#]*@/g, '$1***@')
    .replace(/^([^#\s]*[/:.][^#\s]*#).+$/s, '$1***')
    .replace(/([?&])([^=&#]*)=([^&#]*)/g, (whole, mark: string, name: string, inner: string) => (isOpen(name, inner) ? whole : `${mark}${name}=***`));
  return JSON.stringify(masked.length > LONGEST ? `${masked.slice(0, LONGEST)}…` : masked);
}

function isOpen(option: string, value: string): boolean {
  return option === 'api_key_env' ? isVariableName(value) : OPEN_OPTIONS.has(option);
}

/** Query options whose values are no secret; whatever else stands in a query might be a key. */
const OPEN_OPTIONS = new Set([
  'model',
  'timeout',
  'max_concurrency',
  'pass_through_errors',
  'ttft',
  'tps',
  'error_rate',
  'status',
  'reply',
  'hang',
  'cut_after',
]);
