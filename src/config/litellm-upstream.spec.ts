import { LITELLM_PROVIDERS } from './litellm-providers.js';
import { type LitellmUpstream, litellmUpstream } from './litellm-upstream.js';

const found = (name: string, env: Record<string, string> = {}, proxy?: string): LitellmUpstream => {
  const result = litellmUpstream(name, (variable) => env[variable], proxy === undefined ? undefined : new URL(proxy));
  if ('fault' in result) throw new Error(`${result.fault} (${result.fix})`);
  return result;
};
const refused = (name: string): { fault: string; fix: string } => {
  const result = litellmUpstream(name, () => undefined, undefined);
  if (!('fault' in result)) throw new Error('was not refused');
  return result;
};

it.each([
  ['gpt-4o-mini', 'https://api.openai.com/v1', 'gpt-4o-mini'],
  ['openai/gpt-4o', 'https://api.openai.com/v1', 'gpt-4o'],
  ['o1', 'https://api.openai.com/v1', 'o1'],
  ['o4-mini', 'https://api.openai.com/v1', 'o4-mini'],
  ['chatgpt-4o-latest', 'https://api.openai.com/v1', 'chatgpt-4o-latest'],
  ['text-embedding-3-small', 'https://api.openai.com/v1', 'text-embedding-3-small'],
  ['ft:gpt-4o-2024-08-06:org::id', 'https://api.openai.com/v1', 'ft:gpt-4o-2024-08-06:org::id'],
  ['gpt-3.5-turbo-instruct', 'https://api.openai.com/v1', 'gpt-3.5-turbo-instruct'],
  ['groq/llama-3.1-8b', 'https://api.groq.com/openai/v1', 'llama-3.1-8b'],
  ['openrouter/anthropic/claude-3.5-sonnet', 'https://openrouter.ai/api/v1', 'anthropic/claude-3.5-sonnet'],
  ['fireworks_ai/llama-v3p1-8b-instruct', 'https://api.fireworks.ai/inference/v1', 'accounts/fireworks/models/llama-v3p1-8b-instruct'],
  ['fireworks_ai/accounts/me/models/x', 'https://api.fireworks.ai/inference/v1', 'accounts/me/models/x'],
  ['together_ai/meta-llama/Llama-3-8b', 'https://api.together.xyz/v1', 'meta-llama/Llama-3-8b'],
  ['deepseek/deepseek-chat', 'https://api.deepseek.com/beta', 'deepseek-chat'],
  ['perplexity/sonar', 'https://api.perplexity.ai', 'sonar'],
  ['ollama/llama3', 'http://localhost:11434/v1', 'llama3'],
  ['ollama_chat/llama3:8b', 'http://localhost:11434/v1', 'llama3:8b'],
  ['deepinfra/org/model', 'https://api.deepinfra.com/v1/openai', 'org/model'],
  ['huggingface/together/deepseek-ai/DeepSeek-R1', 'https://router.huggingface.co/v1', 'deepseek-ai/DeepSeek-R1:together'],
  ['huggingface/org/model', 'https://router.huggingface.co/v1', 'org/model'],
])('%s goes to %s as %s', (name, baseUrl, model) => {
  expect(found(name)).toMatchObject({ baseUrl, model });
});

/** What some providers need to be reached at all. */
const PLACED = { VERTEXAI_PROJECT: 'p', WATSONX_PROJECT_ID: 'p' };

it.each(Object.keys(LITELLM_PROVIDERS) as (keyof typeof LITELLM_PROVIDERS)[])(
  '%s: base and key are taken from its variables, the base as given but for a trailing slash',
  (provider) => {
    const row = LITELLM_PROVIDERS[provider];
    const [base] = row.baseEnv;
    for (const key of row.keyEnv)
      expect(found(`${provider}/m`, { ...PLACED, [base]: 'http://127.0.0.1:9/some/path/', [key]: 'k' })).toMatchObject({
        baseUrl: `http://127.0.0.1:9/some/path${'face' in row ? row.face : ''}`,
        apiKey: 'k',
        keyMissing: false,
      });
    expect(found(`${provider}/m`, { ...PLACED, [base]: 'http://127.0.0.1:9' }).keyMissing).toBe(!('keyOptional' in row));
  },
);

