import type { ImportDraft } from './import-draft.js';

/** What LiteLLM's router does where nothing is written. */
const RETRIES = 2;
const DAY_SECONDS = 86_400;
const WAIT_SECONDS = 600;

/** Retries, time-outs and circuits in our words. `longestPlan`: upstreams that one call may come to; `longestName`: those of one name alone. */
export function setResilience(draft: ImportDraft, longestPlan: number, longestName: number): void {
  const { numbers } = draft;
  const retries = numbers.get('retries') ?? RETRIES;
  const attempts = Math.min(100, Math.max(retries + 1, longestName) + longestPlan - longestName);
  draft.set('max_attempts', attempts);
  if (retries === 0) draft.set('retry_budget_percent', 0);

  const timeout = numbers.get('timeout');
  draft.set('request_timeout_seconds', timeout ?? WAIT_SECONDS);
  const total = Math.min(DAY_SECONDS, Math.max(WAIT_SECONDS, (timeout ?? WAIT_SECONDS) * attempts));
  draft.set('total_timeout_seconds', total);
  const streamIdle = numbers.get('streamIdle');
  if (streamIdle !== undefined) draft.set('stream_idle_timeout_seconds', Math.min(streamIdle, total));

  const fails = numbers.get('fails');
  if (fails !== undefined && !draft.settings.has('circuit_breaker_max_failures')) draft.set('circuit_breaker_max_failures', fails + 1);
  const cooldown = numbers.get('cooldown');
  if (cooldown !== undefined) draft.set('circuit_breaker_reset_seconds', cooldown);
  const parallel = numbers.get('parallel');
  if (parallel !== undefined) draft.set('upstream_max_concurrency', parallel);
}
