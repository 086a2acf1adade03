import type { UpstreamHeaders } from './upstream-transport.js';

/** The reply says that it is a stream of server-sent events, whatever was asked for. */
export function isEventStream(headers: UpstreamHeaders): boolean {
  return /^\s*text\/event-stream\s*(;|$)/i.test(headers['content-type'] ?? '');
}