it('the first of several variables wins', () => {
  expect(found('together_ai/x', { TOGETHER_AI_TOKEN: 'late', TOGETHER_API_KEY: 'first' }).apiKey).toBe('first');
  expect(found('gpt-4o', { OPENAI_API_BASE: 'http://b/v1', OPENAI_BASE_URL: 'http://a/v1' }).baseUrl).toBe('http://a/v1');
});

it('organisation, project and site become headers', () => {
  expect(found('gpt-4o', { OPENAI_ORGANIZATION: 'org-1', OPENAI_PROJECT: 'p' }).headers).toEqual({
    'openai-organization': 'org-1',
    'openai-project': 'p',
  });
  expect(found('github_copilot/x', { GITHUB_COPILOT_INTEGRATION_ID: 'i', GITHUB_COPILOT_EDITOR_VERSION: 'e/1' }).headers).toEqual({
    'copilot-integration-id': 'i',
    'editor-version': 'e/1',
  });
  expect(found('openrouter/x', { OR_SITE_URL: 'https://s', OR_APP_NAME: 'app' }).headers).toEqual({ 'http-referer': 'https://s', 'x-title': 'app' });
});

it('an address of Heroku is that of its add-on', () => {
  expect(found('heroku/claude-4-sonnet', { HEROKU_API_BASE: 'https://us.inference.heroku.com' }).baseUrl).toBe('https://us.inference.heroku.com/v1');
});

it('an address of Ollama is that of its native API', () => {
  expect(found('ollama/x', { OLLAMA_API_BASE: 'http://h:11434' }).baseUrl).toBe('http://h:11434/v1');
  expect(found('ollama/x', { OLLAMA_API_BASE: 'http://h:11434/v1' }).baseUrl).toBe('http://h:11434/v1');
});

it.each(['claude-instant-1', `meta/llama:${'0'.repeat(64)}`.slice(5), 'watsonx_text/x', 'petals/x'])(
  '%s is refused: its dialect is not spoken yet',
  (name) => {
    expect(refused(name)).toEqual({
      fault: expect.stringContaining('is not spoken here yet'),
      fix: expect.stringContaining('GATEWAY_LITELLM_PROXY_URL'),
    });
  },
);

it.each([
  ['anthropic/claude-3', { name: 'anthropic' }, 'https://api.anthropic.com'],
  ['claude-sonnet-4-5', { name: 'anthropic' }, 'https://api.anthropic.com'],
  ['gemini/gemini-2.0-flash', { name: 'gemini' }, 'https://generativelanguage.googleapis.com'],
  ['gemini-2.0-flash', { name: 'vertex_ai', publisher: 'google', project: 'p', location: 'eu' }, 'https://eu-aiplatform.googleapis.com'],
  [
    'vertex_ai/meta/llama-3.3-70b-instruct-maas',
    { name: 'vertex_ai', publisher: 'partner', project: 'p', location: 'eu' },
    'https://eu-aiplatform.googleapis.com',
  ],
  ['vertex_ai/mistral-large@2407', { name: 'vertex_ai', publisher: 'partner', project: 'p', location: 'eu' }, 'https://eu-aiplatform.googleapis.com'],
  ['vertex_ai/openai/12345', { name: 'vertex_ai', publisher: 'google', project: 'p', location: 'eu' }, 'https://eu-aiplatform.googleapis.com'],
  ['vertex_ai/claude-opus-4', { name: 'vertex_ai', publisher: 'anthropic', project: 'p', location: 'eu' }, 'https://eu-aiplatform.googleapis.com'],
  ['bedrock/eu-west-1/anthropic.claude-v2', { name: 'bedrock', region: 'eu-west-1' }, 'https://bedrock-runtime.eu-west-1.amazonaws.com'],
  ['us.anthropic.claude-sonnet-4-20250514-v1:0', { name: 'bedrock', region: 'us-west-2' }, 'https://bedrock-runtime.us-west-2.amazonaws.com'],
  ['bedrock/openai/gpt-oss-20b', { name: 'openai' }, 'https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1'],
  ['cohere/command-r', { name: 'cohere' }, 'https://api.cohere.com'],
  ['command-r-plus', { name: 'cohere' }, 'https://api.cohere.com'],
  ['openai/responses/o1-pro', { name: 'responses' }, 'https://api.openai.com/v1'],
  ['gpt-5-codex', { name: 'responses' }, 'https://api.openai.com/v1'],
  ['openai/o3-pro-2025-06-10', { name: 'responses' }, 'https://api.openai.com/v1'],
  ['o4-mini-deep-research', { name: 'responses' }, 'https://api.openai.com/v1'],
  ['openai/gpt-5.2-professional', { name: 'openai', responses: true }, 'https://api.openai.com/v1'],
  ['xai/responses/grok-4', { name: 'responses' }, 'https://api.x.ai/v1'],
  ['github_copilot/gpt-4o', { name: 'openai', responses: false }, 'https://api.githubcopilot.com'],
  ['voyage/voyage-3.5', { name: 'openai', responses: false }, 'https://api.voyageai.com/v1'],
  ['gmi/anthropic/claude-opus-4.5', { name: 'openai', responses: false }, 'https://api.gmi-serving.com/v1'],
  ['text-curie-001', { name: 'openai', responses: true }, 'https://api.openai.com/v1'],
  ['gpt-4o', { name: 'openai', responses: true }, 'https://api.openai.com/v1'],
  ['groq/llama', { name: 'openai', responses: false }, 'https://api.groq.com/openai/v1'],
])('%s is spoken to in its own dialect, where it is at home', (name, dialect, baseUrl) => {
  expect(found(name, { VERTEXAI_PROJECT: 'p', VERTEXAI_LOCATION: 'eu' })).toMatchObject({ dialect, baseUrl });
});

