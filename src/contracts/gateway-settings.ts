import type { UpstreamDialect } from './upstream-dialect.js';

/** Everything an operator decided, checked and resolved: frozen, typed, without a default left to fill in. Durations are milliseconds. */
export interface GatewaySettings {
  /** Counts up at each reload; 1 at start. */
  readonly revision: number;
  readonly server: ServerSettings;
  readonly auth: AuthSettings;
  readonly limits: LimitSettings;
  readonly routing: RoutingSettings;
  readonly resilience: ResilienceSettings;
  readonly observability: ObservabilitySettings;
}

export interface ServerSettings {
  readonly host: string;
  readonly port: number;
  /** Processes that serve; `auto` is resolved to the number of cores. */
  readonly workers: number;
  readonly bodyBytesMax: number;
  readonly headerTimeoutMs: number;
  readonly bodyIdleTimeoutMs: number;
  readonly writeStallMs: number;
  readonly ssePingMs: number;
  readonly drainDelayMs: number;
  readonly drainTimeoutMs: number;
  /** CIDR blocks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  readonly docs: boolean;
}

export interface AuthSettings {
  /** Plain keys as configured: only `auth/key-ring.ts` may read them. */
  readonly apiKeys: readonly string[];
  /** No key was configured: `dev-key` serves on loopback. */
  readonly usesDefaultKey: boolean;
  /** By key or by a token's `sub`. */
  readonly policies: ReadonlyMap<string, PrincipalPolicy>;
  readonly jwt: JwtSettings | undefined;
  readonly failuresPerMinute: number;
}

export interface PrincipalPolicy {
  /** undefined: every model. */
  readonly allowedModels: readonly string[] | undefined;
  /** undefined: the default limit. 0: unlimited. */
  readonly rateLimitPerMinute: number | undefined;
}

export interface JwtSettings {
  readonly secret: string | undefined;
  /** PEM, line breaks restored. */
  readonly publicKey: string | undefined;
  readonly jwksUrl: string | undefined;
  readonly algorithms: readonly string[];
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
}

export interface LimitSettings {
  readonly ratePerMinute: number;
  readonly redisUrl: string | undefined;
  readonly onRedisDown: 'local' | 'deny' | 'allow';
  readonly replicas: number;
}

export interface RoutingSettings {
  readonly upstreams: ReadonlyMap<string, UpstreamSettings>;
  readonly defaultUpstream: string | undefined;
  /** By a name a client may ask for or an upstream's: upstreams in order. */
  readonly fallbacks: ReadonlyMap<string, readonly string[]>;
  readonly routes: ReadonlyMap<string, RouteSettings>;
}

export type RouteSettings =
  | { readonly strategy: 'weighted'; readonly targets: readonly { readonly name: string; readonly weight: number }[] }
  | { readonly strategy: 'canary'; readonly primary: string; readonly canary: string; readonly percent: number };

export interface UpstreamSettings {
  /** As configured: what clients, metrics and logs see. */
  readonly name: string;
  readonly kind: 'http' | 'mock';
  /** By LiteLLM's name for it (`groq`); absent: a server that was named by its address. */
  readonly provider?: string;
  readonly dialect: UpstreamDialect;
  /** The address that paths such as `/chat/completions` are appended to, without a trailing slash (`http://127.0.0.1:8001/v1`); for a mock `mock://local`. */
  readonly baseUrl: string;
  /** The model name sent upstream; undefined: the name the client asked for. */
  readonly model: string | undefined;
  /** Sent as `Authorization: Bearer`. */
  readonly apiKey: string | undefined;
  /** A provider that needs a key, and none is set: calls are refused as `upstream_auth_failed` without being sent. */
  readonly keyMissing: boolean;
  /** Further headers of the provider (`HTTP-Referer`, `OpenAI-Organization`), lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly firstByteTimeoutMs: number;
  readonly concurrencyMax: number;
  readonly passThroughErrors: boolean;
  readonly quirks: ProviderQuirks;
  readonly mock: MockSettings | undefined;
}

/** Where a provider's OpenAI face differs from OpenAI's. Only what is named here is mended; nothing else of a reply is touched. */
export interface ProviderQuirks {
  /** A stream ends without `[DONE]` (it is added in any case; here its absence is no surprise). */
  readonly noDone?: true;
  /** The content of a whole answer may be a list of parts, thoughts among them. Of a stream, such content is mended whoever sends it. */
  readonly contentParts?: true;
  /** Where usage stands in a stream when not at the top level of a chunk. */
  readonly usageAt?: 'x_groq';
  /** Ids, times, counts or ends are missing, or are told in other words than OpenAI's. */
  readonly looseShape?: true;
  /** `stream_options` is refused: do not add it. */
  readonly noStreamOptions?: true;
  /** `completion_tokens` leaves out reasoning. */
  readonly reasoningApart?: true;
  /** For calls of clients that speak another wire: what it takes of a translated request (see `ChatHabits`). */
  readonly limitName?: 'max_tokens' | 'max_completion_tokens';
  readonly takesCacheMarks?: true;
  readonly thoughtsAs?: 'reasoning_content' | 'thinking_blocks' | 'reasoning_details';
}

/** Practice options of a `mock://` upstream. */
export interface MockSettings {
  /** Wait before the first byte. */
  readonly ttftMs: number;
  /** Tokens a second; 0: as fast as it goes. */
  readonly tokensPerSecond: number;
  /** 0 to 1: the share of calls answered with a 500. */
  readonly errorRate: number;
  /** Answer every call with this status; undefined: 200. */
  readonly status: number | undefined;
  /** The text of every answer; undefined: made from the request. */
  readonly reply: string | undefined;
  /** Take the call and never answer. */
  readonly hang: boolean;
  /** Cut the connection after so many tokens (a stream) or in the middle of the body. */
  readonly cutAfter: number | undefined;
}

export interface ResilienceSettings {
  readonly circuit: { readonly failuresMax: number; readonly resetMs: number; readonly failurePercent: number };
  readonly connectTimeoutMs: number;
  readonly streamIdleTimeoutMs: number;
  readonly firstContentTimeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly attemptsMax: number;
  readonly retryBudgetPercent: number;
  readonly retryAfterWaitMsMax: number;
  readonly responseBytesMax: number;
  readonly eventBytesMax: number;
  readonly queueMs: number;
}

export interface ObservabilitySettings {
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  readonly metricsToken: string | undefined;
  /** Names of the metrics that are sent to a collector. */
  readonly otelSemconv: 'latest' | 'v1.41' | 'both';
  /** undefined: nothing is sent to a collector. */
  readonly telemetry: TelemetrySettings | undefined;
}

/** What OpenTelemetry's own variables ask for. Fixed at start. */
export interface TelemetrySettings {
  readonly traces: boolean;
  readonly metrics: boolean;
  readonly metricIntervalMs: number;
  readonly metricTimeoutMs: number;
  /** Every `OTEL_*` variable as it was set: the SDK reads the rest itself. Headers among them may be secrets. */
  readonly variables: Readonly<Record<string, string>>;
}
