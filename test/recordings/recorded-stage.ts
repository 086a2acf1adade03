import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings } from '../../src/config/load-settings.js';
import type { UpstreamSettings } from '../../src/contracts/gateway-settings.js';
import type { RecordedCase, RecordedTraffic } from '../doubles/recorded-traffic.js';
import { type RunningGateway, runGateway } from '../doubles/running-gateway.js';
import { RecordedProvider } from './recorded-provider.js';
import { recordedUpstream } from './recorded-upstream.js';

/** A gateway in front of a provider that plays recordings, each recording an upstream of its own. */
export class RecordedStage {
  private readonly provider: RecordedProvider;
  /** Recordings whose provider cannot be configured, and why. */
  private readonly unreachable = new Map<string, unknown>();
  private readonly cwd = mkdtempSync(join(tmpdir(), 'nexus-recordings-'));
  private gateway: RunningGateway | undefined;

  constructor(
    private readonly traffic: RecordedTraffic,
    private readonly cases: readonly RecordedCase[],
    seed: number,
  ) {
    this.provider = new RecordedProvider(traffic, cases, seed);
  }

  async start(): Promise<this> {
    await this.provider.start();
    this.gateway = await runGateway({
      GATEWAY_UPSTREAMS: 'mock=mock://local',
      GATEWAY_API_KEY_POLICIES: '{"dev-key":{"rate_limit_per_minute":0}}',
      GATEWAY_MAX_ATTEMPTS: '1',
      GATEWAY_LOG_LEVEL: 'error',
    });
    const { live } = this.gateway;
    // Each has a base of its own, which a variable can say but once: each is loaded alone, and all are served together.
    const upstreams = new Map(live.current.routing.upstreams);
    for (const recorded of this.cases) {
      try {
        upstreams.set(this.nameOf(recorded), this.upstreamOf(recorded));
      } catch (error) {
        this.unreachable.set(recorded.id, error);
      }
    }
    live.replace({ ...live.current, revision: live.current.revision + 1, routing: { ...live.current.routing, upstreams } });
    return this;
  }

  /** What a client asks for to hear this recording. */
  nameOf({ id }: RecordedCase): string {
    return id.replaceAll(/[^a-z0-9]+/gi, '-');
  }

  /** Throws where the recording's provider cannot be configured. */
  async ask(recorded: RecordedCase, path: string, body: object): Promise<Response> {
    if (this.unreachable.has(recorded.id)) throw this.unreachable.get(recorded.id);
    return fetch(`${this.gateway?.url}${path}`, {
      method: 'POST',
      headers: { authorization: 'Bearer dev-key', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  /** How often its provider was called. */
  calls({ id }: RecordedCase): number {
    return this.provider.asked.get(id)?.length ?? 0;
  }

  async stop(): Promise<void> {
    await this.gateway?.stop();
    await this.provider.stop();
    rmSync(this.cwd, { recursive: true, force: true });
  }

  private upstreamOf(recorded: RecordedCase): UpstreamSettings {
    const name = this.nameOf(recorded);
    const { url, env } = recordedUpstream(recorded, this.traffic.requestPathIfKnown(recorded), this.provider.base(recorded));
    const { settings } = loadSettings({ env: { GATEWAY_UPSTREAMS: `${name}=${url}`, ...env }, cwd: this.cwd });
    return settings.routing.upstreams.get(name) as UpstreamSettings;
  }
}
