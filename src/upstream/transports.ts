import type { UpstreamSettings } from '../contracts/gateway-settings.js';
import type { MockTransport } from './mock/mock-transport.js';
import { sendAuthorized } from './send-authorized.js';
import type { HttpTransport } from './sockets/http-transport.js';
import { type Exchange, type ReplySink, type UpstreamRequest, UpstreamTransport } from './upstream-transport.js';

/** The transport of each kind of upstream. */
export class Transports extends UpstreamTransport {
  constructor(
    private readonly http: HttpTransport,
    private readonly mock: MockTransport,
  ) {
    super();
  }

  override send(upstream: UpstreamSettings, request: UpstreamRequest, sink: ReplySink): Exchange {
    switch (upstream.kind) {
      case 'http':
        return sendAuthorized(this.http, upstream, request, sink);
      case 'mock':
        return this.mock.send(upstream, request, sink);
    }
  }

  /** Nest calls it after the server has closed, when no call is under way any more. */
  onApplicationShutdown(): void {
    this.http.close();
  }
}
