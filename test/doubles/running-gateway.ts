import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LiveSettings } from '../../src/config/live-settings.js';
import { loadSettings } from '../../src/config/load-settings.js';
import { createApp, type GatewayApp } from '../../src/create-app.js';
import { drain } from '../../src/http/drain.js';
import { Listeners } from '../../src/http/listeners.js';
import { createLogger } from '../../src/metrics/logger.js';
import type { LogDestination } from '../../src/metrics/log-destination.js';
import { RateLimitStore } from '../../src/policy/rate-limit-store.js';

export interface RunningGateway extends GatewayApp {
  readonly url: string;
  readonly live: LiveSettings;
  /** Every line of the log so far. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  /** Lines of requests, once so many are there; waits a little for the last one. */
  requestLines(count: number): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** The value of one series of /metrics; 0 when it is not there. */
  metric(series: string): Promise<number>;
  stop(): Promise<void>;
}

/** The house itself in this process, on a free port of loopback, with these settings and no others. */
export async function runGateway(env: Readonly<Record<string, string>> = {}): Promise<RunningGateway> {
  const cwd = mkdtempSync(join(tmpdir(), 'nexus-'));
  const { settings } = loadSettings({ env: { GATEWAY_HOST: '127.0.0.1', ...env }, cwd });
  const live = new LiveSettings(settings);
  const lines: Record<string, unknown>[] = [];
  const destination = {
    write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>),
    dropped: 0,
  } as unknown as LogDestination;
  const house = await createApp(live, { destination, logger: createLogger(destination, settings.observability.logLevel), speaks: true });
  await house.app.listen({ host: '127.0.0.1', port: 0 });
  house.readiness.ready();
  const address = house.server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const requests = (): Record<string, unknown>[] => lines.filter(({ msg }) => msg === 'request');
  return {
    ...house,
    url,
    live,
    lines,
    requestLines: async (count) => {
      for (const until = performance.now() + 5_000; requests().length < count && performance.now() < until;)
        await new Promise((resolve) => setTimeout(resolve, 5));
      return requests();
    },
    metric: async (series) => {
      const text = await (await fetch(`${url}/metrics`)).text();
      const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
      return line === undefined ? 0 : Number(line.slice(series.length + 1));
    },
    stop: async () => {
      await drain(house.server, new Listeners(house.server), house.inFlight, house.readiness, {
        ...settings.server,
        drainDelayMs: 0,
        drainTimeoutMs: 1_000,
      });
      await house.app.close();
      await house.app.get(RateLimitStore).close();
      rmSync(cwd, { recursive: true, force: true });
    },
  };
}
