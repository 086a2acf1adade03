import type { Target } from '../../contracts/target.js';
import type { VertexOptions } from './vertex-options.js';

/** The project's place below the upstream's address, which may name the version of the API already. */
export function vertexPlace({ upstream }: Target, { project, location }: VertexOptions): string {
  const version = /\/v\d+(alpha|beta)?\d*$/.test(upstream.baseUrl) ? '' : '/v1';
  return `${version}/projects/${encodeURIComponent(project)}/locations/${encodeURIComponent(location)}`;
}
