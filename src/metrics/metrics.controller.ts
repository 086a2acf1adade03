import { Controller, Get, Res, UseGuards, UseInterceptors } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CacheControlInterceptor } from './cache-control.interceptor.js';
import { MetricsSource } from './metrics-source.js';
import { MetricsTokenGuard } from './metrics-token.guard.js';

/** The scrape. Any worker answers for all. */
@Controller('metrics')
@UseGuards(MetricsTokenGuard)
@UseInterceptors(CacheControlInterceptor)
export class MetricsController {
  constructor(private readonly source: MetricsSource) {}

  @Get()
  async scrape(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    reply.header('content-type', this.source.contentType);
    return this.source.text();
  }
}
