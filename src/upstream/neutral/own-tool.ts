import type { JsonObject } from './neutral-request.js';

/** A tool that a provider runs itself, in that provider's own words, as LiteLLM's users write it among the functions. */
export interface OwnTool {
  /** Where it stands in the client's request. */
  readonly param: string;
  readonly tool: JsonObject;
}
