import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { modelNotFound, resolves } from '../config/model-names.js';
import type { GatewayRequest } from '../contracts/gateway-request.js';
import { overloaded } from '../contracts/overloaded.js';
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
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<GatewayRequest>();
    requireJson(request.raw);
    reserve(request);
    return request.raw.complete ? this.enter(request) : this.enterSoon(request);
  }

  /** Guards run while the head is still being parsed: a body that came with it is there right after. */
  private async enterSoon(request: GatewayRequest): Promise<boolean> {
    await undefined;
    return this.enter(request);
  }

  private enter(request: GatewayRequest): boolean | Promise<boolean> {
    const { raw, gateway } = request;
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

/** Many large bodies at once are more than a small container holds: there must be room for one before it is read. */
function reserve({ headers, gateway }: GatewayRequest): void {
  const declared = headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : UNDECLARED_BYTES;
  const isTaken = declared > SMALL_BYTES && declared <= gateway.settings.server.bodyBytesMax;
  if (isTaken && !gateway.reserveBody(declared)) throw overloaded();
}

const SMALL_BYTES = 64 * 1024;
const UNDECLARED_BYTES = 1024 * 1024;
