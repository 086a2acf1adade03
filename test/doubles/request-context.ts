import { loadSettings } from '../../src/config/load-settings.js';
import type { RequestContext } from '../../src/contracts/request-context.js';

/** A request of which only the named parts matter: a chat call that nothing is known of yet. */
export function requestContext(part: Partial<RequestContext> = {}): RequestContext {
  return {
    requestId: 'req-1',
    startedAt: 0,
    settings: part.settings ?? loadSettings({ env: {}, cwd: '/nonexistent' }).settings,
    endpoint: 'chat_completions',
    principal: undefined,
    call: undefined,
    rateLimitHeaders: undefined,
    upstream: 'none',
    attempts: 0,
    fallback: false,
    waitedMs: 0,
    ttftMs: undefined,
    usage: undefined,
    usageEstimated: false,
    errorCode: undefined,
    reserveBody: () => true,
    ...part,
  };
}
