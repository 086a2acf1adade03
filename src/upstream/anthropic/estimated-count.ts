import { GatewayError } from '../../contracts/gateway-error.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import type { Answer } from '../upstream-adapter.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { estimateInputTokens } from './estimate-input-tokens.js';
import { readMessagesRequest } from './read-messages-request.js';

/**
 * The count of a prompt's tokens for an upstream that speaks Anthropic's wire but cannot count; undefined: it refused for another reason.
 * A prompt that makes no sense is a failure, in the house's words.
 */
export function estimatedCount(call: InferenceCall, { model }: Target, status: number, body: Buffer): Answer | UpstreamFailure | undefined {
  if (!cannotCount(model, status, body)) return undefined;
  try {
    const count = { input_tokens: estimateInputTokens(readMessagesRequest(call, false)) };
    return { body: Buffer.from(JSON.stringify(count)), usage: undefined, isOurs: true };
  } catch (error) {
    if (!(error instanceof GatewayError)) return undefined;
    return new UpstreamFailure('rejected', error.message, { status: error.status, body: error.body, cause: error });
  }
}

/** Where a whole server is asked, a 404 may also speak of the model, or of a file in the prompt. At Vertex AI the counter is a model by name. */
function cannotCount(model: string, status: number, body: Buffer): boolean {
  if (status === 405 || status === 501) return true;
  if (status !== 404) return false;
  const words = body.toString('utf8');
  return /count[-_]tokens/i.test(words) || !(NAMES_SOMETHING.test(words) || words.includes(model));
}

const NAMES_SOMETHING = /model|deployment|\b(?:file|container|skill)_\w/i;
