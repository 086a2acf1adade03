import type { GatewayRequest } from '../contracts/gateway-request.js';
import type { InferenceCall } from '../contracts/inference-call.js';

/** The call that the policy guard has read. */
export function callOf({ gateway: { call } }: GatewayRequest): InferenceCall {
  if (call === undefined) throw new Error('the policy guard has to read the call first');
  return call;
}
