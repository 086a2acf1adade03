import { Controller, Get, Logger as CommonLogger, Module } from '@nestjs/common';
import { Logger } from 'nestjs-pino';
import { register } from 'prom-client';
import { requestContext } from '../../test/doubles/request-context.js';
import { type StartedApp, startApp } from '../../test/doubles/nest-app.js';
import { LiveSettings } from '../config/live-settings.js';
import { loadSettings } from '../config/load-settings.js';
import { SettingsModule } from '../config/settings.module.js';
import { Meter } from '../contracts/meter.js';
import { AccessLog } from './access-log.js';
import { LogDestination } from './log-destination.js';
import { createLogger } from './logger.js';
import { MetricsModule } from './metrics.module.js';
import { NestLogModule } from './nest-log.module.js';
import { StateLog } from './state-log.js';

const TOKEN = 'scrape-token-0123456789';
let started: StartedApp | undefined;
let destination: LogDestination;
let logged = '';

@Controller('plain')
class PlainController {
  @Get()
  answer(): string {
    return 'plain';
  }
}
@Module({ controllers: [PlainController] })
class PlainModule {}

async function start(env: Record<string, string> = {}): Promise<StartedApp> {
  logged = '';
  destination = new LogDestination(1, (_fd, data) => {
    logged += data.toString();
    return data.length;
  });
  const live = new LiveSettings(loadSettings({ env, cwd: '/nonexistent' }).settings);
  const logger = createLogger(destination, 'info');
  started = await startApp([
    MetricsModule.with(SettingsModule.with(live), { logger, destination }),
    NestLogModule.with(logger),
    { module: PlainModule },
  ]);
  return started;
}
afterEach(async () => {
  await started?.app.close();
  await destination.close();
});
const lines = (): Record<string, unknown>[] =>
  logged
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

it("GET /metrics is Prometheus text: the house's metrics and Node's, from a registry of its own", async () => {
  const { app, url } = await start();
  app.get(Meter).requestEnded(requestContext({ upstream: 'mock' }), 200, 12, false);
  const response = await fetch(`${url}/metrics`);
  const text = await response.text();
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(text).toContain('nexus_requests_total{endpoint="chat_completions",upstream="mock",status="200"} 1');
  for (const name of [
    'process_resident_memory_bytes',
    'process_cpu_seconds_total',
    'nodejs_eventloop_lag_p99_seconds',
    'nodejs_heap_size_used_bytes',
  ])
    expect(text).toMatch(new RegExp(`^${name} `, 'm'));
  expect(await register.metrics()).toBe('\n');
  for (const line of text.split('\n')) expect(line).toMatch(/^(|# (HELP|TYPE) .+|[a-z0-9_]+(\{([a-z_]+="[^"]*",?)+\})? (-?[\d.e+-]+|NaN|Nan))$/);
});

it('HEAD /metrics answers too', async () => {
  const { url } = await start();
  expect((await fetch(`${url}/metrics`, { method: 'HEAD' })).status).toBe(200);
});

it.each([
  ['no credential', undefined],
  ['another token', `Bearer ${TOKEN}x`],
  ['a beginning of it', `Bearer ${TOKEN.slice(0, -1)}`],
  ['another scheme', `Basic ${TOKEN}`],
  ['the token alone', TOKEN],
  ['an empty bearer', 'Bearer '],
])('where a token is set, a scrape with %s is 401 in the error shape', async (_what, authorization) => {
  const { url } = await start({ GATEWAY_METRICS_TOKEN: TOKEN });
  const response = await fetch(`${url}/metrics`, { headers: authorization === undefined ? {} : { authorization } });
  const body = await response.text();
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe('Bearer');
  expect(JSON.parse(body)).toEqual({ error: { message: expect.any(String), type: 'invalid_request_error', param: null, code: 'invalid_api_key' } });
  expect(body).not.toContain(TOKEN.slice(0, -1));
  expect(body).not.toContain('nexus_');
});

it('where a token is set, a scrape that shows it is answered', async () => {
  const { url } = await start({ GATEWAY_METRICS_TOKEN: TOKEN });
  for (const scheme of ['Bearer', 'bearer'])
    expect((await fetch(`${url}/metrics`, { headers: { authorization: `${scheme} ${TOKEN}` } })).status).toBe(200);
});

it('the interceptor forbids everybody on the way to keep the metrics', async () => {
  const { url } = await start();
  expect((await fetch(`${url}/metrics`)).headers.get('cache-control')).toBe('no-store');
  expect((await fetch(`${url}/plain`)).headers.get('cache-control')).toBeNull();
});

it("Nest's own words come out of nestjs-pino as JSON lines of the house, its chatter does not, and a request makes it say nothing", async () => {
  const { app, url } = await start();
  app.useLogger(app.get(Logger));
  new CommonLogger('Router').log('its chatter');
  new CommonLogger('Router').warn('a word of Nest');
  new CommonLogger('Router').error(new Error('a fault'));
  await fetch(`${url}/plain`, { headers: { authorization: 'Bearer dev-key' } });
  await destination.flush();
  expect(lines()).toEqual([
    { level: 'warn', time: expect.any(String), context: 'Router', msg: 'a word of Nest' },
    expect.objectContaining({ level: 'error', context: 'Router', err: expect.objectContaining({ message: 'a fault' }) }),
  ]);
});

it('the access log writes to the same place', async () => {
  const { app } = await start();
  app.get(AccessLog).write(requestContext(), { method: 'GET', path: '/metrics' }, 200, 1);
  await destination.flush();
  expect(lines()).toEqual([expect.objectContaining({ msg: 'request', path: '/metrics', status: 200 })]);
});

it('a reload changes the level of the log', async () => {
  const { app } = await start();
  const live = app.get(LiveSettings);
  live.replace(loadSettings({ env: { GATEWAY_LOG_LEVEL: 'error' }, cwd: '/nonexistent' }).settings);
  app.get(StateLog).circuitChanged('mock', 'open');
  app.get(AccessLog).write(requestContext({ settings: live.current }), { method: 'GET', path: '/' }, 200, 1);
  app.get(StateLog).fault('something broke', new Error('x'), 'req-1');
  await destination.flush();
  expect(lines()).toEqual([expect.objectContaining({ msg: 'something broke', level: 'error' })]);
});
