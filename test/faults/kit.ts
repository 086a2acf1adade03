import type { Agent } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { deafPort } from '../doubles/deaf-port.js';
import { freePort } from '../doubles/free-port.js';
import { startRedis, type RedisProcess } from '../doubles/redis-process.js';
import { CanaryListener } from './canary-listener.js';
import { ChaosProxy } from './chaos-proxy.js';
import { type CallOptions, clientCall, type ClientReply } from './client-call.js';
import { FaultUpstream } from './fault-upstream.js';
import { NeverReader } from './never-reader.js';
import { type RawOptions, type RawReply, rawRequest, sendRaw } from './raw-client.js';
import type { FaultRow } from './row.js';
import type { Secrets } from './secrets.js';
import { SHORT_TIMES, type StartOptions, TriedGateway, waitedForProcessorMs } from './tried-gateway.js';

export interface KitCall extends CallOptions {
  /** One of the row's upstreams, asked for by its own name of it. */
  readonly to?: string;
  readonly model?: string;
  readonly stream?: boolean;
  /** Fields of the body beside model, messages and stream. */
  readonly with?: Readonly<Record<string, unknown>>;
  /** '' sends none. */
  readonly key?: string;
  readonly agent?: Agent;
  readonly gateway?: TriedGateway;
}

/** What one row works with: its upstreams, its clients, and the gateway between them. Everything it starts, the runner ends. */
export class Kit {
  /** Calls answered or left by clients of this kit, to be found again in the log. */
  calls = 0;
  /** Answers that are no answers of this house. */
  readonly badShapes: string[] = [];
  private readonly chaos = new Map<string, ChaosProxy>();
  private readonly modes = new Map<string, string>();
  private readonly endings: (() => Promise<unknown> | void)[] = [];
  private running: TriedGateway | undefined;
  private waitedBeforeMs = 0;

  private constructor(
    readonly row: FaultRow,
    readonly upstream: FaultUpstream,
    readonly secrets: Secrets,
  ) {}

  static async for(row: FaultRow, secrets: Secrets): Promise<Kit> {
    return new Kit(row, await FaultUpstream.start(), secrets);
  }

  get gateway(): TriedGateway {
    if (this.running === undefined) throw new Error(`${this.row.name} has no gateway yet`);
    return this.running;
  }

  use(gateway: TriedGateway): void {
    this.running = gateway;
    this.waitedBeforeMs = this.waitedMs(gateway);
  }

  /**
   * How long the gateway and this client were ready to run since the row began and had no processor: next to nothing on a machine of
   * one's own. Rows that judge times allow for it.
   */
  get lateMs(): number {
    return this.waitedMs(this.gateway) - this.waitedBeforeMs;
  }

  private waitedMs(gateway: TriedGateway): number {
    return gateway.waitedForProcessorMs + waitedForProcessorMs(process.pid);
  }

  get clientKey(): string {
    return this.secrets.of('client');
  }

  get otherKey(): string {
    return this.secrets.of('other');
  }

  name(upstream: string): string {
    return `${this.row.name}.${upstream}`;
  }

  providerKey(upstream: string): string {
    return this.secrets.of(`provider-${this.row.name}-${upstream}`);
  }

  /** Settings that describe this row's upstreams. */
  async upstreamSettings(): Promise<{ upstreams: string[]; fallbacks: string[]; keys: Record<string, string> }> {
    const upstreams: string[] = [];
    const keys: Record<string, string> = {};
    for (const [name, how] of Object.entries(this.row.upstreams ?? {})) {
      const [kind = '', options = ''] = how.split('?');
      const variable = `FAULT_KEY_${Object.keys(keys).length}_${this.row.name.toUpperCase().replaceAll('-', '_')}`;
      keys[variable] = this.providerKey(name);
      const address = await this.address(name, kind);
      upstreams.push(
        `${this.name(name)}=${address}?${[...(kind.startsWith('mock:') ? [] : [`api_key_env=${variable}`]), ...(options === '' ? [] : [options])].join('&')}`,
      );
    }
    const fallbacks = Object.entries(this.row.fallbacks ?? {}).map(([from, to]) => `${this.name(from)}=${to.map((one) => this.name(one)).join(',')}`);
    return { upstreams, fallbacks, keys };
  }

