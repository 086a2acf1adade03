import type { ErrorBody } from '../contracts/gateway-error.js';
import type { UpstreamFailure } from '../upstream/upstream-failure.js';

export type StreamFailure = UpstreamFailure;

/** Where a stream's bytes go. */
export interface StreamSink {
  /** Returns false to stop the flow until `resume`. */
  write(bytes: Buffer): boolean;
  /** The stream is complete; `tail` is what is still owed. */
  end(tail: Buffer): void;
  /** It broke after its first content: nothing further can be tried. */
  fail(failure: UpstreamFailure): void;
}

/** A good reply on its way, lent to whoever delivers it. Its first content has arrived; from now on a failure is final. */
export interface LiveStream {
  /** Begins with what was held back so far. */
  follow(sink: StreamSink): void;
  resume(): void;
  /** What the client's wire says of a stream that breaks here; undefined: what it says of any error. */
  farewell(error: ErrorBody): Buffer | undefined;
  /** The client left: closes the upstream at once. */
  cancel(): void;
}
