import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import type { JsonObject } from '../openai/json-value.js';
import type { UpstreamRequest } from '../upstream-transport.js';
import { bearerHeaders } from '../bearer-headers.js';
import { watsonxModel } from './watsonx-model.js';
import type { WatsonxOptions } from './watsonx-options.js';

/** `body`: without the model and who pays. What a client says to OpenAI or Anthropic alone stays here. */
export function watsonxRequest(target: Target, call: InferenceCall, verb: string, body: JsonObject, options: WatsonxOptions): UpstreamRequest {
  const { apiVersion, account, scheme, tokens } = options;
  const { path, named, isDeployment } = watsonxModel(target.model);
  const { apiKey, headers } = target.upstream;
  return {
    path: `${path}/${verb}?version=${encodeURIComponent(apiVersion)}`,
    headers: bearerHeaders(call, { headers, apiKey: tokens === undefined ? apiKey : undefined }, FOREIGN, scheme),
    body: Buffer.from(JSON.stringify({ ...named, ...(isDeployment ? undefined : account), ...body })),
    ...(tokens !== undefined && { authorization: tokens }),
  };
}

const FOREIGN = /^(?:anthropic|openai)-/;
