import type { Target } from '../contracts/target.js';
import type { Answer } from '../upstream/upstream-adapter.js';
import type { UpstreamHeaders } from '../upstream/upstream-transport.js';
import type { LiveStream } from './live-stream.js';

export type { Answer, UpstreamHeaders };

/** The client's end of a call, as the runner sees it. */
export interface Delivery {
  /** The client left, or the call was ended from outside: nothing more can be delivered. */
  readonly gone: boolean;
  /** Called at most once; replaces the listener set before. */
  onGone(listener: (() => void) | undefined): void;
  answer(answer: Answer, target: Target, headers: UpstreamHeaders): void;
  /** Writes the stream to the client, with backpressure. */
  stream(live: LiveStream, target: Target, headers: UpstreamHeaders): void;
}
