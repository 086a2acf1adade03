import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { GatewayRequest } from '../contracts/gateway-request.js';
import type { InferenceCall } from '../contracts/inference-call.js';
import type { RoutePlan } from '../contracts/target.js';
import { StateLog } from '../metrics/state-log.js';
import { CallRunner } from '../resilience/call-runner.js';
import { InFlight } from './in-flight.js';
import { ReplyWriter } from './reply-writer.js';
import { toldError } from './told-error.js';

/** Runs a call on its plan and brings the client what comes of it: an answer, a stream, or the reason why there is none. */
@Injectable()
export class CallDelivery {
  constructor(
    private readonly runner: CallRunner,
    private readonly inFlight: InFlight,
    private readonly log: StateLog,
  ) {}

  async deliver(planned: () => RoutePlan, call: InferenceCall, { gateway: context, raw }: GatewayRequest, reply: FastifyReply): Promise<void> {
    reply.hijack();
    // The client may have left while others were asked whether it may: there is nobody to send a call for.
    if (reply.raw.destroyed) return;
    const writer = new ReplyWriter(reply.raw, context, call.stream);
    this.inFlight.follow(writer, reply.raw);
    try {
      await this.runner.run(planned(), call, context, writer);
    } catch (thrown) {
      const { method = '', url = '' } = raw;
      writer.refuse(toldError(thrown, { method, url, requestId: context.requestId }, this.log));
    }
  }
}
