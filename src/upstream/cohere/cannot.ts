import { GatewayError } from '../../contracts/gateway-error.js';

/** `what`: completes "The provider of this model …". */
export function cannot(param: string, what: string): GatewayError {
  return new GatewayError('invalid_value', `The provider of this model ${what}. Leave ${param} out, or ask for another model.`, { param });
}
