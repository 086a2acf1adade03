import type { UpstreamSettings } from '../contracts/gateway-settings.js';
import type { SignedHeaders } from './request-signer.js';
import { UpstreamFailure } from './upstream-failure.js';
import type { Exchange, ReplySink, UpstreamRequest, UpstreamTransport } from './upstream-transport.js';

/**
 * Sends a request, after its token or its signature where it needs one: at once where that is known, and else as soon as it is there. Without one
 * the request is not sent and fails as `auth`, so that the next target is tried. The time that it takes is part of the wait for the first byte.
 */
export function sendAuthorized(transport: UpstreamTransport, upstream: UpstreamSettings, request: UpstreamRequest, sink: ReplySink): Exchange {
  if (request.authorization === undefined && request.signer === undefined) return transport.send(upstream, request, sink);
  const { authorization: tokens, signer, ...rest } = request;
  const send = (given: string | SignedHeaders): Exchange =>
    transport.send(upstream, { ...rest, headers: typeof given === 'string' ? { ...rest.headers, authorization: given } : given }, sink);
  let given: string | SignedHeaders | undefined | Promise<string | SignedHeaders>;
  try {
    given = signer === undefined ? tokens?.authorization() : signer.sign(upstream.baseUrl + rest.path, rest.headers, rest.body);
  } catch (error) {
    given = Promise.reject(error);
  }
  return given instanceof Promise ? new AwaitedExchange(given, send, sink) : send(given ?? rest.headers);
}

/** An exchange that begins later, or never when it is cancelled first. */
class AwaitedExchange implements Exchange {
  private exchange: Exchange | undefined;
  private isCancelled = false;

  constructor(given: Promise<string | SignedHeaders>, send: (given: string | SignedHeaders) => Exchange, sink: ReplySink) {
    given
      .then(
        (known) => {
          if (!this.isCancelled) this.exchange = send(known);
        },
        (cause: unknown) => {
          if (!this.isCancelled) sink.fail(cause instanceof UpstreamFailure ? cause : new UpstreamFailure('auth', NO_TOKEN, { cause }));
        },
      )
      .catch((cause: unknown) => sink.fail(new UpstreamFailure('unreachable', 'The request could not be sent to the upstream.', { cause })));
  }

  resume(): void {
    this.exchange?.resume();
  }

  cancel(): void {
    this.isCancelled = true;
    this.exchange?.cancel();
  }
}

const NO_TOKEN = 'This gateway got no access token for the upstream. Its operator has to check the credentials that are set for this upstream.';
