import type { UpstreamHeaders } from './upstream-transport.js';

/** A reply that comes in events, of whatever wire, and not as a whole. */
export function isEventStream(headers: UpstreamHeaders): boolean {
  return STREAMS.test(headers['content-type'] ?? '');
}

const STREAMS = /^\s*(?:text\/event-stream|application\/vnd\.amazon\.eventstream)\s*(?:;|$)/i;
