/**
 * Where below its base a resource is asked. The base decides: it may stop at the resource, at `/openai`, at a deployment, at `/openai/v1` (whose
 * requests name their model and no version), or at Foundry's `/models`. `verb`: OpenAI's path (`/chat/completions`).
 */
export function azurePath(baseUrl: string, deployment: string, verb: string, apiVersion: string): string {
  const version = `?api-version=${encodeURIComponent(apiVersion)}`;
  if (baseUrl.endsWith('/openai/v1')) return verb + (apiVersion === 'preview' ? version : '');
  if (baseUrl.endsWith('/models') || /\/deployments\/[^/]+$/.test(baseUrl)) return verb + version;
  const openai = baseUrl.endsWith('/openai') ? '' : '/openai';
  if (UNVERSIONED.has(apiVersion)) return `${openai}/v1${verb}${apiVersion === 'preview' ? version : ''}`;
  return `${openai}/deployments/${encodeURIComponent(deployment)}${verb}${version}`;
}

const UNVERSIONED = new Set(['v1', 'latest', 'preview']);
