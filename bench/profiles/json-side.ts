import { ClosedLoop } from '../load/closed-loop.ts';
import { OpenLoop } from '../load/open-loop.ts';
import { post, smallChat } from '../load/requests.ts';
import type { Side } from '../measure-rounds.ts';
import type { Server } from '../servers/server.ts';

/** Where the upstream answers with JSON, for those who ask it without a gateway. */
export const JSON_PATH = '/json/v1/chat/completions';

interface JsonSideOptions {
  readonly path?: string;
  /** Sent in turn instead of the one small chat. */
  readonly requests?: readonly Buffer[];
}

/** Small calls in a closed loop. */
export function jsonSide(server: Server, connections: number, { path, requests }: JsonSideOptions = {}): Side {
  const loop = ClosedLoop.over(server.port, connections, requests ?? [post(smallChat(), path === undefined ? {} : { path })]);
  return { server, run: (milliseconds) => loop.run(milliseconds) };
}

/** Small calls that arrive at a rate. */
export function arrivingJsonSide(server: Server, connections: number, perSecond: number): Side {
  const loop = OpenLoop.over(server.port, connections, post(smallChat()));
  return { server, run: (milliseconds) => loop.run(milliseconds, perSecond) };
}
