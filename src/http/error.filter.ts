import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayRequest } from '../contracts/gateway-request.js';
import type { StateLog } from '../metrics/state-log.js';
import { refuseUnread } from './refuse-unread.js';
import { toldError } from './told-error.js';

/** Whatever was thrown on the way becomes the one error shape: in Nest's pipeline as a filter, and for what Fastify throws by itself. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly log: StateLog) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(thrown, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { raw } = reply;
    const { gateway: context } = request as Partial<GatewayRequest>;
    if (!reply.sent) reply.hijack();
    // The client left while it was still sending, or its answer is on its way: there is nobody to tell.
    if (context === undefined || raw.destroyed || raw.headersSent) return void raw.destroy();
    const { method = '', url = '/', headers } = request.raw;
    const error = toldError(thrown, { method, url, requestId: context.requestId, upgrade: headers.upgrade }, this.log);
    refuseUnread(raw, context, error);
  }
}
