import { Controller, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AuthGuard } from '../auth/auth.guard.js';
import type { GatewayRequest } from '../contracts/gateway-request.js';
import type { UpstreamDialect } from '../contracts/upstream-dialect.js';
import { TokenCounter } from '../contracts/token-counter.js';
import { PolicyGuard } from '../policy/policy.guard.js';
import { Router } from '../routing/router.js';
import { CallDelivery } from './call-delivery.js';
import { callOf } from './call-of.js';

/** How long a prompt is: asked of upstreams that can count, estimated for all others. Costs nothing of the caller's limit. */
@Controller(['v1', ''])
@UseGuards(AuthGuard, PolicyGuard)
export class CountTokensController {
  constructor(
    private readonly router: Router,
    private readonly delivery: CallDelivery,
    private readonly counter: TokenCounter,
  ) {}

  @Post('messages/count_tokens')
  async count(@Req() request: GatewayRequest, @Res() reply: FastifyReply): Promise<void> {
    const call = callOf(request);
    const [first] = this.router.plan(call, request.gateway.settings);
    if (counts(first.upstream.dialect)) return this.delivery.deliver(() => [first], call, request, reply);
    await reply.code(200).send({ input_tokens: this.counter.count(call) });
  }
}

function counts(dialect: UpstreamDialect): boolean {
  return dialect.name === 'anthropic' || (dialect.name === 'vertex_ai' && dialect.publisher === 'anthropic');
}
