import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import type { AuthSettings, GatewaySettings, RoutingSettings } from '../contracts/gateway-settings.js';
import { checkContradictions } from './check-contradictions.js';
import { checkRedisUrl } from './check-redis-url.js';
import { deepFreeze } from './deep-freeze.js';
import type { Environment } from './environment.js';
import type { Findings } from './findings.js';
import { type GatheredSetting, variableOf } from './gather-settings.js';
import { httpAddress } from './http-address.js';
import { Place } from './place.js';
import { checkProxies, resolveKeys, resolvePolicies } from './resolve-access.js';
import { resolveJwt } from './resolve-jwt.js';
import { ResolveRouting } from './resolve-routing.js';
import { resolveTelemetry } from './resolve-telemetry.js';
import { ResolveUpstreams } from './resolve-upstreams.js';
import type { SecretFiles } from './secret-files.js';
import type { SettingsFile } from './settings-file.js';
import { shownValue } from './shown-value.js';

/** One event of a stream may not be larger; not a setting. */
const EVENT_BYTES_MAX = 1024 * 1024;

/** Checked values become the settings of the house: references followed, units made milliseconds, everything frozen. */
export class AssembleSettings {
  constructor(
    private readonly values: SettingsFile,
    private readonly gathered: ReadonlyMap<string, GatheredSetting>,
    private readonly environment: Environment,
    private readonly secretFiles: SecretFiles,
    private readonly revision: number,
    private readonly findings: Findings,
  ) {}

  assemble(): GatewaySettings {
    const { values } = this;
    if (values.redis_url !== undefined) checkRedisUrl(values.redis_url, this.placeOf('redis_url'), this.findings);
    if ((/^[\d.]+$/.test(values.host) || values.host.includes(':')) && isIP(values.host) === 0)
      this.findings.mistake(this.placeOf('host'), shownValue(values.host), 'is no valid IP address', this.placeOf('host').setTo('127.0.0.1'));
    checkProxies(values.trusted_proxies, this.placeOf('trusted_proxies'), this.findings);
    checkContradictions(values, (setting) => (this.isDoubtful(setting) ? undefined : this.gathered.get(setting)?.place), this.findings);
    this.warnOfRuntime();
    const { routing, answers } = this.routing();
    return deepFreeze({
      revision: this.revision,
      server: {
        host: values.host,
        port: values.port,
        workers: values.workers === 'auto' ? availableParallelism() : values.workers,
        bodyBytesMax: values.body_limit_bytes,
        headerTimeoutMs: ms(values.header_timeout_seconds),
        bodyIdleTimeoutMs: ms(values.body_idle_timeout_seconds),
        writeStallMs: ms(values.write_stall_seconds),
        ssePingMs: ms(values.sse_ping_seconds),
        drainDelayMs: ms(values.drain_delay_seconds),
        drainTimeoutMs: ms(values.drain_timeout_seconds),
        trustedProxies: values.trusted_proxies,
        docs: values.docs,
      },
      auth: this.auth(answers),
      limits: {
        ratePerMinute: values.rate_limit_per_minute,
        redisUrl: values.redis_url,
        onRedisDown: values.on_redis_down,
        replicas: values.replicas,
      },
      routing,
      resilience: {
        circuit: {
          failuresMax: values.circuit_breaker_max_failures,
          resetMs: ms(values.circuit_breaker_reset_seconds),
          failurePercent: values.circuit_breaker_failure_percent,
        },
        connectTimeoutMs: ms(values.connect_timeout_seconds),
        streamIdleTimeoutMs: ms(values.stream_idle_timeout_seconds),
        firstContentTimeoutMs: ms(values.first_content_timeout_seconds),
        totalTimeoutMs: ms(values.total_timeout_seconds),
        attemptsMax: values.max_attempts,
        retryBudgetPercent: values.retry_budget_percent,
        retryAfterWaitMsMax: ms(values.retry_after_max_wait_seconds),
        responseBytesMax: values.response_limit_bytes,
        eventBytesMax: EVENT_BYTES_MAX,
        queueMs: values.upstream_queue_ms,
      },
      observability: {
        logLevel: values.log_level,
        metricsToken: values.metrics_token,
        otelSemconv: values.otel_semconv,
        telemetry: resolveTelemetry(this.environment, this.findings),
      },
    });
  }

