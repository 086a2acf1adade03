import type { LiveSettings } from '../../config/live-settings.js';
import { type Clock, monotonicClock } from '../../contracts/clock.js';
import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { ConnectionPool } from './connection-pool.js';
import { HostNames } from './host-names.js';
import type { SocketTools } from './open-socket.js';
import { requestStart } from './request-head.js';
import { HttpExchange } from './http-exchange.js';
import { type UnreachableListener, UnreachableNews } from './unreachable-news.js';
import { type UpstreamAddress, upstreamAddress } from './upstream-address.js';
import { type Exchange, type ReplySink, type UpstreamRequest, UpstreamTransport } from '../upstream-transport.js';

/**
 * Speaks HTTP/1.1 over sockets. Upstreams of one origin share connections. Asks for no proxy, follows no redirect, decompresses nothing.
 * Connections of an origin that left the settings are closed once their exchanges are over.
 */
export class HttpTransport extends UpstreamTransport {
  private readonly names: HostNames;
  private readonly news: UnreachableNews;
  private readonly pools = new Map<string, ConnectionPool>();
  /** Upstream settings are frozen: what is worked out from them holds. */
  private routes = new WeakMap<UpstreamSettings, Route>();

  constructor(
    private readonly live: LiveSettings,
    private readonly clock: Clock = monotonicClock,
    names = new HostNames(),
    /** Hears once a minute why an upstream cannot be reached. */
    unreachable: UnreachableListener = () => undefined,
  ) {
    super();
    this.names = names;
    this.news = new UnreachableNews(unreachable, clock);
    live.onChange((next) => this.keepOnly([...next.routing.upstreams.values()]));
  }

  override send(upstream: UpstreamSettings, request: UpstreamRequest, sink: ReplySink): Exchange {
    const route = this.routes.get(upstream) ?? this.route(upstream);
    const start = requestStart(route.pathPrefix + request.path, route.host);
    const { connectTimeoutMs } = this.live.current.resilience;
    const { headers, body, bodyRest } = request;
    const exchange = new HttpExchange(route.pool, { start, headers, body, bodyRest }, sink, connectTimeoutMs, route.unreachable);
    exchange.begin();
    return exchange;
  }

  /** At the very end of the process: what still runs is broken off. */
  close(): void {
    for (const pool of this.pools.values()) pool.destroy();
    this.pools.clear();
  }

  /** Connections open or being opened, for tests and the curious. */
  connections(): number {
    let sum = 0;
    for (const pool of this.pools.values()) sum += pool.size;
    return sum;
  }

  private route(upstream: UpstreamSettings): Route {
    const address = upstreamAddress(upstream.baseUrl);
    const route = {
      host: address.origin.slice(address.origin.indexOf('//') + 2),
      pathPrefix: address.pathPrefix,
      pool: this.pools.get(address.origin) ?? this.pool(address),
      unreachable: (error: Error): void => this.news.tell(upstream.name, error),
    };
    this.routes.set(upstream, route);
    return route;
  }

  private pool(address: UpstreamAddress): ConnectionPool {
    const { live, names } = this;
    const tools: SocketTools = {
      address,
      names,
      session: undefined,
      get connectTimeoutMs() {
        return live.current.resilience.connectTimeoutMs;
      },
    };
    const pool = new ConnectionPool(tools, this.clock);
    this.pools.set(address.origin, pool);
    return pool;
  }

  private keepOnly(upstreams: readonly UpstreamSettings[]): void {
    const origins = new Set(upstreams.filter(({ kind }) => kind === 'http').map(({ baseUrl }) => upstreamAddress(baseUrl).origin));
    for (const [origin, pool] of this.pools) {
      if (origins.has(origin)) continue;
      pool.retire();
      this.pools.delete(origin);
    }
    this.routes = new WeakMap();
  }
}

interface Route {
  /** As the `host` header names it. */
  readonly host: string;
  readonly pathPrefix: string;
  readonly pool: ConnectionPool;
  readonly unreachable: (error: Error) => void;
}
