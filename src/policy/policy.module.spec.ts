import 'reflect-metadata';
import { Controller, type DynamicModule, Module, Post, Req, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { RecordingMeter } from '../../test/doubles/recording-meter.js';
import { requestContext } from '../../test/doubles/request-context.js';
import { settingsFrom } from '../../test/doubles/settings-from.js';
import { LiveSettings } from '../config/live-settings.js';
import { SettingsModule } from '../config/settings.module.js';
import type { GatewayRequest } from '../contracts/gateway-request.js';
import { Meter } from '../contracts/meter.js';
import { MemoryRateLimitStore } from './memory-rate-limit-store.js';
import { PolicyGuard } from './policy.guard.js';
import { PolicyModule } from './policy.module.js';
import { RateLimitStore } from './rate-limit-store.js';
import { ThrottleGuard } from './throttle.guard.js';

@Controller('chat')
@UseGuards(PolicyGuard, ThrottleGuard)
class ChatController {
  @Post()
  answer(@Req() { gateway }: GatewayRequest): object {
    return { model: gateway.call?.model, bytes: gateway.call?.body.length, limits: gateway.rateLimitHeaders };
  }
}

@Module({})
class MetricsDouble {}
@Module({})
class StoreModule {}
@Module({})
class ChatModule {}

const settings = settingsFrom();
const metrics: DynamicModule = { module: MetricsDouble, providers: [{ provide: Meter, useValue: new RecordingMeter() }], exports: [Meter] };
const storeModule = (store: RateLimitStore): DynamicModule => ({
  module: StoreModule,
  providers: [{ provide: RateLimitStore, useValue: store }],
  exports: [RateLimitStore],
});

async function start(store: RateLimitStore | DynamicModule): Promise<NestFastifyApplication> {
  const policy = PolicyModule.with(SettingsModule.with(new LiveSettings(settings)), metrics, store);
  const adapter = new FastifyAdapter();
  const chat = { module: ChatModule, imports: [policy], controllers: [ChatController] };
  const app = await NestFactory.create<NestFastifyApplication>(chat, adapter, { bodyParser: false, logger: false, abortOnError: false });
  const fastify = adapter.getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', (_request, _payload, done) => done(null));
  fastify.addHook('onRequest', (request, _reply, done) => {
    const principal = { kind: 'key', id: 'p', allowedModels: undefined, rateLimitPerMinute: 2 } as const;
    Object.assign(request, { gateway: requestContext({ settings, principal }) });
    done();
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return app;
}

it.each([
  ['a store that is ready', (store: RateLimitStore) => store],
  ['a module that makes the store', storeModule],
])('with %s, a controller of another module is guarded: bodies of any size are read, and calls are counted', async (_what, given) => {
  const app = await start(given(new MemoryRateLimitStore()));
  try {
    const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
    const post = (body: string): Promise<Response> => fetch(`${url}/chat`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const large = JSON.stringify({ model: 'mock', text: 'x'.repeat(3_000_000) });
    for (const [body, remaining] of [
      ['{"model":"mock"}', '1'],
      [large, '0'],
    ] as const) {
      const answer = await post(body);
      expect([answer.status, await answer.json()]).toEqual([
        201,
        { model: 'mock', bytes: body.length, limits: expect.objectContaining({ 'x-ratelimit-remaining-requests': remaining }) },
      ]);
    }
    for (const refused of ['{"model":"mock"}', '{"model":"ghost"}', 'no json']) expect((await post(refused)).status).toBe(500);
  } finally {
    await app.close();
  }
});
