import { ProviderStage } from './provider-stage.js';
import { PLAYED_PROVIDERS } from './providers/played-providers.js';
import { type RunningGateway, runGateway } from './running-gateway.js';
import { Contacts } from './contacts.js';

/** The wires of providers that every client is tried with, by the names of their upstreams. */
export const WIRES = ['openai', 'responses', 'anthropic', 'gemini', 'bedrock', 'azure', 'cohere'] as const;
/** Those that have embeddings. */
export const EMBEDDING_WIRES = ['openai', 'azure', 'gemini', 'bedrock-embed', 'cohere'] as const;

/** A gateway before providers that are played, for a client library: `dev-key` may all, `hasty-key` one call a minute. */
export class StagedGateway {
  readonly contacts = new Contacts();

  private constructor(
    readonly stage: ProviderStage,
    readonly gateway: RunningGateway,
  ) {}

  static async start(): Promise<StagedGateway> {
    const stage = await new ProviderStage(PLAYED_PROVIDERS).start();
    const environment = stage.environment();
    const gateway = await runGateway({
      ...environment,
      GATEWAY_UPSTREAMS: `${environment['GATEWAY_UPSTREAMS']};bedrock-embed=litellm://bedrock/cohere.embed-v4:0`,
      GATEWAY_API_KEYS: 'dev-key,hasty-key',
      GATEWAY_API_KEY_POLICIES: '{"dev-key":{"rate_limit_per_minute":0},"hasty-key":{"rate_limit_per_minute":1}}',
      GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '1000',
      GATEWAY_MAX_ATTEMPTS: '1',
    });
    return new StagedGateway(stage, gateway);
  }

  /** Whether the last call that a provider got was closed by the gateway before its answer was over; waits for it. */
  async wasLeft(provider: string): Promise<boolean> {
    const call = this.stage.last(provider);
    for (const until = performance.now() + 10_000; !call.isGone && performance.now() < until;) await new Promise((resolve) => setTimeout(resolve, 5));
    return call.isGone;
  }

  /** Once the call's request has come to the provider; waits for it. */
  async arrival(provider: string, count: number): Promise<void> {
    for (const until = performance.now() + 10_000; this.stage.count(provider) < count && performance.now() < until;)
      await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** The body that a provider got last. */
  sentTo(provider: string): Record<string, unknown> {
    return JSON.parse(this.stage.last(provider).body.toString()) as Record<string, unknown>;
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
    await this.stage.stop();
    this.contacts.stop();
  }
}
