import type { AccessTokens } from '../access-tokens.js';

/** Where at Vertex AI a model stands, and who gives out tokens for it. */
export interface VertexOptions {
  readonly project: string;
  /** `us-central1`, `global`: as in the upstream's address. */
  readonly location: string;
  readonly tokens: AccessTokens;
}
