import { KeyPolicyFile } from './key-policy-file.js';
import { CanaryRouteFile, WeightedRouteFile } from './route-file.js';
import { Setting } from './setting.js';
import { choice, flag, fraction, list, mapOf, seconds, text, whole, wholeOrAuto } from './setting-kind.js';
import { jsonMapFromText, namedListFromText } from './text-values.js';
import { UpstreamFile } from './upstream-file.js';

const UPSTREAMS = namedListFromText('mock=mock://local;llama=http://localhost:8001?model=llama-3.1-8b', '{ mock: "mock://local" }');
const FALLBACKS = namedListFromText('llama=gpt-4o-mini,mock', '{ llama: [gpt-4o-mini, mock] }');
const POLICIES = jsonMapFromText(
  '{"my-key":{"allowed_models":["chat"],"rate_limit_per_minute":30}}',
  '{ my-key: { allowed_models: [chat], rate_limit_per_minute: 30 } }',
);
const ROUTES = jsonMapFromText(
  '{"chat":{"strategy":"canary","primary":"a","canary":"b","percent":5}}',
  '{ chat: { strategy: canary, primary: a, canary: b, percent: 5 } }',
);
const COUNT_MAX = 1_000_000_000;
const BYTES_MAX = 2 ** 31 - 1;

/**
 * Every setting, as the YAML file spells it; `GATEWAY_` and the name in capitals is its environment variable.
 * Defaults, documentation and the JSON Schema are made from this class: nothing about a setting is written twice.
 */
export class SettingsFile {
  @Setting(list('keys', 'key-one,key-two', /[,\n]/), 'Keys that clients may present. The default serves only while bound to loopback.', {
    secret: true,
  })
  api_keys: string[] = ['dev-key'];

  @Setting(text('a path', '/run/secrets/api-keys'), 'File that holds `api_keys`, separated by commas or line breaks.', { fileOf: 'api_keys' })
  api_keys_file?: string;

  @Setting(whole(0, COUNT_MAX, 60), 'Calls a minute for each key. 0 is unlimited.')
  rate_limit_per_minute: number = 60;

  @Setting(whole(1, 1_000_000, 5), "Consecutive failures that open an upstream's circuit.")
  circuit_breaker_max_failures: number = 5;

  @Setting(seconds(30), 'Time a circuit stays open until one probe is let through.')
  circuit_breaker_reset_seconds: number = 30;

  @Setting(fraction(0, 100, 50), 'Share of failed calls that opens a circuit as well. 0 is off.')
  circuit_breaker_failure_percent: number = 0;

  @Setting(seconds(10), 'Longest time an attempt may take to its first byte of answer.')
  request_timeout_seconds: number = 10;

  @Setting(mapOf(() => ['text', UpstreamFile], 'names to addresses', UPSTREAMS), 'Where calls may go: `name=url;name=url`.')
  upstreams: Map<string, unknown> = new Map([['mock', 'mock://local']]);

  @Setting(text("an upstream's name", 'mock'), 'Where a model that nothing else matches goes.')
  default_upstream?: string;

  @Setting(
    mapOf(() => ['list', 'text'], 'names to upstreams', FALLBACKS),
    'Upstreams to try next, in order: `llama=gpt-4o-mini,mock;…`. Left: a name a client may ask for, or an upstream.',
  )
  fallbacks: Map<string, unknown> = new Map();

  @Setting(
    text('an address: redis://, rediss://, redis+sentinel:// or redis+cluster://', 'redis://127.0.0.1:6379/0'),
    'Redis that shares limits between replicas. Without it: in memory.',
    { secret: true },
  )
  redis_url?: string;

  @Setting(text('a path', '/run/secrets/redis-url'), 'File that holds `redis_url`.', { fileOf: 'redis_url' })
  redis_url_file?: string;

  @Setting(
    mapOf(() => [KeyPolicyFile], 'keys (or subjects of tokens) to policies', POLICIES),
    "What a key, or a token's `sub`, may do. In the environment: JSON.",
    { secret: true },
  )
  api_key_policies: Map<string, unknown> = new Map();

  @Setting(text('a path', '/run/secrets/policies.json'), 'File that holds `api_key_policies` as JSON.', { fileOf: 'api_key_policies' })
  api_key_policies_file?: string;

  @Setting(
    mapOf(() => [WeightedRouteFile, CanaryRouteFile], 'names to routes', ROUTES),
    'Names that are served by several upstreams in shares. In the environment: JSON.',
  )
  route_policies: Map<string, unknown> = new Map();

  @Setting(text('a secret', 'at-least-32-bytes-of-randomness!!'), 'Secret that verifies tokens signed with HS256, HS384 or HS512.', { secret: true })
  jwt_secret?: string;

  @Setting(text('a path', '/run/secrets/jwt-secret'), 'File that holds `jwt_secret`.', { fileOf: 'jwt_secret' })
  jwt_secret_file?: string;

  @Setting(
    text('a public key in PEM', '-----BEGIN PUBLIC KEY-----…'),
    'Public key (PEM) that verifies tokens. Line breaks may be written as `\\n`.',
    { secret: true },
  )
  jwt_public_key?: string;

  @Setting(text('a path', '/run/secrets/jwt.pem'), 'File that holds `jwt_public_key`.', { fileOf: 'jwt_public_key' })
  jwt_public_key_file?: string;

