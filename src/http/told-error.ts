import { HttpException } from '@nestjs/common';
import { GatewayError } from '../contracts/gateway-error.js';
import type { StateLog } from '../metrics/state-log.js';
import { knownPath, pathOf } from './known-paths.js';

export interface FailedRequest {
  readonly method: string;
  readonly url: string;
  readonly requestId: string;
  /** The header: what the client would rather speak. */
  readonly upgrade?: string | undefined;
}

/** What a client is told of whatever was thrown. What is not ours to tell is logged, and told as `internal_error`. */
export function toldError(thrown: unknown, request: FailedRequest, log: StateLog): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const status = thrown instanceof HttpException ? thrown.getStatus() : (thrown as { statusCode?: unknown } | undefined)?.statusCode;
  switch (status) {
    // 403: a path that would leave the folder of the documentation's files.
    case 403:
    case 404:
      return notFound(request);
    case 400:
      return new GatewayError('malformed_request', 'The request target is not a valid URL path.');
    case 413:
      return new GatewayError('request_too_large', 'The request is larger than this gateway takes.');
    case 414:
      return new GatewayError('uri_too_long', 'The request target is longer than this gateway takes.');
    case 415:
      return new GatewayError('unsupported_media_type', 'The body must be JSON: send Content-Type: application/json.');
  }
  log.fault('a request failed inside the gateway', thrown, request.requestId);
  return new GatewayError('internal_error', 'Something went wrong inside the gateway. The request id leads to its log line.');
}

function notFound({ method, url, upgrade }: FailedRequest): GatewayError {
  const known = knownPath(pathOf(url));
  if (known === undefined || known.methods.includes(method))
    return new GatewayError('unknown_url', 'There is nothing at this URL. The API is at /v1, its description at /docs.');
  // At this status, and no other, Codex goes on by HTTP at once.
  if (upgrade?.toLowerCase() === 'websocket')
    return new GatewayError('websocket_unsupported', 'WebSockets are not spoken here. Send a POST; answers are streamed to it.', {
      headers: { upgrade: 'HTTP/1.1', connection: 'upgrade, close' },
    });
  return new GatewayError('method_not_allowed', `This URL takes ${known.methods.join(' and ')} alone.`, {
    headers: { allow: known.methods.join(', ') },
  });
}
