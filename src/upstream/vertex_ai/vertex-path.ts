import type { Target } from '../../contracts/target.js';
import type { VertexOptions } from './vertex-options.js';
import { vertexPlace } from './vertex-place.js';

/** Where a publisher's model is called; a number is an endpoint of the project's own. */
export function vertexPath(target: Target, options: VertexOptions, publisher: string, verb: string): string {
  const { model } = target;
  const place = vertexPlace(target, options);
  if (/^\d+$/.test(model)) return `${place}/endpoints/${model}:${verb}`;
  return `${place}/publishers/${publisher}/models/${encodeURIComponent(model).replaceAll('%40', '@')}:${verb}`;
}
