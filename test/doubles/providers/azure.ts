import { OPENAI_CHAT } from './openai-chat.js';
import type { PlayedProvider } from './scene.js';

const FILTERED = { hate: { filtered: false, severity: 'safe' } };
const FIRST = {
  choices: [],
  created: 0,
  id: '',
  model: '',
  object: '',
  prompt_filter_results: [{ prompt_index: 0, content_filter_results: FILTERED }],
};

/** OpenAI's words, with what Azure's filter says before them. */
export const AZURE: PlayedProvider = {
  ...OPENAI_CHAT,
  upstream: () => 'litellm://azure/played-deployment',
  environment: (base) => ({ AZURE_API_BASE: base, AZURE_API_KEY: 'played', AZURE_API_VERSION: '2025-02-01-preview' }),
  stream: (scene) => [`data: ${JSON.stringify(FIRST)}\n\n`, ...OPENAI_CHAT.stream(scene)],
};
