import type { ErrorBody } from '../../contracts/gateway-error.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import type { UpstreamFailure } from '../upstream-failure.js';
import type { ClientWord } from './client-words.js';
import type { NeutralEvent } from './neutral-event.js';
import type { NeutralRequest } from './neutral-request.js';

/** A client's wire: how its request is read, and how a reply is written for it. No socket, no clock beyond `createdAt`, no memory between calls. */
export interface InboundDialect {
  /** Throws `GatewayError` (400, with `param` as a path) for what makes no sense in this wire. */
  read(call: InferenceCall): NeutralRequest;
  /** A whole answer. `events` hold no failure and a `finish` for each choice. */
  answer(events: readonly NeutralEvent[], reply: ReplyFrame, call?: InferenceCall): Buffer;
  streamWriter(reply: ReplyFrame, call: InferenceCall): StreamWriter;
  /** What chat completions call `param`, in this wire; undefined: the same. */
  paramName?(param: string, call: InferenceCall): ClientWord | undefined;
}

/** What every message of one reply has in common. */
export interface ReplyFrame {
  /** As the client's wire wants an id to look; made by the gateway where the provider gave none. */
  readonly id: string;
  /** The model name that the client sees. */
  readonly model: string;
  /** Unix seconds. */
  readonly createdAt: number;
}

/** One per stream. */
export interface StreamWriter {
  write(event: NeutralEvent): string;
  /** After the last event: what this wire says at the end of a complete stream. */
  end(): string;
  /** Set by a wire that cannot tell what comes in the order in which it comes: more had to wait than is held. What is written further is lost. */
  readonly failure?: UpstreamFailure | undefined;
  /** Says of a stream that has begun that it broke; nothing comes after it. */
  fail(error: ErrorBody): string;
}
