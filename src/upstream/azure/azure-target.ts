import type { Target } from '../../contracts/target.js';
import { azureDeployment } from './azure-deployment.js';
import type { AzureOptions } from './azure-options.js';

/** The target as OpenAI's writers have to see it: the deployment is its model; versions from before `stream_options` are not sent any. */
export function azureTarget(target: Target, { apiVersion }: AzureOptions): Target {
  const { upstream } = target;
  const { name } = azureDeployment(target.model);
  const isOld = /^\d{4}-/.test(apiVersion) && apiVersion < STREAM_OPTIONS_SINCE && !upstream.baseUrl.endsWith('/models');
  if (name === target.model && !isOld) return target;
  return { ...target, model: name, upstream: isOld ? { ...upstream, quirks: { ...upstream.quirks, noStreamOptions: true } } : upstream };
}

const STREAM_OPTIONS_SINCE = '2024-09-01';
