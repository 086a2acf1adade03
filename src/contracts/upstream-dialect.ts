/** The wire that an upstream speaks, with what only that wire has to be told. */
export type UpstreamDialect =
  /** OpenAI's chat completions, completions and embeddings; `responses`: it serves the Responses API too. */
  | { readonly name: 'openai'; readonly responses: boolean }
  /** A model that OpenAI serves at the Responses API alone. */
  | { readonly name: 'responses' }
  | { readonly name: 'anthropic' }
  | { readonly name: 'gemini' }
  | VertexDialect;

/** `publisher`: whose models, and so whose wire. */
export interface VertexDialect {
  readonly name: 'vertex_ai';
  readonly publisher: 'google' | 'anthropic';
  readonly project: string;
  readonly location: string;
  /** A credentials file's text or path; undefined: what the environment and the machine offer. */
  readonly credentials: string | undefined;
}
