import type { UpstreamHeaders } from './upstream-transport.js';

/**
 * How long a provider asks to be left alone, in milliseconds, 0 to 60,000; undefined when it did not say, or not so that it can be understood.
 * `retry-after-ms`, then `retry-after`, then the reset times of the limits that it says are used up. A date is measured against the
 * provider's own `date`, so that its clock need not agree with ours; `wallMs` is ours, for when there is none.
 */
export function retryAfterMs(headers: UpstreamHeaders, wallMs = Date.now()): number | undefined {
  const now = dateMs(headers['date'] ?? '') ?? wallMs;
  const asked = milliseconds(headers['retry-after-ms']) ?? waitMs(headers['retry-after'], now) ?? resetMs(headers, now);
  return asked === undefined ? undefined : Math.min(Math.max(Math.ceil(asked), 0), MS_MAX);
}

const MS_MAX = 60_000;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e\+?\d{1,2})?$/i;
/** From here on a number of seconds is no span but a moment: seconds since 1970, or milliseconds. */
const EPOCH_SECONDS_MIN = 1e9;
const EPOCH_MS_MIN = 1e12;

function milliseconds(text: string | undefined): number | undefined {
  const number = first(text);
  return NUMBER.test(number) ? Number(number) : (duration(number) ?? undefined);
}

function waitMs(text: string | undefined, now: number): number | undefined {
  const value = first(text);
  if (NUMBER.test(value)) {
    const number = Number(value);
    if (number >= EPOCH_MS_MIN) return number - now;
    if (number >= EPOCH_SECONDS_MIN) return number * 1_000 - now;
    return number * 1_000;
  }
  const at = dateMs((text ?? '').trim());
  return duration(value) ?? (at === undefined ? undefined : at - now);
}

/** Of a header that came twice and was joined, the first; without quotes. */
function first(text: string | undefined): string {
  const value = (text ?? '').trim().replace(/^"(.*)"$/, '$1');
  return (/^[^,;]*/.exec(value)?.[0] ?? '').trim();
}

/** `2s`, `1m30s`, `6m0s`, `449.99ms`, `2 seconds`. */
function duration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?\s*[a-z]+\s*)+$/i.test(text) || text.length > 64) return undefined;
  let total = 0;
  for (const [, amount, word = ''] of text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/gi)) {
    const unit = UNIT_MS[unitOf(word.toLowerCase())];
    if (unit === undefined) return undefined;
    total += Number(amount) * unit;
  }
  return total;
}

function unitOf(word: string): string {
  if (/^(ms|msecs?|millis|milliseconds?)$/.test(word)) return 'ms';
  if (/^(s|secs?|seconds?)$/.test(word)) return 's';
  if (/^(m|mins?|minutes?)$/.test(word)) return 'm';
  if (/^(h|hrs?|hours?)$/.test(word)) return 'h';
  return /^(d|days?)$/.test(word) ? 'd' : '';
}

/** HTTP's three spellings of a date, and RFC 3339. `Date.parse` alone would take far more for a date. */
function dateMs(text: string): number | undefined {
  if (!/\d{1,2}:\d{2}:\d{2}/.test(text) || text.length > 64) return undefined;
  const zoned = /(GMT|UTC|Z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text} GMT`;
  const at = Date.parse(zoned.replace(/^[A-Za-z]+day, (\d{2})-([A-Za-z]{3})-(\d{2}) /, '$1 $2 20$3 '));
  return Number.isNaN(at) ? undefined : at;
}

/** The longest reset among the limits that have nothing left; when none says so, the shortest that is not over. */
function resetMs(headers: UpstreamHeaders, now: number): number | undefined {
  let usedUp: number | undefined;
  let shortest: number | undefined;
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith('x-ratelimit-reset')) continue;
    const wait = waitMs(value, now);
    if (wait === undefined || wait <= 0) continue;
    if (Number(headers[name.replace('-reset', '-remaining')] ?? NaN) <= 0) usedUp = Math.max(usedUp ?? 0, wait);
    shortest = Math.min(shortest ?? Infinity, wait);
  }
  return usedUp ?? shortest;
}