  chaosBefore(upstream: string): ChaosProxy {
    const proxy = this.chaos.get(upstream);
    if (proxy === undefined) throw new Error(`${upstream} is not behind a proxy`);
    return proxy;
  }

  /** What came to one of the row's upstreams. */
  ledger(upstream: string): ReturnType<FaultUpstream['ledger']['of']> {
    return this.upstream.ledger.of(this.modes.get(upstream) ?? '');
  }

  async call({ to, model, stream, with: fields, key, agent, gateway = this.gateway, headers, ...options }: KitCall): Promise<ClientReply> {
    const asked = model ?? (to === undefined ? undefined : this.name(to));
    const body = options.body ?? {
      ...(asked === undefined ? {} : { model: asked }),
      messages: [{ role: 'user', content: `A prompt ${this.secrets.mark}.` }],
      ...(stream === undefined ? {} : { stream }),
      ...fields,
    };
    const credential = key === '' ? {} : { authorization: `Bearer ${key ?? this.clientKey}` };
    const path = options.path ?? '/v1/chat/completions';
    if ((options.method ?? 'POST') === 'POST' && CALL_PATHS.test(path)) this.calls++;
    const reply = await clientCall(
      gateway.port,
      { ...options, path, ...(options.method === 'GET' ? {} : { body }), headers: { ...credential, ...headers } },
      agent,
    );
    this.judge(reply);
    return reply;
  }

