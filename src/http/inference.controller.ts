import { Controller, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AuthGuard } from '../auth/auth.guard.js';
import type { GatewayRequest } from '../contracts/gateway-request.js';
import { PolicyGuard } from '../policy/policy.guard.js';
import { ThrottleGuard } from '../policy/throttle.guard.js';
import { Router } from '../routing/router.js';
import { CallDelivery } from './call-delivery.js';
import { callOf } from './call-of.js';

/** The gateway's table of contents: who, whether, how much; then where to, and deliver. */
@Controller(['v1', ''])
@UseGuards(AuthGuard, PolicyGuard, ThrottleGuard)
export class InferenceController {
  constructor(
    private readonly router: Router,
    private readonly delivery: CallDelivery,
  ) {}

  @Post(['chat/completions', 'completions', 'embeddings', 'responses', 'messages'])
  infer(@Req() request: GatewayRequest, @Res() reply: FastifyReply): Promise<void> {
    const call = callOf(request);
    return this.delivery.deliver(() => this.router.plan(call, request.gateway.settings), call, request, reply);
  }
}
