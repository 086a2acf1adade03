import type { JsonObject } from './neutral-request.js';

/** A tool that a provider defines, and perhaps runs itself, in that provider's own words, as LiteLLM's users write it among the functions too. */
export interface OwnTool {
  /** Where it stands in the client's request, for whoever refuses it. */
  readonly param: string;
  readonly tool: JsonObject;
}
