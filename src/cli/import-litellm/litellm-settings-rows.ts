import type { ImportDraft } from './import-draft.js';
import type { LitellmValue } from './litellm-value.js';
import type { SettingRows } from './setting-row.js';

const KEYS = 'keys stand in api_keys, their models and limits in api_key_policies';
const BUDGET = 'money is not counted here; limit calls by rate_limit_per_minute and api_key_policies';
const CACHE = 'answers are not kept here; put a cache into the client or before the gateway';

const CALLBACKS = '`prometheus`: `/metrics`; `otel`: `OTEL_EXPORTER_OTLP_ENDPOINT` ([telemetry.md](telemetry.md#variables)); others are left out';

/** `prometheus` is what /metrics is here, `otel` the collector that a variable names; everything else is a service that LiteLLM reports to. */
function callbacks(value: LitellmValue, { report }: ImportDraft): void {
  for (const item of value.isList ? value.children : [value])
    if (item.text === 'otel')
      report.remind(item, 'set OTEL_EXPORTER_OTLP_ENDPOINT to your collector, for traces and metrics over http/protobuf: see docs/telemetry.md');
    else if (item.text !== 'prometheus')
      report.leave(
        item,
        'nothing is reported to this service by a way of its own',
        'one that takes OTLP may be named by OTEL_EXPORTER_OTLP_ENDPOINT (docs/telemetry.md); else collect /metrics and the log, one JSON line for each call',
      );
}

/** `litellm_settings` */
export const LITELLM_SETTINGS_ROWS: SettingRows = {
  num_retries: { becomes: '`max_attempts`, `retry_budget_percent`', carry: (value, draft) => draft.number('retries', value, 0, 99) },
  request_timeout: { becomes: '`request_timeout_seconds`, `total_timeout_seconds`', carry: (value, draft) => draft.seconds('timeout', value) },
  fallbacks: { becomes: '`fallbacks`', carry: (value, draft) => draft.fallbacks(value) },
  default_fallbacks: { becomes: '`fallbacks` of every name that has none', carry: (value, draft) => draft.defaultFallbacks(value) },
  context_window_fallbacks: {
    becomes: '`fallbacks`, where the same stand there: a prompt that is too long goes on to them',
    carry: (value, draft) => draft.contextFallbacks(value),
  },
  content_policy_fallbacks: { instead: 'what a provider refuses for its content is told to the client, never routed around' },
  allowed_fails: {
    becomes: '`circuit_breaker_max_failures` (in a row, not in a minute)',
    carry: (value, draft) => draft.number('fails', value, 0, 999_999),
  },
  cooldown_time: { becomes: '`circuit_breaker_reset_seconds`', carry: (value, draft) => draft.seconds('cooldown', value) },
  set_verbose: { becomes: '`log_level: debug`', carry: (value, draft) => draft.verbose(value) },
  json_logs: { same: 'the log is JSON' },
  telemetry: { same: 'nothing is sent to anybody' },
  turn_off_message_logging: { same: 'neither prompts nor answers are logged' },
  redact_user_api_key_info: { same: 'who called is logged as a short hash' },
  drop_params: {
    becomes: 'nothing to set: what each wire drops, and what it refuses by name, stands in [providers.md](providers.md)',
    carry: (value, { report }) => {
      if (value.value !== false)
        report.remind(value, 'some parameters are dropped here and some refused by name, each wire its own: see docs/providers.md');
    },
  },
  modify_params: { instead: 'a request that a provider refuses is refused; mend it in the client' },
  callbacks: { becomes: CALLBACKS, carry: callbacks },
  success_callback: { becomes: CALLBACKS, carry: callbacks },
  failure_callback: { becomes: CALLBACKS, carry: callbacks },
  service_callbacks: { becomes: CALLBACKS, carry: callbacks },
  cache: { instead: CACHE },
  cache_params: { instead: CACHE },
  enable_caching_on_provider_specific_optional_params: { instead: CACHE },
  max_budget: { instead: BUDGET },
  budget_duration: { instead: BUDGET },
  max_internal_user_budget: { instead: BUDGET },
  internal_user_budget_duration: { instead: BUDGET },
  max_end_user_budget: { instead: BUDGET },
  default_team_settings: { instead: KEYS },
  default_internal_user_params: { instead: KEYS },
  default_key_generate_params: { instead: KEYS },
  upperbound_key_generate_params: { instead: KEYS },
  key_generation_settings: { instead: KEYS },
  guardrails: { instead: 'nothing judges prompts and answers here; put a guard before the gateway' },
  ssl_verify: { instead: 'name a certificate authority of your own by NODE_EXTRA_CA_CERTS' },
  force_ipv4: { instead: 'both are tried, as the name resolves' },
};
