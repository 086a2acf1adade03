import type { UpstreamSettings } from '../contracts/gateway-settings.js';
import { UpstreamFailure } from './upstream-failure.js';
import type { Exchange, ReplySink, UpstreamRequest, UpstreamTransport } from './upstream-transport.js';

/**
 * Sends a request, after its token where it needs one: at once where that is known, and else as soon as it is there. Without one the request is
 * not sent and fails as `auth`, so that the next target is tried. The time that a token takes is part of the wait for the first byte.
 */
export function sendAuthorized(transport: UpstreamTransport, upstream: UpstreamSettings, request: UpstreamRequest, sink: ReplySink): Exchange {
  if (request.authorization === undefined) return transport.send(upstream, request, sink);
  const { authorization: tokens, ...rest } = request;
  const send = (authorization: string): Exchange => transport.send(upstream, { ...rest, headers: { ...rest.headers, authorization } }, sink);
  let given: string | Promise<string>;
  try {
    given = tokens.authorization();
  } catch (error) {
    given = Promise.reject(error);
  }
  return typeof given === 'string' ? send(given) : new AwaitedExchange(given, send, sink);
}

/** An exchange that begins later, or never when it is cancelled first. */
class AwaitedExchange implements Exchange {
  private exchange: Exchange | undefined;
  private isCancelled = false;

  constructor(given: Promise<string>, send: (authorization: string) => Exchange, sink: ReplySink) {
    given
      .then(
        (authorization) => {
          if (!this.isCancelled) this.exchange = send(authorization);
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
