import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { modelNotFound, resolves } from '../config/model-names.js';
import type { GatewayRequest } from '../contracts/gateway-request.js';
import { isInference } from './inference-endpoints.js';
import { requireJson } from './media-type.js';
import { readBody } from './read-body.js';
import { readCall } from './read-call.js';

/**
 * May they? Reads the body of whom the auth guard let in, sets `call`, and lets it pass when its model is one that the caller may ask for.
 * A small body that came with its headers is read without a listener.
 */
@Injectable()
export class PolicyGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<GatewayRequest>();
    const { raw, gateway } = request;
    requireJson(raw);
    // Guards run while the head is still being parsed: a body that came with it is handed on right after.
    if (!raw.complete) await undefined;
    const body = readBody(raw, gateway.settings.server, gateway.sendContinue);
    return body instanceof Promise ? this.wait(body, request) : this.judge(body, request);
  }

  /** What the client takes to send its body is not our own time. */
  private async wait(body: Promise<Buffer>, request: GatewayRequest): Promise<boolean> {
    const from = performance.now();
    const whole = await body.finally(() => (request.gateway.waitedMs += performance.now() - from));
    return this.judge(whole, request);
  }

  private judge(body: Buffer, { headers, gateway }: GatewayRequest): boolean {
    const { principal, endpoint, settings, requestId } = gateway;
    if (principal === undefined || !isInference(endpoint)) throw new Error('the policy guard stands after the auth guard, on inference routes');
    const call = readCall(body, headers, { endpoint, requestId, principal });
    if (!resolves(call.model, principal, settings)) throw modelNotFound(call.model);
    gateway.call = call;
    return true;
  }
}
