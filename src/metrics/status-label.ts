import { STATUS_CODES } from 'node:http';

/** Beside those of the standard: a client that left, and a provider that is overloaded. */
const OURS = new Set([499, 529]);

/** A status as a label. An upstream's invention (418 to 499 come through) shares one label per class: `4xx`. */
export function statusLabel(status: number): string {
  if (STATUS_CODES[status] !== undefined || OURS.has(status)) return String(status);
  return status >= 100 && status <= 599 ? `${Math.floor(status / 100)}xx` : 'other';
}