  /** `answers`: whether a name that clients may ask for leads anywhere, as far as can be known. */
  private routing(): { readonly routing: RoutingSettings; readonly answers: (name: string) => boolean } {
    const { values, findings } = this;
    const firstByteTimeoutMs = ms(values.request_timeout_seconds);
    const resolving = new ResolveUpstreams(
      this.environment,
      this.secretFiles,
      { firstByteTimeoutMs, concurrencyMax: values.upstream_max_concurrency, litellmProxyUrl: this.litellmProxy() },
      findings,
    );
    for (const [name, entry] of values.upstreams) resolving.add(name, entry, this.placeOf('upstreams'));
    const isKnown = !this.isDoubtful('upstreams');
    if (values.upstreams.size === 0 && isKnown) {
      const fix = this.placeOf('upstreams').setTo('mock=mock://local', '{ mock: "mock://local" }');
      findings.mistake(this.placeOf('upstreams'), '(empty)', 'names no upstream', fix);
    }

    const { names, upstreams } = resolving;
    const checks = new ResolveRouting(isKnown ? names : undefined, findings);
    if (values.default_upstream !== undefined) checks.upstream(values.default_upstream, this.placeOf('default_upstream'));
    const routes = checks.routes(values.route_policies, this.placeOf('route_policies'));
    const isEverythingKnown = isKnown && !this.isDoubtful('default_upstream') && !this.isDoubtful('route_policies');
    const answers = (name: string): boolean =>
      !isEverythingKnown || values.default_upstream !== undefined || names.has(name) || values.route_policies.has(name);
    const fallbacks = checks.fallbacks(values.fallbacks, this.placeOf('fallbacks'), answers);
    return { routing: { upstreams, defaultUpstream: values.default_upstream, fallbacks, routes }, answers };
  }

  private auth(answers: (name: string) => boolean): AuthSettings {
    const { values, gathered, findings } = this;
    const jwt = resolveJwt(
      values,
      (setting) => gathered.get(setting)?.place,
      (setting) => this.isDoubtful(setting),
      findings,
    );
    const hostAt = this.placeOf('host');
    const keys = gathered.get('api_keys');
    const { apiKeys, usesDefaultKey } =
      keys === undefined || Array.isArray(keys.value)
        ? resolveKeys(values.api_keys, keys?.place, values.host, hostAt, jwt !== undefined, findings)
        : { apiKeys: [], usesDefaultKey: false };
    const policies = resolvePolicies(
      values.api_key_policies,
      this.placeOf('api_key_policies'),
      this.isDoubtful('api_keys') ? undefined : apiKeys,
      jwt !== undefined,
      answers,
      findings,
    );
    if (values.metrics_token !== undefined && !/^[\x21-\x7e]+$/.test(values.metrics_token))
      findings.mistake(
        this.placeOf('metrics_token'),
        '***',
        'a token may hold printable ASCII alone, without white space',
        'generate one: openssl rand -hex 24',
      );
    return { apiKeys, usesDefaultKey, policies, jwt, failuresPerMinute: values.auth_failures_per_minute };
  }

  private litellmProxy(): URL | undefined {
    const text = this.values.litellm_proxy_url;
    if (text === undefined) return undefined;
    const address = httpAddress(text);
    if ('url' in address) return address.url;
    this.findings.mistake(this.placeOf('litellm_proxy_url'), shownValue(text), address.fault, address.fix);
    return undefined;
  }

  private warnOfRuntime(): void {
    if (this.environment.get('NODE_TLS_REJECT_UNAUTHORIZED') === '0')
      this.findings.warn(
        Place.variable('NODE_TLS_REJECT_UNAUTHORIZED'),
        'is 0 and has no effect: every certificate is checked; NODE_EXTRA_CA_CERTS names a file of authorities to trust besides',
      );
    const options = this.environment.get('NODE_OPTIONS') ?? '';
    if (options.includes('--insecure-http-parser'))
      this.findings.warn(Place.variable('NODE_OPTIONS'), 'holds --insecure-http-parser: requests can be smuggled');
    if (/--inspect(-brk|-wait)?=(0\.0\.0\.0|\[?::\]?)/.test(options))
      this.findings.warn(Place.variable('NODE_OPTIONS'), 'opens the debugger to the network: anybody can run code here');
  }

  /** Whether what is in force may not be what was meant: nothing is a mistake or a warning only because of it. */
  private isDoubtful(setting: keyof SettingsFile): boolean {
    return this.gathered.get(setting)?.isDoubtful === true;
  }

  private placeOf(setting: keyof SettingsFile): Place {
    return this.gathered.get(setting)?.place ?? Place.variable(variableOf(setting));
  }
}

function ms(seconds: number): number {
  return Math.ceil(seconds * 1000);
}
