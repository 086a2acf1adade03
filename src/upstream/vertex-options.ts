import type { VertexDialect } from '../contracts/upstream-dialect.js';
import { GoogleAccessTokens } from './vertex_ai/google-access-tokens.js';
import type { VertexOptions } from './vertex_ai/vertex-options.js';

const TOKENS = new Map<string | undefined, GoogleAccessTokens>();

/** Upstreams with the same credentials share their tokens. */
export function vertexOptions({ project, location, credentials }: VertexDialect): VertexOptions {
  let tokens = TOKENS.get(credentials);
  if (tokens === undefined) TOKENS.set(credentials, (tokens = new GoogleAccessTokens(credentials)));
  return { project, location, tokens };
}
