import type { SettingRows } from './setting-row.js';

const DATABASE = 'there is no database: settings are files, and an edit is put in force while running';
const KEYS = 'keys stand in api_keys, their models and limits in api_key_policies';
const ALERTS = 'alerts are rules of Prometheus: config/prometheus/rules.yml';
const TOKENS = 'tokens are verified by jwt_jwks_url, jwt_public_key or jwt_secret, with jwt_issuer and jwt_audience';
const HEALTH = 'circuits learn from real calls';
const MIB = 1024 * 1024;

/** `general_settings` */
export const GENERAL_SETTINGS_ROWS: SettingRows = {
  master_key: { becomes: '`GATEWAY_API_KEYS`, not the file', carry: (value, draft) => draft.masterKey(value) },
  max_parallel_requests: { becomes: '`upstream_max_concurrency`', carry: (value, draft) => draft.number('parallel', value, 1, 1_000_000) },
  global_max_parallel_requests: { instead: 'the gateway sheds load by its own measure (503 overloaded)' },
  max_request_size_mb: { becomes: '`body_limit_bytes`', carry: (value, draft) => draft.bytes('body_limit_bytes', value, MIB) },
  max_response_size_mb: { becomes: '`response_limit_bytes`', carry: (value, draft) => draft.bytes('response_limit_bytes', value, MIB) },
  database_url: { instead: DATABASE },
  database_connection_pool_limit: { instead: DATABASE },
  database_connection_timeout: { instead: DATABASE },
  store_model_in_db: { instead: `${DATABASE}; models that stand in LiteLLM's database alone are not seen by this import` },
  allow_requests_on_db_unavailable: { same: 'there is no database' },
  disable_spend_logs: { same: 'there are none' },
  proxy_batch_write_at: { same: 'there is no database' },
  store_prompts_in_spend_logs: { instead: 'prompts are never written' },
  key_management_system: { instead: 'a secret may be given as a file: api_keys_file, and …_FILE for any variable' },
  custom_auth: { instead: `${KEYS}; ${TOKENS}` },
  enable_jwt_auth: { instead: TOKENS },
  litellm_jwtauth: { instead: TOKENS },
  enable_oauth2_auth: { instead: TOKENS },
  alerting: { instead: ALERTS },
  alerting_args: { instead: ALERTS },
  alerting_threshold: { instead: ALERTS },
  alert_types: { instead: ALERTS },
  background_health_checks: { same: HEALTH },
  health_check_interval: { same: HEALTH },
  health_check_details: { same: HEALTH },
  completion_model: { instead: 'a call must name its model' },
  infer_model_from_keys: { instead: 'name each model' },
  enforce_user_param: { instead: 'a call need not name its end user' },
  forward_client_headers_to_llm_api: { instead: 'a short list of headers goes on: see Headers in README.md' },
  pass_through_endpoints: { instead: 'no other paths are served; call that address directly' },
  allowed_routes: { instead: 'only inference, models, health and metrics are served' },
  allowed_ips: { instead: 'let the network decide who reaches the gateway' },
  ui_access_mode: { instead: 'there is no page to administer with' },
};
