import type { RecordedCase } from '../doubles/recorded-traffic.js';

/** The model of a recording as an upstream is configured, and the variables that lead it to where the recording is played. */
export interface RecordedUpstream {
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The variable that holds the key. */
const KEY = 'RECORDED_KEY';
const FACE = '/v1';

/** `base`: where the recording is played. */
export function recordedUpstream(recorded: RecordedCase, path: string, base: string): RecordedUpstream {
  const { prefix, variable, tokens, face = '', env = {} } = place(recorded, path);
  const given = tokens === undefined ? {} : { [tokens]: `${base}/token` };
  const model = recorded.model === null || recorded.model === '' ? 'some-model' : recorded.model;
  const url = `litellm://${prefix}/${encodeURI(plainModel(model))}?api_key_env=${KEY}`;
  return { url, env: { [KEY]: 'recorded-key', [variable]: base + face, ...given, ...env } };
}

interface Place {
  readonly prefix: string;
  readonly variable: string;
  /** Of the address where tokens are given for a key. */
  readonly tokens?: string;
  readonly face?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Wires before providers: what was recorded at an endpoint is asked for by who speaks its wire. */
function place({ provider, endpoint, model }: RecordedCase, path: string): Place {
  // Its path resembles Cohere's, its wire OpenAI's.
  if (provider === 'writer') return LIKE;
  if (provider === 'azure' && endpoint === 'responses')
    return { prefix: 'azure/responses', variable: 'AZURE_API_BASE', env: { AZURE_API_KEY: 'recorded-key' } };
  if (provider === 'azure' && endpoint === 'messages')
    return { prefix: 'azure_ai', variable: 'AZURE_AI_API_BASE', env: { AZURE_AI_API_KEY: 'recorded-key' } };
  if (endpoint === 'responses') return { prefix: 'openai/responses', variable: 'OPENAI_API_BASE', face: FACE };
  if (endpoint === 'messages') return { prefix: 'anthropic', variable: 'ANTHROPIC_API_BASE' };
  if (endpoint === 'cohere_chat') return { prefix: 'cohere', variable: 'COHERE_API_BASE' };
  switch (provider) {
    case 'azure':
      return path.includes('/models/') || (endpoint === 'chat' && path === '/chat/completions')
        ? { prefix: 'azure_ai', variable: 'AZURE_AI_API_BASE', env: { AZURE_AI_API_KEY: 'recorded-key' } }
        : { prefix: 'azure', variable: 'AZURE_API_BASE', env: { AZURE_API_KEY: 'recorded-key' } };
    case 'bedrock':
      return { prefix: 'bedrock', variable: 'AWS_BEDROCK_RUNTIME_ENDPOINT' };
    case 'bedrock_openai':
      return { prefix: 'bedrock/openai', variable: 'AWS_BEDROCK_RUNTIME_ENDPOINT' };
    case 'cohere':
      return endpoint === 'chat' ? LIKE : { prefix: 'cohere', variable: 'COHERE_API_BASE' };
    case 'gemini':
      return { prefix: 'gemini', variable: 'GEMINI_API_BASE' };
    case 'watsonx':
      return { prefix: 'watsonx', variable: 'WATSONX_API_BASE', tokens: 'WATSONX_IAM_URL', env: { WATSONX_PROJECT_ID: 'my-project' } };
    case 'vertex_ai':
      return {
        prefix: 'vertex_ai',
        variable: 'VERTEXAI_API_BASE',
        env: { VERTEXAI_PROJECT: 'my-project', VERTEXAI_LOCATION: model?.startsWith('claude-') ? 'us-east5' : 'global' },
      };
    case 'ollama':
      return { prefix: 'ollama_chat', variable: 'OLLAMA_API_BASE' };
    case 'fireworks_ai':
      return { prefix: provider, variable: 'FIREWORKS_API_BASE', face: FACE };
    case 'tgi':
      return { prefix: 'huggingface', variable: 'HUGGINGFACE_API_BASE', face: FACE };
    case 'venice':
      return { prefix: 'veniceai', variable: 'VENICE_AI_API_BASE', face: FACE };
    case 'vllm':
      return { prefix: 'hosted_vllm', variable: 'HOSTED_VLLM_API_BASE', face: FACE };
    case 'llamacpp':
      return { prefix: 'llamafile', variable: 'LLAMAFILE_API_BASE', face: FACE };
    default:
      return OWN_ROW.has(provider) ? { prefix: provider, variable: `${provider.toUpperCase()}_API_BASE`, face: FACE } : LIKE;
  }
}

const LIKE: Place = { prefix: 'openai_like', variable: 'OPENAI_LIKE_API_BASE', face: FACE };
const OWN_ROW = new Set(
  'cerebras,cloudflare,dashscope,databricks,deepseek,github_copilot,groq,huggingface,hyperbolic,litellm_proxy,mistral,nebius,novita,openai,openrouter,perplexity,sambanova,snowflake,together_ai,vercel_ai_gateway,voyage,xai,zai'.split(
    ',',
  ),
);

/** Characters that separate upstreams in one variable stand in no model's name that matters. */
function plainModel(model: string): string {
  return model.replaceAll(/[#;=?\s]/g, '-');
}
