import { LITELLM_SETTINGS_ROWS } from './litellm-settings-rows.js';
import type { SettingRow, SettingRows } from './setting-row.js';

const common = (name: string): SettingRow => LITELLM_SETTINGS_ROWS[name] ?? { same: '' };
const TAGS = 'a call is routed by its model alone; give each tag a name of its own';
const RETRIES = 'what is tried again, and where, is decided by the kind of failure: see docs/reliability.md';

/** `router_settings`; what `litellm_settings` says too is taken from here. */
export const ROUTER_SETTINGS_ROWS: SettingRows = {
  routing_strategy: {
    becomes: '`route_policies`: `weighted`, by `weight`, `rpm` or `tpm`, else evenly',
    carry: (value, { report }) => {
      if (value.text !== 'simple-shuffle')
        report.leave(value, 'this strategy is not known here', 'names with several deployments are weighted, by weight, rpm or tpm, else evenly');
    },
  },
  num_retries: common('num_retries'),
  timeout: { becomes: '`request_timeout_seconds`, `total_timeout_seconds`', carry: (value, draft) => draft.seconds('timeout', value) },
  stream_timeout: {
    becomes: '`stream_idle_timeout_seconds`; the first event is waited for as `timeout` says',
    carry: (value, draft) => draft.seconds('streamIdle', value),
  },
  fallbacks: common('fallbacks'),
  default_fallbacks: common('default_fallbacks'),
  context_window_fallbacks: common('context_window_fallbacks'),
  content_policy_fallbacks: common('content_policy_fallbacks'),
  max_fallbacks: { same: 'each is tried once' },
  model_group_alias: { becomes: '`route_policies` of that name', carry: (value, draft) => draft.aliases(value) },
  allowed_fails: common('allowed_fails'),
  cooldown_time: common('cooldown_time'),
  disable_cooldowns: {
    becomes: '`circuit_breaker_max_failures: 1000000`',
    carry: (value, draft) => {
      if (value.value === true) draft.set('circuit_breaker_max_failures', 1_000_000);
    },
  },
  default_max_parallel_requests: {
    becomes: '`upstream_max_concurrency`',
    carry: (value, draft) => draft.number('parallel', value, 1, 1_000_000),
  },
  redis_url: { becomes: '`redis_url`', carry: (value, draft) => draft.redis(value) },
  redis_host: { becomes: '`redis_url`', carry: (value, draft) => draft.redis(value) },
  redis_port: { becomes: '`redis_url`', carry: (value, draft) => draft.redis(value) },
  redis_password: { becomes: '`GATEWAY_REDIS_URL`, not the file', carry: (value, draft) => draft.redis(value) },
  enable_pre_call_checks: {
    becomes: 'nothing to set: a prompt that a model refuses as too long goes on to its fallbacks',
    carry: (value, { report }) => {
      if (value.value === true)
        report.remind(value, 'windows are not reckoned before a call here; a prompt that a model refuses as too long goes on to its fallbacks');
    },
  },
  retry_policy: { instead: RETRIES },
  model_group_retry_policy: { instead: RETRIES },
  allowed_fails_policy: { instead: 'a circuit counts failures of the upstream alone: see docs/reliability.md' },
  retry_after: { instead: 'repeats wait for a random time that grows; an upstream that says Retry-After rests that long' },
  routing_strategy_args: { instead: 'the strategy it belongs to is not known here' },
  enable_tag_filtering: { instead: TAGS },
  tag_filtering_match_any: { instead: TAGS },
  cache_responses: { instead: 'answers are not kept here' },
  provider_budget_config: { instead: 'money is not counted here' },
  optional_pre_call_checks: { instead: 'calls that name an end user stay on their side of a route; nothing else is checked before a call' },
  set_verbose: common('set_verbose'),
};
