import 'reflect-metadata';
import { type ArgumentsHost, Catch, type DynamicModule, type ExceptionFilter, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { GatewayError } from '../../src/contracts/gateway-error.js';

export interface StartedApp {
  readonly app: NestFastifyApplication;
  /** Without a slash at its end. */
  readonly url: string;
}

@Module({})
class TestedModule {}

/** Only what a refusal needs to be seen by a test of one module: status, headers and body. */
@Catch(GatewayError)
class PlainErrorFilter implements ExceptionFilter<GatewayError> {
  catch(error: GatewayError, host: ArgumentsHost): void {
    void host
      .switchToHttp()
      .getResponse<FastifyReply>()
      .code(error.status)
      .headers(error.details.headers ?? {})
      .send(error.body);
  }
}

/** Modules on Nest and Fastify behind a real socket of loopback. */
export async function startApp(imports: DynamicModule[], prepare: (fastify: FastifyInstance) => void = () => {}): Promise<StartedApp> {
  const app = await NestFactory.create<NestFastifyApplication>({ module: TestedModule, imports }, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  app.useGlobalFilters(new PlainErrorFilter());
  prepare(app.getHttpAdapter().getInstance() as unknown as FastifyInstance);
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, url: (await app.getUrl()).replace('[::1]', '127.0.0.1') };
}
