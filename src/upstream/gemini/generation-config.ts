import type { NeutralRequest } from '../neutral/neutral-request.js';
import type { JsonObject } from '../openai/json-value.js';
import { imageWishes } from './image-wishes.js';
import { modelGeneration } from './model-generation.js';
import { openapiSchema } from './openapi-schema.js';
import { thinkingConfig } from './thinking-config.js';

/** `generationConfig`; undefined where nothing is wished. */
export function generationConfig(request: NeutralRequest, model: string): JsonObject | undefined {
  const config = {
    ...given('maxOutputTokens', request.outputTokensMax),
    ...given('temperature', request.temperature),
    ...given('topP', request.topP),
    // 0 and -1 stand for no limit elsewhere.
    ...given('topK', request.topK !== undefined && request.topK > 0 ? request.topK : undefined),
    ...given('stopSequences', request.stop.length > 0 ? request.stop : undefined),
    ...given('seed', request.seed),
    ...given('frequencyPenalty', request.frequencyPenalty),
    ...given('presencePenalty', request.presencePenalty),
    ...given('responseLogprobs', request.logprobs === undefined ? undefined : true),
    ...given('logprobs', request.logprobs === 0 ? undefined : request.logprobs),
    ...given('candidateCount', request.choices > 1 ? request.choices : undefined),
    ...given('thinkingConfig', thinkingConfig(request.reasoning, model)),
    ...format(request, model),
    ...imageWishes(request),
  };
  return Object.keys(config).length > 0 ? config : undefined;
}

function given(name: string, value: unknown): JsonObject {
  return value === undefined ? {} : { [name]: value };
}

function format({ format: wanted }: NeutralRequest, model: string): JsonObject {
  switch (wanted.kind) {
    case 'text':
      return {};
    case 'json':
      return { responseMimeType: 'application/json' };
    case 'schema': {
      const schema = wanted.description === undefined ? wanted.schema : { description: wanted.description, ...wanted.schema };
      if (takesJsonSchema(model)) return { responseMimeType: 'application/json', responseJsonSchema: schema };
      return { responseMimeType: 'application/json', ...given('responseSchema', openapiSchema(schema, 'response_format')) };
    }
  }
}

/** Elder models know only the part of OpenAPI's schemas that Google calls `Schema`. */
export function takesJsonSchema(model: string): boolean {
  return (modelGeneration(model) ?? 0) >= 2.5;
}
