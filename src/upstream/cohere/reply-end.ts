import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import type { JsonObject } from '../openai/json-value.js';
import { providerError } from '../openai/provider-error.js';
import { reportedFailure } from '../reported-failure.js';
import { readFinish } from './read-finish.js';
import { readUsage } from './read-usage.js';

/** How a reply ended. `end`: what holds `finish_reason`, `usage`, and `error` where Cohere gave up. */
export function replyEnd(end: JsonObject, calledTools: boolean, upstream: UpstreamSettings | undefined, events: NeutralEvent[]): void {
  const reason = readFinish(end['finish_reason'], calledTools);
  const usage = readUsage(end['usage']);
  if (usage !== undefined) events.push(usage);
  if (reason === 'failed') events.push({ kind: 'failure', failure: reportedFailure(providerError({ error: end['error'] }), end, upstream) });
  else events.push({ kind: 'finish', choice: 0, reason, stopSequence: undefined });
}
