import type { ProviderQuirks } from '../contracts/gateway-settings.js';
import type { UpstreamDialect } from '../contracts/upstream-dialect.js';
import { WATSONX_KEYS, WATSONX_TOKEN, WATSONX_ZEN_KEY } from './watsonx-dialect.js';

/** How a provider that speaks OpenAI's dialect is reached, by the prefix LiteLLM gives it. */
export interface ProviderRow {
  /** Used exactly as it stands; `{NAME}` is filled in from the environment. undefined: it must be given. */
  readonly base: string | undefined;
  /** Variables that may hold the base instead, in order. */
  readonly baseEnv: readonly string[];
  /** Variables that may hold the key, in order. */
  readonly keyEnv: readonly string[];
  readonly keyOptional?: true;
  /** LiteLLM's users give the address of the native API; its OpenAI face is below this path. */
  readonly face?: string;
  /** Headers by the variable that holds their value. */
  readonly headerEnv?: Readonly<Record<string, string>>;
  /** Its models named `claude-…` speak Anthropic's wire, below this path. */
  readonly claudeFace?: string;
  /** Its models speak the Responses API too where they are named `responses/MODEL`, below this path of the address. */
  readonly responsesFace?: string;
  /** Its models that are served at the Responses API alone: they need no mark. */
  readonly responsesAlone?: RegExp;
  /** Put before model names that do not begin with the first word of it. */
  readonly modelPrefix?: string;
  /** `provider/organisation/model` is written `organisation/model:provider`. */
  readonly routedModel?: true;
  readonly quirks?: ProviderQuirks;
  /** undefined: OpenAI's. */
  readonly dialect?: Exclude<UpstreamDialect['name'], 'responses'>;
  /** The version of the API that is asked for where nothing else is set. */
  readonly apiVersion?: string;
  /** It serves OpenAI's Responses API too. */
  readonly responses?: true;
}

const RESPONSES_ALONE = /^(gpt-\d[\d.]*-(pro|codex)(-[\w-]+)?|codex-mini(-latest)?|o\d(-mini)?-(pro|deep-research)(-[\d-]+)?)$/;

const OPENAI: ProviderRow = {
  base: 'https://api.openai.com/v1',
  baseEnv: ['OPENAI_BASE_URL', 'OPENAI_API_BASE'],
  keyEnv: ['OPENAI_API_KEY'],
  responsesFace: '',
  responsesAlone: RESPONSES_ALONE,
  headerEnv: { 'openai-organization': 'OPENAI_ORGANIZATION', 'openai-project': 'OPENAI_PROJECT' },
  responses: true,
};
const OPENAI_LIKE: ProviderRow = {
  base: undefined,
  baseEnv: ['OPENAI_LIKE_API_BASE'],
  keyEnv: ['OPENAI_LIKE_API_KEY'],
  keyOptional: true,
  responsesFace: '',
  quirks: { looseShape: true },
};
const OLLAMA: ProviderRow = {
  base: 'http://localhost:11434/v1',
  baseEnv: ['OLLAMA_API_BASE'],
  keyEnv: ['OLLAMA_API_KEY'],
  keyOptional: true,
  face: '/v1',
};

const COHERE: ProviderRow = {
  base: 'https://api.cohere.com',
  baseEnv: ['COHERE_API_BASE'],
  keyEnv: ['COHERE_API_KEY', 'CO_API_KEY'],
  dialect: 'cohere',
};

/** The address is the region's; what is signed instead of a key stands in AWS' own variables, or where its tools find it. */
const BEDROCK: ProviderRow = {
  base: undefined,
  baseEnv: ['AWS_BEDROCK_RUNTIME_ENDPOINT'],
  keyEnv: ['AWS_BEARER_TOKEN_BEDROCK'],
  keyOptional: true,
  dialect: 'bedrock',
};