it('Vertex AI needs a project, and in no place in particular has an address of its own', () => {
  expect(refused('vertex_ai/gemini-pro').fault).toBe('is not set, and vertex_ai needs it');
  expect(found('vertex_ai/gemini-pro', { VERTEXAI_PROJECT: 'p', VERTEXAI_LOCATION: 'global' }).baseUrl).toBe('https://aiplatform.googleapis.com');
});

it('Bedrock is signed with the keys of the environment, or called with a bearer token', () => {
  const keys = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 's' };
  expect(found('bedrock/amazon.nova-pro-v1:0', keys).dialect).toMatchObject({
    keys: { accessKeyId: 'AKID', secretAccessKey: 's', sessionToken: undefined },
  });
  expect(found('bedrock/amazon.nova-pro-v1:0', { AWS_BEARER_TOKEN_BEDROCK: 'b' })).toMatchObject({ apiKey: 'b', model: 'amazon.nova-pro-v1:0' });
  expect(found('bedrock/amazon.nova-pro-v1:0', { AWS_ACCESS_KEY_ID: 'AKID' }).dialect).toMatchObject({ keys: undefined });
  expect(found('bedrock/amazon.nova-pro-v1:0', { AWS_SECRET_ACCESS_KEY: 's' }).dialect).toMatchObject({ keys: undefined });
  expect(refused('bedrock/agent/AGENT1').fault).toContain('agents of Bedrock');
});

it("Bedrock's role is assumed where LiteLLM's variables name one", () => {
  const arn = 'arn:aws:iam::123456789012:role/my-role';
  const roleOf = (env: Record<string, string>): unknown => (found('bedrock/amazon.nova-pro-v1:0', env).dialect as { role?: unknown }).role;
  expect(roleOf({})).toBeUndefined();
  expect(roleOf({ AWS_ROLE_NAME: arn, AWS_REGION_NAME: 'eu-west-1' })).toEqual({
    arn,
    sessionName: 'nexus-gateway',
    externalId: undefined,
    stsUrl: 'https://sts.eu-west-1.amazonaws.com',
    stsRegion: 'eu-west-1',
    token: undefined,
    tokenFile: undefined,
  });
  const more = { AWS_SESSION_NAME: 'me', AWS_EXTERNAL_ID: 'x', AWS_WEB_IDENTITY_TOKEN: 'ey', AWS_WEB_IDENTITY_TOKEN_FILE: '/t' };
  expect(roleOf({ AWS_ROLE_NAME: arn, ...more })).toMatchObject({ sessionName: 'me', externalId: 'x', token: 'ey', tokenFile: undefined });
  const file = { AWS_WEB_IDENTITY_TOKEN_FILE: '/t' };
  expect(roleOf({ AWS_ROLE_NAME: arn, ...file })).toMatchObject({ tokenFile: '/t' });
  // AWS' own tools assume this one, and another with it.
  expect(roleOf({ AWS_ROLE_NAME: arn, AWS_ROLE_ARN: arn, ...file })).toBeUndefined();
  expect(roleOf({ AWS_ROLE_NAME: arn, AWS_ROLE_ARN: `${arn}-2`, ...file })).toMatchObject({ arn, tokenFile: undefined });
  const endpoint = (AWS_STS_ENDPOINT: string): unknown => roleOf({ AWS_ROLE_NAME: arn, AWS_REGION: 'us-east-1', AWS_STS_ENDPOINT });
  expect(endpoint('http://127.0.0.1:9')).toMatchObject({ stsUrl: 'http://127.0.0.1:9/', stsRegion: 'us-east-1' });
  expect(endpoint('https://vpce-1.sts.eu-west-3.vpce.amazonaws.com')).toMatchObject({ stsRegion: 'eu-west-3' });
  expect(roleOf({ AWS_ROLE_NAME: arn, AWS_REGION: 'cn-north-1' })).toMatchObject({ stsUrl: 'https://sts.cn-north-1.amazonaws.com.cn' });
  for (const [variable, value] of [
    ['AWS_ROLE_NAME', 'my-role'],
    ['AWS_SESSION_NAME', 'a b'],
    ['AWS_STS_ENDPOINT', 'sts'],
  ] as const)
    expect(litellmUpstream('bedrock/m', (name) => ({ AWS_ROLE_NAME: arn, [variable]: value })[name], undefined)).toMatchObject({ variable });
});

