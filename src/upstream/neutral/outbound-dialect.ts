import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import type { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders, UpstreamRequest } from '../upstream-transport.js';
import type { NeutralEvent } from './neutral-event.js';
import type { JsonObject, NeutralRequest } from './neutral-request.js';

/** A provider's wire: how a neutral request is written for it, and how what it answers is read. No socket, no clock, no memory between calls. */
export interface OutboundDialect {
  /** Throws `GatewayError` (400, with `param`) for what this provider cannot take and must not be left out. */
  write(request: NeutralRequest, target: Target, call: InferenceCall): UpstreamRequest;
  /** Whether this is a tool of this provider's own, and one of `model`. Without it: none is. */
  takesOwnTool?(tool: JsonObject, model: string): boolean;
  /** The most letters of a tool's name. */
  readonly toolNameLengthMax?: number;
  /** A complete 2xx body. Never throws: what makes no sense ends with a `failure` event. `target`: whose key no error may repeat. */
  read(body: Buffer, target?: Target): readonly NeutralEvent[];
  streamReader(eventBytesMax: number, target?: Target): StreamReader;
  /** Names the failure behind any other status; provider's words kept, its key removed. */
  explain(target: Target, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure;
  /** The content type of this provider's streams. */
  readonly streamType: string;
  /** Its stream may also come as one list of JSON (see `UpstreamAdapter`). */
  readonly streamsAsJson?: boolean;
}

/** One per stream. Never throws, whatever the upstream sends; its state is small and bounded. */
export interface StreamReader {
  read(chunk: Buffer): readonly NeutralEvent[];
  /** The body ended by its framing: what can be told only now. Whether the reply was complete is judged from the events (every choice has its `finish`). */
  end(): readonly NeutralEvent[];
  /** Events dropped because they made no sense by themselves. */
  readonly dropped: number;
}
