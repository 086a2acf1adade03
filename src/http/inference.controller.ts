import { Controller, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AuthGuard } from '../auth/auth.guard.js';
import type { GatewayRequest } from '../contracts/gateway-request.js';
import { StateLog } from '../metrics/state-log.js';
import { PolicyGuard } from '../policy/policy.guard.js';
import { ThrottleGuard } from '../policy/throttle.guard.js';
import { CallRunner } from '../resilience/call-runner.js';
import { Router } from '../routing/router.js';
import { InFlight } from './in-flight.js';
import { ReplyWriter } from './reply-writer.js';
import { toldError } from './told-error.js';

/** The gateway's table of contents: who, whether, how much; then where to, try, deliver. */
@Controller(['v1', ''])
@UseGuards(AuthGuard, PolicyGuard, ThrottleGuard)
export class InferenceController {
  constructor(
    private readonly router: Router,
    private readonly runner: CallRunner,
    private readonly inFlight: InFlight,
    private readonly log: StateLog,
  ) {}

  @Post(['chat/completions', 'completions', 'embeddings'])
  async infer(@Req() request: GatewayRequest, @Res() reply: FastifyReply): Promise<void> {
    const { gateway: context, raw } = request;
    const { call } = context;
    if (call === undefined) throw new Error('the policy guard has to read the call first');
    reply.hijack();
    const writer = new ReplyWriter(reply.raw, context, call.stream);
    this.inFlight.follow(writer, reply.raw);
    try {
      await this.runner.run(this.router.plan(call, context.settings), call, context, writer);
    } catch (thrown) {
      const { method = '', url = '' } = raw;
      writer.refuse(toldError(thrown, { method, url, requestId: context.requestId }, this.log));
    }
  }
}
