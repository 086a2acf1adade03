import type { UpstreamSettings } from '../contracts/gateway-settings.js';
import type { AccessTokens } from './access-tokens.js';
import type { RequestSigner } from './request-signer.js';
import type { UpstreamFailure } from './upstream-failure.js';

/** What an adapter wants sent. `path` is appended to the upstream's base address. */
export interface UpstreamRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** What follows `body`, where that is only its beginning: see `splicedBody`. */
  readonly bodyRest?: readonly Buffer[];
  /** Asked for the `authorization` header when the request leaves; undefined: the headers are complete. */
  readonly authorization?: AccessTokens;
  /** Asked for all headers when the request leaves, in place of `authorization`. */
  readonly signer?: RequestSigner;
}

/** Lower-case names; of a header that came twice, the first value. */
export type UpstreamHeaders = Readonly<Record<string, string>>;

/** Hears one reply: `head` once, then `data`, then `end` or `fail`; `fail` alone when no head came. Never called from within `send`. */
export interface ReplySink {
  /** The final status, 100 to 999; informational answers are not told. */
  head(status: number, headers: UpstreamHeaders): void;
  /** Returns false to stop the flow until `resume`. */
  data(chunk: Buffer): boolean;
  /** The body is complete by its framing (or, without one, the connection was closed). */
  end(): void;
  /** Kinds: `auth` (no token was given, or no signature), `unreachable` or `connect_timeout` before the head, `invalid` (not HTTP, truncated by its framing before the head or after), `interrupted` (reset after the head). */
  fail(failure: UpstreamFailure): void;
}

export interface Exchange {
  resume(): void;
  /** Closes the exchange at once: the sink hears nothing after it. Harmless after the end. */
  cancel(): void;
}

/** Carries bytes to an upstream and back. Knows sockets and connect time-outs; statuses, events and retries are others' business. Follows no redirect. */
export abstract class UpstreamTransport {
  abstract send(upstream: UpstreamSettings, request: UpstreamRequest, sink: ReplySink): Exchange;
}
