import type { ResilienceSettings, UpstreamSettings } from '../contracts/gateway-settings.js';
import { UpstreamFailure } from '../upstream/upstream-failure.js';

/** What was waited for when the time was up; `answer`, `end` and `reader`: the total time, before the first content, after it, and while the client did not read. */
export type Wait = 'first_byte' | 'first_content' | 'rest_of_answer' | 'next_event' | 'answer' | 'end' | 'reader';

/** The failure that a deadline becomes; its message names the setting that sets it. */
export function timeOut(wait: Wait, upstream: UpstreamSettings, resilience: ResilienceSettings): UpstreamFailure {
  switch (wait) {
    case 'first_byte':
      return failure('first_byte_timeout', 'did not begin to answer within', upstream.firstByteTimeoutMs, 'GATEWAY_REQUEST_TIMEOUT_SECONDS');
    case 'first_content':
      return failure(
        'first_byte_timeout',
        'began to answer and sent no content within',
        resilience.firstContentTimeoutMs,
        'GATEWAY_FIRST_CONTENT_TIMEOUT_SECONDS',
      );
    case 'rest_of_answer':
    case 'next_event':
      // Of a whole answer the client has seen nothing yet: another target can still be tried.
      return failure(
        wait === 'next_event' ? 'stalled' : 'first_byte_timeout',
        'fell silent in the middle of its answer for',
        resilience.streamIdleTimeoutMs,
        'GATEWAY_STREAM_IDLE_TIMEOUT_SECONDS',
      );
    case 'answer':
      return failure('first_byte_timeout', 'did not answer within', resilience.totalTimeoutMs, 'GATEWAY_TOTAL_TIMEOUT_SECONDS');
    case 'end':
      return failure('stalled', 'did not end its answer within', resilience.totalTimeoutMs, 'GATEWAY_TOTAL_TIMEOUT_SECONDS');
    case 'reader':
      return new UpstreamFailure(
        'unread',
        `The answer was not read to its end within ${resilience.totalTimeoutMs / 1000} s (GATEWAY_TOTAL_TIMEOUT_SECONDS).`,
      );
  }
}

function failure(kind: 'first_byte_timeout' | 'stalled', what: string, ms: number, setting: string): UpstreamFailure {
  return new UpstreamFailure(kind, `The upstream ${what} ${ms / 1000} s (${setting}).`);
}