it('watsonx knows who pays, and gets tokens for a key, or takes a token or a key of a platform of its own', () => {
  const base = { WATSONX_URL: 'https://us-south.ml.cloud.ibm.com' };
  const placed = { ...base, WATSONX_PROJECT_ID: 'p', WATSONX_SPACE_ID: 's' };
  expect(found('watsonx/ibm/granite', { ...placed, WATSONX_APIKEY: 'k', WATSONX_TOKEN: 't' })).toMatchObject({
    baseUrl: 'https://us-south.ml.cloud.ibm.com',
    model: 'ibm/granite',
    apiKey: 'k',
    dialect: {
      name: 'watsonx',
      apiVersion: '2024-03-13',
      project: 'p',
      space: 's',
      keyIs: 'api_key',
      identityUrl: 'https://iam.cloud.ibm.com/identity/token',
    },
  });
  expect(found('watsonx/m', { ...placed, WATSONX_TOKEN: 't', WATSONX_ZENAPIKEY: 'z' })).toMatchObject({ apiKey: 't', dialect: { keyIs: 'token' } });
  expect(found('watsonx/m', { ...placed, WATSONX_ZENAPIKEY: 'z' })).toMatchObject({ apiKey: 'z', dialect: { keyIs: 'zen_key' } });
  expect(found('watsonx/m', placed)).toMatchObject({ keyMissing: true });
  expect(found('watsonx/m', { ...placed, WATSONX_IAM_URL: 'http://127.0.0.1:9/t' }).dialect).toMatchObject({ identityUrl: 'http://127.0.0.1:9/t' });
  expect(found('watsonx/deployment/d', base).dialect).toMatchObject({ project: undefined, space: undefined });
  const fault = (env: Record<string, string>): object => litellmUpstream('watsonx/m', (name) => env[name], undefined);
  expect(fault(base)).toMatchObject({ variable: 'WATSONX_PROJECT_ID' });
  expect(fault({ WATSONX_PROJECT_ID: 'p' })).toMatchObject({ variable: 'WATSONX_API_BASE' });
  expect(fault({ ...placed, WATSONX_IAM_URL: 'iam' })).toMatchObject({ variable: 'WATSONX_IAM_URL' });
});