  @Setting(
    text('an address', 'https://issuer.example.com/.well-known/jwks.json'),
    'Address of a key set (JWKS) that verifies tokens. Plain http only on loopback.',
  )
  jwt_jwks_url?: string;

  @Setting(list('algorithms', 'RS256'), 'Algorithms a token may be signed with.')
  jwt_algorithms: string[] = ['HS256'];

  @Setting(text('a text', 'https://issuer.example.com/'), 'The `iss` a token must have.')
  jwt_issuer?: string;

  @Setting(text('a text', 'gateway'), 'The `aud` a token must have.')
  jwt_audience?: string;

  @Setting(text('an IP address or a host name', '127.0.0.1', /^(?:[0-9a-fA-F:.]+|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)$/), 'Address to listen on.')
  host: string = '127.0.0.1';

  @Setting(whole(1, 65_535, 8000), 'Port to listen on.')
  port: number = 8000;

  @Setting(wholeOrAuto(1, 256), 'Processes that serve. `auto`: one for each core.')
  workers: number | 'auto' = 1;

  @Setting(choice('info', 'trace', 'debug', 'warn', 'error', 'fatal', 'silent'), 'Least severe log line that is written.')
  log_level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent' = 'info';

  @Setting(seconds(2), 'Longest time to connect to an upstream.')
  connect_timeout_seconds: number = 2;

  @Setting(seconds(30), 'Longest silence between events of a stream once content has begun.')
  stream_idle_timeout_seconds: number = 30;

  @Setting(seconds(300), 'Longest time from the first event of a stream to its first content.')
  first_content_timeout_seconds: number = 300;

  @Setting(seconds(600), 'Longest time of a whole call.')
  total_timeout_seconds: number = 600;

  @Setting(whole(1, 100, 3), 'Attempts for one call, over retries and fallbacks.')
  max_attempts: number = 3;

  @Setting(fraction(0, 100, 20), 'Retries, as a share of calls.')
  retry_budget_percent: number = 20;

  @Setting(seconds(2, 0), 'Longest `Retry-After` of an upstream that a call waits out. 0: it goes to the next target at once.')
  retry_after_max_wait_seconds: number = 0;

  @Setting(whole(1, BYTES_MAX, 33_554_432, 'bytes'), 'Largest body of a request.')
  body_limit_bytes: number = 32 * 1024 * 1024;

  @Setting(seconds(15), 'Longest time a client may take to send its headers.')
  header_timeout_seconds: number = 15;

  @Setting(seconds(15), "Longest silence between bytes of a client's body.")
  body_idle_timeout_seconds: number = 15;

  @Setting(whole(1, BYTES_MAX, 67_108_864, 'bytes'), 'Largest answer of an upstream.')
  response_limit_bytes: number = 64 * 1024 * 1024;

  @Setting(seconds(60), 'Longest time a client may read nothing of its answer.')
  write_stall_seconds: number = 60;

  @Setting(whole(1, COUNT_MAX, 600), 'Failed credentials a minute for each address.')
  auth_failures_per_minute: number = 600;

  @Setting(choice('latest', 'v1.41', 'both'), 'Names of the metrics sent to an OpenTelemetry collector: those of v1.41 are older.')
  otel_semconv: 'latest' | 'v1.41' | 'both' = 'latest';

  @Setting(seconds(5, 0), 'Time the gateway goes on accepting after it was told to stop.')
  drain_delay_seconds: number = 0;

  @Setting(seconds(30, 0), 'Longest time running calls may take to end after that.')
  drain_timeout_seconds: number = 30;

  @Setting(list('IP addresses or CIDR blocks', '10.0.0.0/8,192.168.1.7'), 'Proxies whose `X-Forwarded-For` is believed.')
  trusted_proxies: string[] = [];

  @Setting(text('a token', 'a-long-random-token'), 'Bearer token that `/metrics` asks for.', { secret: true })
  metrics_token?: string;

  @Setting(text('a path', '/run/secrets/metrics-token'), 'File that holds `metrics_token`.', { fileOf: 'metrics_token' })
  metrics_token_file?: string;

  @Setting(flag(true), 'Serve `/docs` and `/docs-json`.')
  docs: boolean = true;

  @Setting(
    choice('local', 'deny', 'allow'),
    'While Redis is away: each replica goes on with its share (`local`), nobody is served (`deny`), everybody is (`allow`).',
  )
  on_redis_down: 'local' | 'deny' | 'allow' = 'local';

  @Setting(whole(1, 100_000, 3), 'Replicas that divide a limit while Redis is away.')
  replicas: number = 1;

  @Setting(seconds(15), 'Time between pings to the client while an upstream is silent.')
  sse_ping_seconds: number = 15;

  @Setting(whole(1, 1_000_000, 1024), 'Calls at a time to each upstream.')
  upstream_max_concurrency: number = 1024;

  @Setting(whole(0, 600_000, 100, 'milliseconds'), 'Longest wait at that cap. 0: none.')
  upstream_queue_ms: number = 0;

  @Setting(text('an address', 'http://localhost:4000'), 'A running LiteLLM proxy that every `litellm://` upstream goes to instead.')
  litellm_proxy_url?: string;
}
