import { ANTHROPIC } from './anthropic.js';
import { AZURE } from './azure.js';
import { BEDROCK } from './bedrock.js';
import { COHERE } from './cohere.js';
import { GEMINI } from './gemini.js';
import { OPENAI_CHAT } from './openai-chat.js';
import { OPENAI_RESPONSES } from './openai-responses.js';
import type { PlayedProvider } from './scene.js';
import { VERTEX } from './vertex.js';
import { WATSONX } from './watsonx.js';

/** Every wire that an upstream may speak, by the name of its upstream. */
export const PLAYED_PROVIDERS = {
  openai: OPENAI_CHAT,
  responses: OPENAI_RESPONSES,
  anthropic: ANTHROPIC,
  gemini: GEMINI,
  bedrock: BEDROCK,
  azure: AZURE,
  cohere: COHERE,
  vertex_ai: VERTEX,
  watsonx: WATSONX,
} as const satisfies Record<string, PlayedProvider>;
