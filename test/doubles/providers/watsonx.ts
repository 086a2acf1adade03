import { OPENAI_CHAT } from './openai-chat.js';
import { type PlayedProvider, TOKENS } from './scene.js';

/** OpenAI's words below IBM's addresses, without a last word, let in by a token that is got for a key; embeddings and refusals are its own. */
export const WATSONX: PlayedProvider = {
  ...OPENAI_CHAT,
  upstream: () => 'litellm://watsonx/played/granite',
  environment: (base) => ({
    WATSONX_API_BASE: base,
    WATSONX_IAM_URL: `${base}/token`,
    WATSONX_APIKEY: 'played',
    WATSONX_PROJECT_ID: 'played-project',
  }),
  stream: (scene) => OPENAI_CHAT.stream(scene).slice(0, -1),
  refusal: (status) => {
    const { error } = OPENAI_CHAT.refusal(status) as { error: { message: string } };
    return { errors: [{ code: 'invalid_request_entity', message: error.message }], trace: 'played', status_code: status };
  },
  embeddings: (vectors) => ({
    model_id: 'played/granite',
    results: vectors.map((embedding) => ({ embedding })),
    input_token_count: TOKENS.input,
  }),
};
