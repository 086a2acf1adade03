import { Controller, Get, Res, ServiceUnavailableException, UseInterceptors } from '@nestjs/common';
import { type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import type { FastifyReply } from 'fastify';
import { LiveSettings } from '../config/live-settings.js';
import { StoreHealth } from '../contracts/store-health.js';
import { CacheControlInterceptor } from '../metrics/cache-control.interceptor.js';
import { PRODUCT_VERSION } from '../metrics/product-version.js';
import { HealthChecks } from './health-checks.js';
import { Readiness } from './readiness.js';

/** For orchestrators (live, ready: a status and no more) and for people (the rest). Needs no credential, so it names no address and no key. */
@Controller()
@UseInterceptors(CacheControlInterceptor)
export class HealthController {
  constructor(
    private readonly readiness: Readiness,
    private readonly settings: LiveSettings,
    private readonly store: StoreHealth,
    private readonly terminus: HealthCheckService,
    private readonly checks: HealthChecks,
  ) {}

  /** That this answers at all is the answer: upstreams, Redis and load are no reason to restart a process. */
  @Get(['health/live', 'health/liveliness', 'livez'])
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** Whether to send calls here. Trouble that every replica shares is told, but does not take them all out of service. */
  @Get(['health/ready', 'health/readiness', 'readyz'])
  ready(@Res({ passthrough: true }) reply: FastifyReply): { status: string; degraded?: string[] } {
    const { state } = this.readiness;
    if (state !== 'ready') {
      reply.code(503);
      return { status: state };
    }
    return this.store.rateLimitStore === 'down' ? { status: 'ok', degraded: ['rate_limit_store'] } : { status: 'ok' };
  }

  /** Always 200: a probe that is pointed here by mistake must not end a process that drains or waits for an upstream. */
  @Get(['health', 'healthz'])
  async detail(): Promise<object> {
    const { status, details } = await this.terminus.check(this.checks.all).catch(resultOf);
    const { state } = this.readiness;
    return {
      status: state === 'ready' ? status : state,
      version: PRODUCT_VERSION,
      settings_revision: this.settings.current.revision,
      uptime_seconds: Math.floor(process.uptime()),
      ...details,
    };
  }
}

/** Terminus answers by throwing once the application closes. */
function resultOf(error: unknown): HealthCheckResult {
  if (error instanceof ServiceUnavailableException) return error.getResponse() as HealthCheckResult;
  throw error;
}
