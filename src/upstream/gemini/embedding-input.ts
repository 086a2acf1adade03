import { GatewayError } from '../../contracts/gateway-error.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import { fieldValue } from '../../json/read-field.js';

/** What an embeddings call asks for, in Google's words. */
export interface EmbeddingInput {
  readonly texts: readonly string[];
  readonly outputDimensionality: number | undefined;
  /** `RETRIEVAL_DOCUMENT` and the like, as LiteLLM's users write it. */
  readonly taskType: string | undefined;
  readonly title: string | undefined;
}

/** Google counts tokens its own way: lists of another's numbers cannot be told, and are refused. */
export function embeddingInput(call: InferenceCall): EmbeddingInput {
  const field = (name: string): unknown => fieldValue(call.body, call, name) ?? undefined;
  const input = field('input');
  const texts = typeof input === 'string' ? [input] : input;
  if (!Array.isArray(texts) || texts.length === 0 || !texts.every((text) => typeof text === 'string'))
    throw new GatewayError('invalid_value', 'With this model, input is a text or a list of texts; lists of tokens are not understood.', {
      param: 'input',
    });
  const dimensions = field('dimensions');
  if (dimensions !== undefined && !(typeof dimensions === 'number' && Number.isInteger(dimensions) && dimensions > 0))
    throw new GatewayError('invalid_value', 'dimensions must be a whole number of at least 1.', { param: 'dimensions' });
  return { texts, outputDimensionality: dimensions as number | undefined, taskType: word(field('task_type')), title: word(field('title')) };
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