/** Where a model stands is part of the address (see `providerDialect`); a token of Google's takes the place of a key. */
const VERTEX: ProviderRow = {
  base: undefined,
  baseEnv: ['VERTEXAI_API_BASE', 'VERTEX_API_BASE'],
  keyEnv: [],
  keyOptional: true,
  dialect: 'vertex_ai',
};

/** Most providers: one base, one key, names made of one word. */
function row(word: string, base: string, quirks?: ProviderQuirks): ProviderRow {
  return { base, baseEnv: [`${word}_API_BASE`], keyEnv: [`${word}_API_KEY`], ...(quirks && { quirks }) };
}

const AI21 = row('AI21', 'https://api.ai21.com/studio/v1', { looseShape: true });

/** To add a provider that speaks a known dialect: one row. Names, addresses and variables are LiteLLM's. */
export const LITELLM_PROVIDERS = {
  openai: OPENAI,
  'text-completion-openai': OPENAI,
  custom_openai: OPENAI_LIKE,
  openai_like: OPENAI_LIKE,
  hosted_vllm: {
    base: undefined,
    baseEnv: ['HOSTED_VLLM_API_BASE'],
    keyEnv: ['HOSTED_VLLM_API_KEY'],
    keyOptional: true,
    responsesFace: '',
  },
  litellm_proxy: {
    base: undefined,
    baseEnv: ['LITELLM_PROXY_API_BASE'],
    keyEnv: ['LITELLM_PROXY_API_KEY'],
    keyOptional: true,
    responsesFace: '',
    quirks: { looseShape: true },
  },
  lm_studio: { base: 'http://localhost:1234/v1', baseEnv: ['LM_STUDIO_API_BASE'], keyEnv: ['LM_STUDIO_API_KEY'], keyOptional: true },
  llamafile: { base: 'http://127.0.0.1:8080/v1', baseEnv: ['LLAMAFILE_API_BASE'], keyEnv: ['LLAMAFILE_API_KEY'], keyOptional: true },
  ollama: OLLAMA,
  ollama_chat: OLLAMA,
  groq: row('GROQ', 'https://api.groq.com/openai/v1', { usageAt: 'x_groq', looseShape: true }),
  mistral: {
    ...row('MISTRAL', 'https://api.mistral.ai/v1', { noStreamOptions: true, contentParts: true }),
    keyEnv: ['MISTRAL_API_KEY', 'MISTRAL_AZURE_API_KEY'],
  },
  codestral: row('CODESTRAL', 'https://codestral.mistral.ai/v1', { noStreamOptions: true, contentParts: true }),
  deepseek: row('DEEPSEEK', 'https://api.deepseek.com/beta'),
  together_ai: {
    base: 'https://api.together.xyz/v1',
    baseEnv: ['TOGETHER_AI_API_BASE'],
    keyEnv: ['TOGETHER_API_KEY', 'TOGETHER_AI_API_KEY', 'TOGETHERAI_API_KEY', 'TOGETHER_AI_TOKEN'],
    quirks: { looseShape: true },
  },
  fireworks_ai: {
    base: 'https://api.fireworks.ai/inference/v1',
    baseEnv: ['FIREWORKS_API_BASE'],
    keyEnv: ['FIREWORKS_API_KEY', 'FIREWORKS_AI_API_KEY', 'FIREWORKSAI_API_KEY', 'FIREWORKS_AI_TOKEN'],
    modelPrefix: 'accounts/fireworks/models/',
  },
  openrouter: {
    responsesFace: '',
    quirks: { looseShape: true, takesCacheMarks: true, thoughtsAs: 'reasoning_details' },
    base: 'https://openrouter.ai/api/v1',
    baseEnv: ['OPENROUTER_API_BASE'],
    keyEnv: ['OPENROUTER_API_KEY', 'OR_API_KEY'],
    headerEnv: { 'http-referer': 'OR_SITE_URL', 'x-title': 'OR_APP_NAME' },
  },
  xai: { ...row('XAI', 'https://api.x.ai/v1', { reasoningApart: true, looseShape: true }), responsesFace: '' },
  perplexity: {
    base: 'https://api.perplexity.ai',
    baseEnv: ['PERPLEXITY_API_BASE'],
    keyEnv: ['PERPLEXITYAI_API_KEY', 'PERPLEXITY_API_KEY'],
    quirks: { noDone: true, looseShape: true },
  },
  cerebras: row('CEREBRAS', 'https://api.cerebras.ai/v1', { noDone: true, looseShape: true }),
  sambanova: row('SAMBANOVA', 'https://api.sambanova.ai/v1'),
  nvidia_nim: row('NVIDIA_NIM', 'https://integrate.api.nvidia.com/v1'),
  nebius: row('NEBIUS', 'https://api.studio.nebius.ai/v1'),
  novita: row('NOVITA', 'https://api.novita.ai/v3/openai'),
  hyperbolic: row('HYPERBOLIC', 'https://api.hyperbolic.xyz/v1'),
  deepinfra: row('DEEPINFRA', 'https://api.deepinfra.com/v1/openai'),
  moonshot: row('MOONSHOT', 'https://api.moonshot.ai/v1', { looseShape: true }),
  dashscope: row('DASHSCOPE', 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1', { looseShape: true }),
  zai: row('ZAI', 'https://api.z.ai/api/paas/v4', { looseShape: true }),
  github: row('GITHUB', 'https://models.inference.ai.azure.com', { looseShape: true }),
  featherless_ai: {
    ...row('FEATHERLESS_AI', 'https://api.featherless.ai/v1'),
    baseEnv: ['FEATHERLESS_AI_API_BASE', 'FEATHERLESS_API_BASE'],
    keyEnv: ['FEATHERLESS_AI_API_KEY', 'FEATHERLESS_API_KEY'],
  },
  github_copilot: {
    base: 'https://api.githubcopilot.com',
    baseEnv: ['GITHUB_COPILOT_API_BASE'],
    keyEnv: ['GITHUB_COPILOT_API_KEY', 'GITHUB_COPILOT_TOKEN'],
    headerEnv: { 'copilot-integration-id': 'GITHUB_COPILOT_INTEGRATION_ID', 'editor-version': 'GITHUB_COPILOT_EDITOR_VERSION' },
    responsesFace: '',
    quirks: { looseShape: true },
  },
  vercel_ai_gateway: { ...row('VERCEL_AI_GATEWAY', 'https://ai-gateway.vercel.sh/v1'), keyEnv: ['VERCEL_AI_GATEWAY_API_KEY', 'VERCEL_OIDC_TOKEN'] },
  huggingface: {
    base: 'https://router.huggingface.co/v1',
    baseEnv: ['HUGGINGFACE_API_BASE', 'HF_API_BASE'],
    keyEnv: ['HF_TOKEN', 'HUGGINGFACE_API_KEY'],
    routedModel: true,
    quirks: { looseShape: true },
  },
  meta_llama: row('LLAMA', 'https://api.llama.com/compat/v1'),
  volcengine: { ...row('VOLCENGINE', 'https://ark.cn-beijing.volces.com/api/v3'), keyEnv: ['VOLCENGINE_API_KEY', 'ARK_API_KEY'] },
  friendliai: {
    base: 'https://api.friendli.ai/serverless/v1',
    baseEnv: ['FRIENDLI_API_BASE', 'FRIENDLIAI_API_BASE'],
    keyEnv: ['FRIENDLIAI_API_KEY', 'FRIENDLI_TOKEN'],
  },
  wandb: row('WANDB', 'https://api.inference.wandb.ai/v1'),
  cloudflare: {
    base: 'https://api.cloudflare.com/client/v4/accounts/{CLOUDFLARE_ACCOUNT_ID}/ai/v1',
    baseEnv: ['CLOUDFLARE_API_BASE'],
    keyEnv: ['CLOUDFLARE_API_KEY'],
    quirks: { contentParts: true, looseShape: true },
  },
  databricks: { base: undefined, baseEnv: ['DATABRICKS_API_BASE'], keyEnv: ['DATABRICKS_API_KEY'], quirks: { looseShape: true, contentParts: true } },
  snowflake: {
    base: 'https://{SNOWFLAKE_ACCOUNT_ID}.snowflakecomputing.com/api/v2/cortex/v1',
    baseEnv: ['SNOWFLAKE_API_BASE'],
    keyEnv: ['SNOWFLAKE_JWT'],
    quirks: { looseShape: true },
  },
  ai21_chat: AI21,
  ai21: AI21,
  anyscale: row('ANYSCALE', 'https://api.endpoints.anyscale.com/v1'),
  empower: row('EMPOWER', 'https://app.empower.dev/api/v1'),
  galadriel: row('GALADRIEL', 'https://api.galadriel.com/v1'),
  nscale: row('NSCALE', 'https://inference.api.nscale.com/v1'),
  voyage: row('VOYAGE', 'https://api.voyageai.com/v1', { looseShape: true }),
  jina_ai: row('JINA_AI', 'https://api.jina.ai/v1', { looseShape: true }),
  infinity: { base: undefined, baseEnv: ['INFINITY_API_BASE'], keyEnv: ['INFINITY_API_KEY'], keyOptional: true, quirks: { looseShape: true } },
  publicai: row('PUBLICAI', 'https://api.publicai.co/v1'),
  helicone: row('HELICONE', 'https://ai-gateway.helicone.ai'),
  veniceai: { ...row('VENICE_AI', 'https://api.venice.ai/api/v1'), baseEnv: ['VENICE_AI_API_BASE', 'VENICEAI_API_BASE'] },
  xiaomi_mimo: row('XIAOMI_MIMO', 'https://api.xiaomimimo.com/v1'),
  scaleway: { ...row('SCALEWAY', 'https://api.scaleway.ai/v1'), keyEnv: ['SCW_SECRET_KEY'] },
  synthetic: row('SYNTHETIC', 'https://api.synthetic.new/openai/v1'),
  'nano-gpt': row('NANOGPT', 'https://nano-gpt.com/api/v1'),
  poe: row('POE', 'https://api.poe.com/v1'),
  chutes: row('CHUTES', 'https://llm.chutes.ai/v1'),
  aihubmix: row('AIHUBMIX', 'https://aihubmix.com/v1'),
  lambda_ai: row('LAMBDA', 'https://api.lambda.ai/v1'),
  gmi: row('GMI', 'https://api.gmi-serving.com/v1'),
  ovhcloud: row('OVHCLOUD', 'https://oai.endpoints.kepler.ai.cloud.ovh.net/v1'),
  llamagate: row('LLAMAGATE', 'https://api.llamagate.dev/v1'),
  minimax: row('MINIMAX', 'https://api.minimax.io/v1'),
  v0: row('V0', 'https://api.v0.dev/v1'),
  morph: row('MORPH', 'https://api.morphllm.com/v1'),
  baseten: row('BASETEN', 'https://inference.baseten.co/v1'),
  heroku: { base: undefined, baseEnv: ['HEROKU_API_BASE'], keyEnv: ['HEROKU_API_KEY'], face: '/v1' },
  lemonade: { base: 'http://localhost:8000/api/v1', baseEnv: ['LEMONADE_API_BASE'], keyEnv: ['LEMONADE_API_KEY'], keyOptional: true },
  anthropic: {
    base: 'https://api.anthropic.com',
    baseEnv: ['ANTHROPIC_API_BASE', 'ANTHROPIC_BASE_URL'],
    keyEnv: ['ANTHROPIC_API_KEY'],
    dialect: 'anthropic',
  },
  gemini: {
    base: 'https://generativelanguage.googleapis.com',
    baseEnv: ['GEMINI_API_BASE'],
    keyEnv: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    dialect: 'gemini',
  },
  azure: {
    base: undefined,
    baseEnv: ['AZURE_API_BASE'],
    keyEnv: ['AZURE_API_KEY', 'AZURE_OPENAI_API_KEY', 'AZURE_AD_TOKEN'],
    dialect: 'azure',
    claudeFace: '/anthropic',
    responsesFace: '/openai/v1',
    responsesAlone: RESPONSES_ALONE,
  },
  azure_ai: {
    base: undefined,
    baseEnv: ['AZURE_AI_API_BASE'],
    keyEnv: ['AZURE_AI_API_KEY', 'AZURE_AD_TOKEN'],
    dialect: 'azure',
    face: '/models',
    claudeFace: '/anthropic',
    apiVersion: '2024-05-01-preview',
  },
  watsonx: {
    base: undefined,
    baseEnv: ['WATSONX_API_BASE', 'WATSONX_URL', 'WX_URL', 'WML_URL'],
    keyEnv: [...WATSONX_KEYS, WATSONX_TOKEN, WATSONX_ZEN_KEY],
    dialect: 'watsonx',
  },
  cohere: COHERE,
  cohere_chat: COHERE,
  bedrock: BEDROCK,
  bedrock_converse: BEDROCK,
  vertex_ai: VERTEX,
  vertex_ai_beta: VERTEX,
} as const satisfies Record<string, ProviderRow>;

/** Prefixes whose wire language is another one: what LiteLLM calls them, and in what they speak. */
export const OTHER_DIALECTS = {
  anthropic_text: "Anthropic's old text API",
  azure_text: 'Azure OpenAI',
  palm: "Google's PaLM API",
  sagemaker: 'Amazon SageMaker',
  sagemaker_chat: 'Amazon SageMaker',
  replicate: 'Replicate',
  watsonx_text: "IBM watsonx's old text API",
  sap: 'SAP AI Core',
  oci: 'Oracle Cloud',
  predibase: 'Predibase',
  nlp_cloud: 'NLP Cloud',
  aleph_alpha: 'Aleph Alpha',
  petals: 'Petals',
  triton: 'Triton',
  vllm: 'vLLM inside a Python process',
  maritalk: 'MariTalk',
  clarifai: 'Clarifai',
} as const satisfies Record<string, string>;

/** Names without a prefix, as LiteLLM reads them; the first that fits. */
export const BARE_NAMES: readonly (readonly [name: RegExp, provider: keyof typeof LITELLM_PROVIDERS | keyof typeof OTHER_DIALECTS])[] = [
  [/^(gpt-3\.5-turbo-instruct.*|(ft:)?(babbage|davinci)-002.*|(text-)?(ada|babbage|curie|davinci)(-00[1-3])?)$/, 'text-completion-openai'],
  [/^text-embedding-(004|005|large-exp|preview|gecko)|^textembedding-gecko|^text-multilingual-embedding|^multimodalembedding/, 'vertex_ai'],
  [
    /^(gpt-|o\d|chatgpt-|codex-|computer-use-|text-embedding-(3|ada)-|ft:(gpt-|o\d)|tts-|whisper-|dall-e-|omni-moderation|text-moderation)|^\*$/,
    'openai',
  ],
  [/^claude-(2|instant)/, 'anthropic_text'],
  [/^claude-/, 'anthropic'],
  [/^(gemini-|medlm|(text|chat|code|codechat)-(bison|unicorn|gecko))/, 'vertex_ai'],
  [/^(command|embed-(english|multilingual)|rerank-)/, 'cohere'],
  [
    /^(?:(?:us|eu|apac|jp|au|us-gov|global)\.)?(?:ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshot|nvidia|openai|qwen|stability|twelvelabs|writer)\./,
    'bedrock',
  ],
  [/:[0-9a-f]{64}$/, 'replicate'],
  [/^(jamba|j2-)/, 'ai21_chat'],
  [/^deepseek-(chat|reasoner)$/, 'deepseek'],
  [/^luminous/, 'aleph_alpha'],
];
