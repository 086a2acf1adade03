import { ClosedLoop } from '../load/closed-loop.ts';
import { post, streamedChat } from '../load/requests.ts';
import type { Round, Side } from '../measure-rounds.ts';
import type { Pace } from '../pace.ts';
import { EVENTS_AFTER_CONTENT } from '../servers/answers.ts';
import type { Server } from '../servers/server.ts';

/** Where the upstream answers with a stream, for those who ask it without a gateway: events each by itself, or those of all streams at once. */
export const STREAM_PATH = '/stream/v1/chat/completions';
export const BURSTS_PATH = '/bursts/v1/chat/completions';

interface StreamSideOptions {
  readonly path?: string;
  /** Sent instead of a streamed chat. */
  readonly request?: Buffer;
}

/** Streams in a closed loop: each place has its next stream as soon as the last one ended. */
export function streamSide(server: Server, streams: number, { path, request }: StreamSideOptions = {}): Side {
  const loop = ClosedLoop.over(server.port, streams, [request ?? post(streamedChat('stream'), path === undefined ? {} : { path })]);
  return { server, run: (milliseconds) => loop.run(milliseconds) };
}

/** All events that a client of a stream of chunks sees. */
export function eventsOfAStream({ streamEvents }: Pace): number {
  return streamEvents + EVENTS_AFTER_CONTENT;
}

/** Throws where a client of streams of chunks saw more or less than the upstream sent: cheap streams that lost something would flatter. */
export function checkNothingWasLost(rounds: readonly Round[], pace: Pace): void {
  for (const { result } of rounds)
    if (result.events !== result.requests * eventsOfAStream(pace))
      throw new Error(`events were lost: ${result.events} of ${result.requests} streams`);
}
