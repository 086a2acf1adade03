import type { Target } from '../../contracts/target.js';
import type { UpstreamRequest } from '../upstream-transport.js';
import type { AzureOptions } from './azure-options.js';
import { azurePath } from './azure-path.js';

/** A request as OpenAI would get it, at Azure's address and with Azure's credentials. `model` of the target: the deployment. */
export function azureRequest(
  request: UpstreamRequest,
  { model, upstream }: Target,
  { apiVersion, keyIsToken, tokens }: AzureOptions,
): UpstreamRequest {
  const { authorization: _, ...headers } = request.headers;
  const { apiKey, baseUrl } = upstream;
  const { body, bodyRest } = request;
  const placed = { path: azurePath(baseUrl, model, request.path, apiVersion), body, ...(bodyRest !== undefined && { bodyRest }) };
  if (apiKey !== undefined)
    return { ...placed, headers: { ...headers, ...(keyIsToken ? { authorization: `Bearer ${apiKey}` } : { 'api-key': apiKey }) } };
  return { ...placed, headers, ...(tokens !== undefined && { authorization: tokens }) };
}
