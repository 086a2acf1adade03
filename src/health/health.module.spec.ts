import type { DynamicModule } from '@nestjs/common';
import { type StartedApp, startApp } from '../../test/doubles/nest-app.js';
import { settingsFrom } from '../../test/doubles/settings-from.js';
import { type CircuitView, HealthView } from '../contracts/health-view.js';
import { LiveSettings } from '../config/live-settings.js';
import { StoreHealth } from '../contracts/store-health.js';
import { HealthModule } from './health.module.js';
import { Readiness } from './readiness.js';

class KnownHealth extends HealthView {
  constructor(private readonly states: Readonly<Record<string, CircuitView['state']>>) {
    super();
  }
  override circuits(): CircuitView[] {
    return Object.entries(this.states).map(([upstream, state]) => ({ upstream, state }));
  }
  override isAvailable(upstream: string): boolean {
    return this.states[upstream] === 'closed';
  }
  override view(): never {
    throw new Error('The page for people asks for circuits, and no more.');
  }
}
class KnownModule {
  static with(health: HealthView, store: StoreHealth): DynamicModule {
    const providers = [
      { provide: HealthView, useValue: health },
      { provide: StoreHealth, useValue: store },
      { provide: LiveSettings, useValue: new LiveSettings(settingsFrom({})) },
    ];
    return { module: KnownModule, providers, exports: [HealthView, StoreHealth, LiveSettings] };
  }
}

let started: StartedApp | undefined;
afterEach(() => started?.app.close());

async function start(
  circuits: Readonly<Record<string, CircuitView['state']>> = { llama: 'closed' },
  store: StoreHealth['rateLimitStore'] = 'memory',
): Promise<{ readiness: Readiness; get: (path: string) => Promise<{ status: number; body: unknown }> }> {
  const readiness = new Readiness();
  started = await startApp([HealthModule.with(readiness, KnownModule.with(new KnownHealth(circuits), { rateLimitStore: store }))]);
  const { url } = started;
  return {
    readiness,
    get: async (path) => {
      const response = await fetch(url + path);
      expect(response.headers.get('cache-control')).toBe('no-store');
      return { status: response.status, body: await response.json() };
    },
  };
}

it.each(['/health/live', '/health/liveliness', '/livez'])('%s is ok from the start to the end, whatever fails elsewhere', async (path) => {
  const { readiness, get } = await start({ llama: 'open' }, 'down');
  expect(await get(path)).toEqual({ status: 200, body: { status: 'ok' } });
  readiness.drain();
  expect(await get(path)).toEqual({ status: 200, body: { status: 'ok' } });
});

it.each(['/health/ready', '/health/readiness', '/readyz'])('%s is 503 while starting and while draining', async (path) => {
  const { readiness, get } = await start();
  expect(await get(path)).toEqual({ status: 503, body: { status: 'starting' } });
  readiness.ready();
  expect(await get(path)).toEqual({ status: 200, body: { status: 'ok' } });
  readiness.drain();
  expect(await get(path)).toEqual({ status: 503, body: { status: 'draining' } });
  readiness.ready();
  expect(await get(path)).toEqual({ status: 503, body: { status: 'draining' } });
});

it('without Redis it stays ready, and says what is worse than usual', async () => {
  const { readiness, get } = await start({ llama: 'closed' }, 'down');
  readiness.ready();
  expect(await get('/health/ready')).toEqual({ status: 200, body: { status: 'ok', degraded: ['rate_limit_store'] } });
});

it('open circuits do not take it out of service: fallbacks and other upstreams serve', async () => {
  const { readiness, get } = await start({ llama: 'open', backup: 'half-open' });
  readiness.ready();
  expect(await get('/health/ready')).toEqual({ status: 200, body: { status: 'ok' } });
});

it.each(['/health', '/healthz'])('%s tells people the version, the upstreams and the store, and nothing else', async (path) => {
  const { readiness, get } = await start({ llama: 'closed' }, 'up');
  readiness.ready();
  expect(await get(path)).toEqual({
    status: 200,
    body: {
      status: 'ok',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      settings_revision: 1,
      uptime_seconds: expect.any(Number),
      upstreams: { status: 'up', upstreams: { llama: { circuit: 'closed', available: true } } },
      rate_limit_store: { status: 'up', kind: 'redis' },
    },
  });
});

it('/health shows trouble and the state of the process, and is 200 all the same', async () => {
  const { readiness, get } = await start({ llama: 'open', backup: 'closed' }, 'down');
  expect(await get('/health')).toMatchObject({ status: 200, body: { status: 'starting' } });
  readiness.ready();
  expect(await get('/health')).toMatchObject({
    status: 200,
    body: {
      status: 'degraded',
      upstreams: { status: 'degraded', upstreams: { llama: { circuit: 'open', available: false }, backup: { circuit: 'closed', available: true } } },
      rate_limit_store: { status: 'degraded', kind: 'redis' },
    },
  });
  readiness.drain();
  expect(await get('/health')).toMatchObject({ status: 200, body: { status: 'draining' } });
});

it('HEAD answers as GET does, without a body', async () => {
  await start();
  for (const [path, status] of [
    ['/health/live', 200],
    ['/health/ready', 503],
    ['/health', 200],
  ] as const) {
    const response = await fetch(`${started?.url}${path}`, { method: 'HEAD' });
    expect([path, response.status, await response.text()]).toEqual([path, status, '']);
  }
});
