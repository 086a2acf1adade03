import { GatewayError } from '../../contracts/gateway-error.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import { embeddingInput } from '../gemini/embedding-input.js';
import type { JsonObject } from '../openai/json-value.js';

/** Elder models are asked for predictions, several at once; from `gemini-embedding-2` on there is one text a call. */
export function writeVertexEmbeddings(call: InferenceCall, model: string): { readonly verb: string; readonly body: JsonObject } {
  const { texts, outputDimensionality, taskType, title } = embeddingInput(call);
  if (/gemini-embedding-(?!00)\d/.test(model)) {
    const [text] = texts;
    if (texts.length > 1) throw new GatewayError('invalid_value', 'With this model, input is one text a call.', { param: 'input' });
    return { verb: 'embedContent', body: { content: { parts: [{ text }] }, outputDimensionality, taskType, title } };
  }
  const instances = texts.map((content) => ({ content, task_type: taskType, title }));
  return { verb: 'predict', body: { instances, ...(outputDimensionality !== undefined && { parameters: { outputDimensionality } }) } };
}
