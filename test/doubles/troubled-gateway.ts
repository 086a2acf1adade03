import { FaultUpstream } from '../faults/fault-upstream.js';
import { type RunningGateway, runGateway } from './running-gateway.js';
import { chat, type Told } from './told.js';

/** A gateway whose upstreams go wrong, each in its own way: `named` has nothing behind it, behind `saved` stands a good one. */
export class TroubledGateway {
  private constructor(
    private readonly modes: readonly string[],
    readonly fault: FaultUpstream,
    readonly gateway: RunningGateway,
  ) {}

  static async start(
    modes: readonly string[],
    upstreams: Readonly<Record<string, string>> = {},
    env: Readonly<Record<string, string>> = {},
  ): Promise<TroubledGateway> {
    const fault = await FaultUpstream.start();
    const bases = modes.flatMap((mode, index) => [`bad-${index}`, `saved-${index}`].map((name) => `${name}=${fault.base(encodeURIComponent(mode))}`));
    const others = Object.entries(upstreams).flatMap(([name, url]) => [`${name}=${url}`, `saved-${name}=${url}`]);
    const gateway = await runGateway({
      GATEWAY_UPSTREAMS: ['good=mock://local?reply=saved', ...bases, ...others].join(';'),
      GATEWAY_FALLBACKS: [...modes.keys(), ...Object.keys(upstreams)].map((name) => `saved-${name}=good`).join(';'),
      GATEWAY_API_KEY_POLICIES: '{"dev-key":{"rate_limit_per_minute":0}}',
      GATEWAY_REQUEST_TIMEOUT_SECONDS: '0.3',
      GATEWAY_STREAM_IDLE_TIMEOUT_SECONDS: '0.3',
      GATEWAY_FIRST_CONTENT_TIMEOUT_SECONDS: '0.4',
      GATEWAY_TOTAL_TIMEOUT_SECONDS: '0.9',
      GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '1000',
      GATEWAY_RESPONSE_LIMIT_BYTES: '2097152',
      ...env,
    });
    return new TroubledGateway(modes, fault, gateway);
  }

  named(mode: string): string {
    return `bad-${this.modes.indexOf(mode)}`;
  }

  saved(mode: string): string {
    return `saved-${this.modes.indexOf(mode)}`;
  }

  /** One call; `hits`: how often the upstream of this mode was asked. What no client may ever see is looked for each time. */
  async tell(model: string, mode: string, body: Readonly<Record<string, unknown>> = {}): Promise<Told & { readonly hits: number }> {
    const before = this.fault.ledger.of(mode).length;
    const told = await chat(this.gateway.url, { model, ...body });
    expect(this.fault.ledger.of('__canary')).toEqual([]);
    if (told.status >= 400) expect(told.headers.get('content-type')).toBe('application/json');
    expect(told.headers.get('x-request-id')).toMatch(/^req_/);
    expect(told.text).not.toMatch(/CANARY|canary|127\.0\.0\.1|undici|<html|\bat .*:\d+/);
    return { ...told, hits: this.fault.ledger.of(mode).length - before };
  }

  /** Modes of upstreams whose answer has not ended. */
  get running(): readonly string[] {
    return this.fault.ledger.entries.filter(({ state }) => state === 'running').map(({ mode }) => mode);
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
    await this.fault.close();
  }
}
