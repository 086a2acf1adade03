import type { Target } from '../../contracts/target.js';
import type { VertexOptions } from './vertex-options.js';

/** Where a publisher's model is called; a number is an endpoint of the project's own. An address may name the version of the API already. */
export function vertexPath(
  { upstream, model }: Target,
  { project, location }: VertexOptions,
  publisher: 'google' | 'anthropic',
  verb: string,
): string {
  const version = /\/v\d+(alpha|beta)?\d*$/.test(upstream.baseUrl) ? '' : '/v1';
  const place = `${version}/projects/${encodeURIComponent(project)}/locations/${encodeURIComponent(location)}`;
  if (/^\d+$/.test(model)) return `${place}/endpoints/${model}:${verb}`;
  return `${place}/publishers/${publisher}/models/${encodeURIComponent(model).replaceAll('%40', '@')}:${verb}`;
}
