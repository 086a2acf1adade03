import { claudeModel } from '../anthropic/claude-model.js';
import { structuredSchema } from '../anthropic/structured-schema.js';
import type { JsonObject, NeutralRequest } from '../neutral/neutral-request.js';
import { asArray, asObject } from '../openai/json-value.js';
import { type BedrockModel, bedrockModel } from './bedrock-model.js';
import { cachePoint } from './cache-point.js';
import { converseMessages } from './converse-messages.js';
import { converseTools } from './converse-tools.js';
import { converseUnsaid } from './converse-unsaid.js';
import { claudeThinking, modelFields } from './model-fields.js';

/** The body of a request to Converse or ConverseStream; the model stands in the path. Throws a 400 for what this wire cannot say. `id` decides what can be asked for. */
export function converseBody(request: NeutralRequest, id: string): JsonObject {
  const model = bedrockModel(id);
  const { additionalModelRequestFields, additionalModelResponseFieldPaths, requestMetadata, ...known } = converseUnsaid(request, model);
  const thinking = claudeThinking(request, id, model);
  const fields = joined(modelFields(request, id, model, thinking), asObject(additionalModelRequestFields) ?? {});
  const paths = [...(asArray(additionalModelResponseFieldPaths) ?? []), ...(model.family === 'claude' && hasStops(request) ? [STOP_SEQUENCE] : [])];
  return {
    ...known,
    messages: converseMessages(request, model),
    ...given('system', system(request, model)),
    ...given('inferenceConfig', inferenceConfig(request, id, thinking !== undefined)),
    ...given('toolConfig', converseTools(request, model)),
    ...given('outputConfig', outputConfig(request, model)),
    ...given('additionalModelRequestFields', fields),
    ...given('additionalModelResponseFieldPaths', [...new Set(paths)]),
    ...given('requestMetadata', { ...endUser(request), ...asObject(requestMetadata) }),
  };
}

/** Which of the stop sequences it was, only the model's own API tells. */
const STOP_SEQUENCE = '/stop_sequence';
const BETAS = 'anthropic_beta';
const JSON_WISH = 'Answer with one JSON object alone: no text and no code fence around it.';

/** The client's own wishes come first; betas are those of both. */
function joined(ours: JsonObject, clients: JsonObject): JsonObject {
  const betas = [...(asArray(ours[BETAS]) ?? []), ...(asArray(clients[BETAS]) ?? [])];
  return { ...ours, ...clients, ...(ours[BETAS] !== undefined && { [BETAS]: [...new Set(betas)] }) };
}

function given(name: string, value: JsonObject | readonly unknown[] | undefined): JsonObject {
  return value === undefined || Object.keys(value).length === 0 ? {} : { [name]: value };
}

function hasStops({ stop }: NeutralRequest): boolean {
  return stop.some((text) => text.trim() !== '');
}

function system({ system: texts, format }: NeutralRequest, { caches, schemas }: BedrockModel): readonly JsonObject[] {
  const blocks: JsonObject[] = texts
    .filter(({ text }) => text.trim() !== '')
    .flatMap(({ text, cache }) => [{ text }, ...cachePoint(cache, caches !== 'nothing')]);
  if (format.kind === 'json') blocks.push({ text: JSON_WISH });
  if (format.kind === 'schema' && schemas === 'words') blocks.push({ text: `${JSON_WISH} Its JSON Schema: ${JSON.stringify(format.schema)}` });
  return blocks;
}

/** Temperatures end at 1 here. While it thinks, Claude samples its own way; its newer models take a temperature or `topP`, not both. */
function inferenceConfig({ outputTokensMax, temperature, topP, stop }: NeutralRequest, id: string, thinks: boolean): JsonObject {
  const both = temperature !== undefined && topP !== undefined;
  const stops = stop.filter((text) => text.trim() !== '');
  return {
    ...(outputTokensMax !== undefined && { maxTokens: outputTokensMax }),
    ...(temperature !== undefined && !thinks && { temperature: Math.min(temperature, 1) }),
    ...(topP !== undefined && !(thinks && topP < 0.95) && !(both && claudeModel(id).samplesOneWay) && { topP }),
    ...(stops.length > 0 && { stopSequences: stops }),
  };
}

function outputConfig({ format }: NeutralRequest, { schemas }: BedrockModel): JsonObject | undefined {
  if (format.kind !== 'schema' || schemas !== 'native') return undefined;
  const { name, description } = format;
  const jsonSchema = { name, ...(description !== undefined && { description }), schema: JSON.stringify(structuredSchema(format.schema)) };
  return { textFormat: { type: 'json_schema', structure: { jsonSchema } } };
}

/** Where the name is spelled as Bedrock wants its metadata. */
function endUser({ user }: NeutralRequest): JsonObject {
  return user !== undefined && /^[a-zA-Z0-9\s:_@$#=/+,.-]{1,256}$/.test(user) ? { user } : {};
}