it('Azure lets in by a key, by a token, or as an application that gets its own', () => {
  const base = { AZURE_API_BASE: 'https://mine.openai.azure.com' };
  const entra = { AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c', AZURE_CLIENT_SECRET: 's' };
  expect(found('azure/dep', { ...base, AZURE_API_KEY: 'k', ...entra })).toMatchObject({
    apiKey: 'k',
    keyMissing: false,
    dialect: { keyIsToken: false, application: undefined },
  });
  expect(found('azure/dep', { ...base, AZURE_AD_TOKEN: 't' })).toMatchObject({ apiKey: 't', dialect: { keyIsToken: true } });
  expect(found('azure/dep', { ...base, ...entra })).toMatchObject({
    apiKey: undefined,
    keyMissing: false,
    dialect: { application: { tenantId: 't', clientId: 'c' } },
  });
  expect(found('azure/dep', base)).toMatchObject({ keyMissing: true, dialect: { apiVersion: '2025-02-01-preview' } });
  expect(found('azure_ai/m', { AZURE_AI_API_BASE: 'https://r.services.ai.azure.com', AZURE_AI_API_KEY: 'k' })).toMatchObject({
    baseUrl: 'https://r.services.ai.azure.com/models',
    dialect: { apiVersion: '2024-05-01-preview' },
  });
  expect(refused('azure/dep').fault).toContain('is not set');
});

it.each(['https://r.services.ai.azure.com', 'https://r.services.ai.azure.com/anthropic'])('Claude at Foundry (%s) speaks its own wire', (base) => {
  const upstream = found('azure_ai/claude-sonnet-4-5', { AZURE_AI_API_BASE: base, AZURE_AI_API_KEY: 'k', AZURE_AD_TOKEN: 't' });
  expect(upstream).toMatchObject({
    baseUrl: 'https://r.services.ai.azure.com/anthropic',
    dialect: { name: 'anthropic' },
    apiKey: 'k',
    model: 'claude-sonnet-4-5',
  });
  expect(found('azure/claude-sonnet-4-5', { AZURE_API_BASE: base, AZURE_API_KEY: 'k' })).toEqual({
    ...upstream,
    provider: 'azure',
    keyVariables: ['AZURE_API_KEY', 'AZURE_OPENAI_API_KEY'],
  });
  expect(found('azure_ai/claude-x', { AZURE_AI_API_BASE: `${base}`, AZURE_AD_TOKEN: 't' })).toMatchObject({ apiKey: undefined, keyMissing: true });
});

it('an address of Claude at Foundry may be given whole', () => {
  const base = 'https://r.services.ai.azure.com/anthropic/v1/messages';
  expect(found('azure_ai/claude-x', { AZURE_AI_API_BASE: base }).baseUrl).toBe(base);
});

it.each(['https://mine.openai.azure.com', 'https://mine.openai.azure.com/openai', 'https://mine.openai.azure.com/openai/v1/'])(
  'a deployment that serves Responses at Azure (%s) is called at the address without a version',
  (base) => {
    expect(found('azure/responses/my-codex', { AZURE_API_BASE: base, AZURE_API_KEY: 'k' })).toMatchObject({
      baseUrl: 'https://mine.openai.azure.com/openai/v1',
      dialect: { name: 'responses' },
      model: 'my-codex',
      apiKey: 'k',
    });
  },
);

it.each(['gpt-5.1-codex-mini', 'gpt-5-pro', 'o3-deep-research', 'codex-mini'])('at Azure %s is asked for Responses without a mark', (name) => {
  expect(found(`azure/${name}`, { AZURE_API_BASE: 'https://mine.openai.azure.com', AZURE_API_KEY: 'k' })).toMatchObject({
    baseUrl: 'https://mine.openai.azure.com/openai/v1',
    dialect: { name: 'responses' },
    model: name,
  });
});

it('an unknown provider is refused with the nearest, an unknown bare name with how to write it', () => {
  expect(refused('grok/llama')).toMatchObject({ fault: '"grok" is no known provider', fix: 'did you mean litellm://groq/llama?' });
  expect(refused('mistral-large-latest').fix).toContain('litellm://mistral/mistral-large-latest');
  expect(refused('sonar').fault).toContain('no provider for this name');
  expect(refused('groq/').fault).toContain('model after the provider is missing');
  expect(refused('constructor/x').fault).toContain('no known provider');
});

it('with a proxy, every name goes there whole', () => {
  expect(found('bedrock/us-east-1/x', { LITELLM_API_KEY: 'k' }, 'http://p:4000')).toMatchObject({
    baseUrl: 'http://p:4000/v1',
    model: 'bedrock/us-east-1/x',
    apiKey: 'k',
    keyMissing: false,
    quirks: { looseShape: true },
  });
});

it('Cloudflare needs its account', () => {
  expect(found('cloudflare/@cf/meta/llama', { CLOUDFLARE_ACCOUNT_ID: 'acc' }).baseUrl).toBe(
    'https://api.cloudflare.com/client/v4/accounts/acc/ai/v1',
  );
  expect(refused('cloudflare/@cf/meta/llama').fault).toContain('is not set');
});
