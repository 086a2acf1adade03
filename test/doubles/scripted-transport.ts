import type { UpstreamSettings } from '../../src/contracts/gateway-settings.js';
import { type Exchange, type ReplySink, type UpstreamRequest, UpstreamTransport } from '../../src/upstream/upstream-transport.js';

/** One exchange as the upstream's end sees it. Like a real one it tells nothing after it was cancelled. */
export class ScriptedExchange implements Exchange {
  cancels = 0;
  resumes = 0;
  /** What `data` last answered: whether the flow goes on. */
  flows = true;

  constructor(
    readonly upstream: string,
    readonly request: UpstreamRequest,
    private readonly toldSink: ReplySink,
  ) {}

  get sink(): ReplySink {
    return this.cancels > 0 ? MUTE : this.toldSink;
  }

  head(status: number, headers: Readonly<Record<string, string>> = {}): this {
    this.sink.head(status, headers);
    return this;
  }

  stream(...chunks: readonly string[]): this {
    return this.head(200, { 'content-type': 'text/event-stream' }).data(...chunks);
  }

  data(...chunks: readonly string[]): this {
    for (const chunk of chunks) this.flows = this.sink.data(Buffer.from(chunk));
    return this;
  }

  end(): void {
    this.sink.end();
  }

  resume(): void {
    this.resumes += 1;
    this.flows = true;
  }

  cancel(): void {
    this.cancels += 1;
  }
}

/** Carries nothing anywhere: a script plays the upstream, in a later turn, or the test does it by hand. */
export class ScriptedTransport extends UpstreamTransport {
  readonly exchanges: ScriptedExchange[] = [];

  /** `number` counts the exchanges with this upstream, from 1. */
  constructor(private readonly script?: (exchange: ScriptedExchange, number: number) => void) {
    super();
  }

  override send(upstream: UpstreamSettings, request: UpstreamRequest, sink: ReplySink): Exchange {
    const exchange = new ScriptedExchange(upstream.name, request, sink);
    this.exchanges.push(exchange);
    const number = this.sentTo(upstream.name);
    const { script } = this;
    if (script !== undefined) queueMicrotask(() => script(exchange, number));
    return exchange;
  }

  get last(): ScriptedExchange {
    const last = this.exchanges.at(-1);
    if (last === undefined) throw new Error('nothing was sent');
    return last;
  }

  /** Names of the upstreams that were sent something, in order. */
  get order(): string[] {
    return this.exchanges.map(({ upstream }) => upstream);
  }

  sentTo(upstream: string): number {
    return this.order.filter((name) => name === upstream).length;
  }
}

const MUTE: ReplySink = { head: () => {}, data: () => true, end: () => {}, fail: () => {} };
