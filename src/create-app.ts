import 'reflect-metadata';
import type { Server } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Logger } from 'nestjs-pino';
import { AppModule } from './app.module.js';
import type { LiveSettings } from './config/live-settings.js';
import { Meter } from './contracts/meter.js';
import { registerDocs } from './docs/register-docs.js';
import { Readiness } from './health/readiness.js';
import { askFirst } from './http/ask-first.js';
import { ErrorFilter } from './http/error.filter.js';
import { InFlight } from './http/in-flight.js';
import { partGently } from './http/part-gently.js';
import { RequestDoor } from './http/request-door.js';
import { serverOptions } from './http/server-options.js';
import { tameServer } from './http/tame-server.js';
import { hasUnreadBody } from './http/unread-body.js';
import { AccessLog } from './metrics/access-log.js';
import { StateLog } from './metrics/state-log.js';
import { LoadWatch } from './resilience/load-watch.js';
import { selfView } from './resilience/self-view.js';
import type { World } from './world.js';

export interface GatewayApp {
  readonly app: NestFastifyApplication;
  readonly server: Server;
  readonly inFlight: InFlight;
  readonly readiness: Readiness;
  /** Not yet started: whoever serves for real starts it. */
  readonly load: LoadWatch;
}

/** Nest on Fastify, wired once: the product and its end-to-end tests are the same house. */
export async function createApp(live: LiveSettings, world: World): Promise<GatewayApp> {
  const readiness = new Readiness();
  const faults: { answer: (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => void } = {
    answer: (_thrown, _request, reply) => void reply.raw.destroy(),
  };
  const adapter = new FastifyAdapter(serverOptions(live.current.server, (thrown, request, reply) => faults.answer(thrown, request, reply)));
  const options = { bodyParser: false, bufferLogs: true, abortOnError: false } as const;
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.with(live, world, readiness), adapter, options);
  app.useLogger(app.get(Logger));

  const load = new LoadWatch(selfView());
  const inFlight = app.get(InFlight);
  const filter = new ErrorFilter(app.get(StateLog));
  const door = new RequestDoor(live, app.get(Meter), app.get(AccessLog), inFlight, load, world.telemetry);
  app.useGlobalFilters(filter);
  faults.answer = (thrown, request, reply) => {
    Object.assign(request, { gateway: door.open(request.raw, reply.raw) });
    filter.answer(thrown, request, reply);
  };

  const fastify = adapter.getInstance<FastifyInstance>();
  // Nothing reads a body before the guards have let its sender in.
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', (_request, _payload, done) => done(null));
  fastify.decorateRequest('gateway', null);
  fastify.addHook('onRequest', (request, reply, done) => {
    const context = door.open(request.raw, reply.raw);
    (request as unknown as { gateway: typeof context }).gateway = context;
    try {
      door.inspect(request.raw);
    } catch (refusal) {
      return filter.answer(refusal, request, reply);
    }
    done();
  });
  // Answers that Fastify writes itself (health, models, docs).
  fastify.addHook('onSend', (request, reply, payload, done) => {
    void reply.header('x-request-id', (request as unknown as { gateway: { requestId: string } }).gateway.requestId);
    if (hasUnreadBody(request.raw)) {
      void reply.header('connection', 'close');
      partGently(request.raw.socket);
    }
    done(null, payload);
  });
  if (live.current.server.docs) registerDocs(fastify);

  const server = app.getHttpServer() as Server;
  tameServer(server);
  askFirst(server, (request, response) => door.turnsAway(request, response));
  await app.init();
  return { app, server, inFlight, readiness, load };
}