  /** The log's line of the last call to this upstream; waits a little for it. */
  async logLine(to: string): Promise<Readonly<Record<string, unknown>>> {
    for (const until = performance.now() + 2_000; performance.now() < until; await wait(20)) {
      const line = this.gateway.lines('request').findLast(({ model }) => model === this.name(to));
      if (line !== undefined) return line;
    }
    return {};
  }

  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    return (await this.gateway.scrape()).sum(name, labels);
  }

  /** Many at once. */
  async many(count: number, call: (index: number) => KitCall): Promise<ClientReply[]> {
    return Promise.all(Array.from({ length: count }, (_, index) => this.call(call(index))));
  }

  /** A request as bytes, with a good credential unless one is given. */
  raw(method: string, path: string, headers: Readonly<Record<string, string>> = {}, body: string | Buffer = ''): Buffer {
    const names = Object.keys(headers).map((name) => name.toLowerCase());
    const credential = names.some((name) => ['authorization', 'x-api-key', 'api-key'].includes(name))
      ? {}
      : { Authorization: `Bearer ${this.clientKey}` };
    const type = names.includes('content-type') || body.length === 0 ? {} : { 'Content-Type': 'application/json' };
    return rawRequest(method, path, { ...credential, ...type, ...headers }, body);
  }

  async send(bytes: Parameters<typeof sendRaw>[1], options: RawOptions = {}): Promise<RawReply> {
    const reply = await sendRaw(this.gateway.port, bytes, options);
    if (reply.status > 0) this.judge({ ...reply, text: reply.body, cut: false }, reply.status === 400);
    return reply;
  }

  chatBody(to: string, fields: Readonly<Record<string, unknown>> = {}): string {
    return JSON.stringify({ model: this.name(to), messages: [{ role: 'user', content: `A prompt ${this.secrets.mark}.` }], ...fields });
  }

  async neverReader(to: string, bytesPerSecond = 0): Promise<NeverReader> {
    const reader = await NeverReader.ask(
      this.gateway.port,
      this.raw('POST', '/v1/chat/completions', {}, this.chatBody(to, { stream: true })),
      bytesPerSecond,
    );
    this.calls++;
    this.onEnd(() => reader.leave());
    return reader;
  }

  async canary(port = 0, host?: string): Promise<CanaryListener> {
    const canary = await CanaryListener.start(port, host);
    this.onEnd(() => canary.close());
    return canary;
  }

  async proxy(targetPort: number): Promise<ChaosProxy> {
    const proxy = await ChaosProxy.start(targetPort);
    this.onEnd(() => proxy.close());
    return proxy;
  }

  async redis(lines: readonly string[] = [], ...modes: readonly string[]): Promise<RedisProcess> {
    const redis = await startRedis(lines, ...modes);
    this.onEnd(() => redis.stop());
    return redis;
  }

  /** Another gateway than the row's. */
  async start(env: Readonly<Record<string, string>>, options: Omit<StartOptions, 'env'> = {}): Promise<TriedGateway> {
    const { upstreams, fallbacks, keys } = await this.upstreamSettings();
    const gateway = await TriedGateway.start({
      ...options,
      env: {
        ...SHORT_TIMES,
        GATEWAY_API_KEYS: `${this.clientKey},${this.otherKey}`,
        ...(upstreams.length > 0 ? { GATEWAY_UPSTREAMS: upstreams.join(';') } : {}),
        ...(fallbacks.length > 0 ? { GATEWAY_FALLBACKS: fallbacks.join(';') } : {}),
        ...keys,
        ...env,
      },
    });
    this.onEnd(() => (gateway.isAlive ? gateway.stop('SIGKILL') : undefined));
    return gateway;
  }

  onEnd(end: () => Promise<unknown> | void): void {
    this.endings.push(end);
  }

  async end(): Promise<void> {
    for (const end of this.endings.toReversed()) await end();
    await this.upstream.close();
    for (const proxy of this.chaos.values()) await proxy.close();
  }

  private async address(name: string, kind: string): Promise<string> {
    if (kind.includes('://')) return kind;
    if (kind === 'refused') return `http://127.0.0.1:${await freePort()}/v1`;
    if (kind === 'deaf') {
      const deaf = await deafPort();
      this.onEnd(() => deaf.close());
      return `http://127.0.0.1:${deaf.port}/v1`;
    }
    const mode = kind.replace(/^chaos\+/, '');
    this.modes.set(name, decodeURIComponent(mode));
    if (kind === mode) return this.upstream.base(mode);
    const proxy = this.chaos.get(name) ?? (await ChaosProxy.start(this.upstream.port));
    this.chaos.set(name, proxy);
    return `http://127.0.0.1:${proxy.port}/${mode}/v1`;
  }

  /** Every answer that is no success has the one shape, and none tells a secret. `isBare`: bytes that were no HTTP may be refused without one. */
  private judge(reply: Pick<ClientReply, 'status' | 'headers' | 'text' | 'cut'>, mayBeBare = false): void {
    const { status, headers, text } = reply;
    const say = (what: string): void => void this.badShapes.push(`${status}: ${what}`);
    const secret = this.secrets.foundIn(`${JSON.stringify(headers)}${text}`);
    if (secret !== undefined) say(`a secret stands in it (${secret})`);
    if (status < 400 || reply.cut || (mayBeBare && text === '')) return;
    if (!String(headers['content-type']).startsWith('application/json')) say(`content-type ${String(headers['content-type'])}`);
    if (!mayBeBare && headers['x-request-id'] === undefined) say('no x-request-id');
    const error = errorOf(text);
    if (error === undefined) return say(`no error in ${text.slice(0, 80)}`);
    for (const field of ['message', 'type', 'param', 'code']) if (!(field in error)) say(`no ${field}`);
    // The name that a client asked for may be told back to it.
    const told = JSON.stringify(error).replaceAll(/\\"[^"]*\\"/g, '');
    if (/\bat \S+ \(|node_modules|node:|\.js:\d|127\.0\.0\.1|ECONN|undici|ioredis|fastify/i.test(told))
      say(`it tells too much: ${text.slice(0, 160)}`);
  }
}

/** Paths of calls that count. */
export const CALL_PATHS = /^\/v1\/(chat\/completions|completions|embeddings|responses|messages)$/;

function errorOf(text: string): object | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    return typeof error === 'object' && error !== null ? error : undefined;
  } catch {
    return undefined;
  }
}
