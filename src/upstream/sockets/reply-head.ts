import type { UpstreamHeaders } from '../upstream-transport.js';
import { HttpFault } from './http-fault.js';

/** The head of one reply, with what it says of the body and of the connection. */
export interface ReplyHead {
  /** 100 to 599. */
  readonly status: number;
  readonly headers: UpstreamHeaders;
  /** Bytes that follow; or the body counts its own chunks; or it goes on until the connection closes. */
  readonly body: number | 'chunked' | 'until close';
  /** How long the connection may be idle afterwards and still serve, milliseconds; 0: it may not. */
  readonly idleMs: number;
}

/**
 * Reads a head, given as latin1 without the empty line that ends it, by the letter of RFC 9112: what could be framed in two ways is
 * framed in none. Throws an `HttpFault`.
 */
export function readReplyHead(text: string): ReplyHead {
  if (STRAY_CONTROLS.test(text)) throw new HttpFault();
  const statusEnd = lineEnd(text, 0);
  const statusLine = STATUS_LINE.exec(text.slice(0, statusEnd));
  if (statusLine === null) throw new HttpFault();
  const status = Number(statusLine[2]);
  if (status < 100 || status > 599) throw new HttpFault('The upstream answered with a status that HTTP does not know.');
  const headers = Object.create(null) as Record<string, string>;
  let count = 0;
  for (let from = statusEnd + 2; from < text.length;) {
    if (++count > HEADERS_MAX) throw new HttpFault('The upstream sent too many headers.');
    const to = lineEnd(text, from);
    const colon = text.indexOf(':', from);
    const name = text.slice(from, colon).toLowerCase();
    if (colon < 0 || colon > to || !TOKEN.test(name)) throw new HttpFault();
    const value = trimmed(text, colon + 1, to);
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (LISTS.has(name)) headers[name] = `${before}, ${value}`;
    from = to + 2;
  }
  return { status, headers, body: bodyOf(status, headers), idleMs: idleMs(statusLine[1] === '1', headers) };
}

function bodyOf(status: number, headers: UpstreamHeaders): ReplyHead['body'] {
  const length = headers['content-length'];
  const encoding = headers['transfer-encoding']?.toLowerCase();
  if (isEncoded(headers['content-encoding']) || (encoding !== 'chunked' && isEncoded(encoding)))
    throw new HttpFault('The upstream compressed its answer, which it was not asked to.');
  if (length !== undefined && (encoding === 'chunked' || !LENGTH.test(length))) throw new HttpFault();
  if (status < 200 || status === 204 || status === 304) return 0;
  return encoding === 'chunked' ? 'chunked' : length === undefined ? 'until close' : Number(length);
}

function idleMs(isNewer: boolean, headers: UpstreamHeaders): number {
  const connection = headers['connection']?.toLowerCase() ?? '';
  if (connection.includes('close') || !(isNewer || connection.includes('keep-alive'))) return 0;
  const hint = /timeout=(\d{1,9})/i.exec(headers['keep-alive'] ?? '')?.[1];
  if (hint === undefined) return IDLE_MS;
  const hintedMs = Number(hint) * 1_000;
  return Math.min(hintedMs - Math.min(hintedMs / 2, HINT_MARGIN_MS), HINTED_IDLE_MS_MAX);
}

function isEncoded(value: string | undefined): boolean {
  return value !== undefined && !IDENTITY.test(value);
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\r\n', from);
  return end < 0 ? text.length : end;
}

/** Without the blanks around it; `trim` would take those away that are part of a value. */
function trimmed(text: string, from: number, to: number): string {
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

// eslint-disable-next-line no-control-regex -- control characters are what it is about
const STRAY_CONTROLS = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/;
const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: .*)?$/;
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const LENGTH = /^\d{1,15}$/;
const IDENTITY = /^(?:identity(?:, ?identity)*)?$/i;
/** Of other headers that come twice, the first counts; of these, all do. */
const LISTS = new Set(['content-length', 'transfer-encoding', 'content-encoding', 'connection']);
const HEADERS_MAX = 256;
/** Below the 5 s after which many servers close; a server that hints at another time is believed, within reason. */
const IDLE_MS = 3_500;
const HINTED_IDLE_MS_MAX = 30_000;
const HINT_MARGIN_MS = 2_000;
