import type { IncomingMessage, ServerResponse } from 'node:http';
import { randomBytes } from 'node:crypto';
import type { LiveSettings } from '../config/live-settings.js';
import type { Endpoint } from '../contracts/endpoint.js';
import { GatewayError } from '../contracts/gateway-error.js';
import { overloaded } from '../contracts/overloaded.js';
import type { Meter } from '../contracts/meter.js';
import type { RequestContext } from '../contracts/request-context.js';
import type { Telemetry } from '../contracts/telemetry.js';
import type { AccessLog } from '../metrics/access-log.js';
import type { LoadWatch } from '../resilience/load-watch.js';
import type { InFlight } from './in-flight.js';
import { knownPath, pathOf } from './known-paths.js';
import { refuseUnread } from './refuse-unread.js';
import { waitsForContinue } from './tame-server.js';

/**
 * Where a request comes in and is signed out again: its context is made here, and its one log line and its metrics are written when
 * its response closes, however that came about. Nothing of the body is read here.
 */
export class RequestDoor {
  constructor(
    private readonly live: LiveSettings,
    private readonly meter: Meter,
    private readonly log: AccessLog,
    private readonly inFlight: InFlight,
    private readonly load: LoadWatch,
    private readonly telemetry?: Telemetry,
  ) {}

  open(request: IncomingMessage, raw: ServerResponse): RequestContext {
    const path = pathOf(request.url ?? '/');
    const known = knownPath(path);
    const endpoint = known?.endpoint ?? 'other';
    const isCall = isInference(request, endpoint);
    let reserved = 0;
    const context: RequestContext = {
      requestId: requestIdOf(request),
      startedAt: performance.now(),
      settings: this.live.current,
      endpoint,
      principal: undefined,
      call: undefined,
      rateLimitHeaders: undefined,
      upstream: 'none',
      attempts: 0,
      fallback: false,
      waitedMs: 0,
      ttftMs: undefined,
      usage: undefined,
      usageEstimated: false,
      errorCode: undefined,
      trace: isCall ? this.telemetry?.callBegan(request.headers) : undefined,
      reserveBody: (bytes) => {
        const hasRoom = this.load.reserve(bytes);
        if (hasRoom) reserved += bytes;
        else this.meter.shed('memory');
        return hasRoom;
      },
      sendContinue: waitsForContinue(request) ? () => raw.writeContinue() : undefined,
    };
    if (isCall) this.meter.callStarted();
    this.inFlight.began();
    if (this.inFlight.isDraining) raw.shouldKeepAlive = false;
    raw.once('close', () => {
      const durationMs = performance.now() - context.startedAt;
      // Nginx' number for a client that did not wait for its answer.
      const status = raw.writableFinished ? raw.statusCode : CLIENT_GONE;
      this.inFlight.ended();
      this.load.release(reserved);
      this.meter.requestEnded(context, status, durationMs, isCall);
      context.trace?.ended(context, status);
      this.log.write(context, { method: request.method ?? '', path }, status, durationMs);
    });
    return context;
  }

  /**
   * Whether there is no room for this call, which is then refused. Asked before Fastify and Nest see the request: the cheaper a refusal,
   * the more is left for those who are let in.
   */
  turnsAway(request: IncomingMessage, raw: ServerResponse): boolean {
    if (this.load.isCalm || !isInference(request, knownPath(pathOf(request.url ?? '/'))?.endpoint ?? 'other')) return false;
    const { authorization, 'x-api-key': key, 'api-key': otherKey } = request.headers;
    const reason = this.load.refuses(authorization ?? String(key ?? otherKey ?? ''));
    if (reason === undefined) return false;
    this.meter.shed(reason);
    refuseUnread(raw, this.open(request, raw), overloaded());
    return true;
  }

  /** What HTTP itself demands of a request and Node's parser lets pass. Throws a `GatewayError`. */
  inspect(request: IncomingMessage): void {
    const { rawHeaders } = request;
    let hosts = 0;
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const name = rawHeaders[at];
      if (name !== undefined && name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
    }
    if (hosts !== 1 && !(hosts === 0 && request.httpVersionMinor === 0))
      throw new GatewayError('malformed_request', `A request must have exactly one Host header; this one has ${hosts}.`);
    if (hosts === 1 && !HOST.test(request.headers.host ?? ''))
      throw new GatewayError('malformed_request', 'The Host header is not a valid host name or address.');
    const coding = request.headers['transfer-encoding'];
    // Of a list that ends with `chunked` the parser undoes that one alone: the body would be read as it is under the others.
    if (coding !== undefined && coding.toLowerCase() !== 'chunked')
      throw new GatewayError('transfer_coding_unsupported', 'The only transfer coding understood is chunked: send the body uncompressed.', {
        headers: { connection: 'close' },
      });
    if (!request.url?.startsWith('/')) throw new GatewayError('malformed_request', 'The request target must be a path.');
  }
}

function isInference({ method }: IncomingMessage, endpoint: Endpoint): boolean {
  return method === 'POST' && endpoint !== 'models' && endpoint !== 'other';
}

const CLIENT_GONE = 499;
const HOST = /^(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{0,5})?$/;
const REQUEST_ID = /^[A-Za-z0-9_-]{1,128}$/;

function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : nextId();
}

/** 16 random bytes an id, fetched from the system a thousand at a time. */
let pool = Buffer.alloc(0);
let used = 0;
function nextId(): string {
  if (used + ID_BYTES > pool.length) {
    pool = randomBytes(ID_BYTES * 1_024);
    used = 0;
  }
  const id = pool.toString('hex', used, used + ID_BYTES);
  used += ID_BYTES;
  return `req_${id}`;
}
const ID_BYTES = 16;
