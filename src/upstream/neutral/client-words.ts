import { GatewayError } from '../../contracts/gateway-error.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import type { InboundDialect } from './inbound-dialect.js';

/** What a client's wire calls a parameter: `param` where it stands in the request, `word` what is to be left out there, where that is not all of it. */
export interface ClientWord {
  readonly param: string;
  readonly word?: string;
}

/** A refusal of whoever writes requests names parameters as chat completions do: here it names what the client sent. Any other error is left alone. */
export function inClientWords(error: unknown, inbound: InboundDialect, call: InferenceCall): unknown {
  if (!(error instanceof GatewayError) || error.details.param === undefined) return error;
  const { code, message, details } = error;
  const named = inbound.paramName?.(error.details.param, call);
  if (named === undefined) return error;
  const { param, word = param } = named;
  return new GatewayError(code, message.replaceAll(new RegExp(`\\b${error.details.param}\\b`, 'g'), word), { ...details, param });
}
