import type { BedrockDialect, UpstreamDialect, VertexDialect } from '../contracts/upstream-dialect.js';
import { awsRole } from './aws-role.js';
import { azureDialect } from './azure-dialect.js';
import { bedrockName, bedrockRegion } from './bedrock-name.js';
import type { LitellmFault } from './litellm-fault.js';
import type { ProviderRow } from './litellm-providers.js';
import { partnerPublisher } from './partner-publisher.js';
import { watsonxDialect } from './watsonx-dialect.js';

type Variables = (name: string) => string | undefined;

/** The wire of a provider's model, with what the environment has to say of it. Names and defaults of the variables are LiteLLM's. */
export function providerDialect(row: ProviderRow, model: string, variable: Variables): UpstreamDialect | LitellmFault {
  const first = (...names: readonly string[]): string | undefined => names.map(variable).find((value) => value !== undefined);
  const { dialect = 'openai' } = row;
  if (row.claudeFace !== undefined && model.startsWith('claude-')) return { name: 'anthropic' };
  switch (dialect) {
    case 'openai':
      return { name: 'openai', responses: row.responses === true };
    case 'anthropic':
    case 'gemini':
    case 'cohere':
      return { name: dialect };
    case 'watsonx':
      return watsonxDialect(model, variable);
    case 'azure':
      return azureDialect(row, variable);
    case 'bedrock': {
      const { route, region: named } = bedrockName(model);
      if (route === 'openai') return { name: 'openai', responses: false };
      if (route === 'agent') return { fault: 'agents of Bedrock are not spoken to', fix: 'name a model' };
      const region = bedrockRegion(named, variable);
      const role = awsRole(region, variable);
      if (role !== undefined && 'fault' in role) return role;
      return { name: 'bedrock', region, keys: awsKeys(variable), profile: first('AWS_PROFILE_NAME'), role };
    }
    case 'vertex_ai': {
      const project = first('VERTEXAI_PROJECT', 'VERTEX_PROJECT', 'GOOGLE_CLOUD_PROJECT');
      if (project === undefined)
        return { variable: 'VERTEXAI_PROJECT', fault: 'is not set, and vertex_ai needs it', fix: 'VERTEXAI_PROJECT=my-project' };
      const location = first('VERTEXAI_LOCATION', 'VERTEX_LOCATION') ?? 'us-central1';
      return {
        name: 'vertex_ai',
        publisher: publisherOf(model),
        project,
        location,
        credentials: first('VERTEXAI_CREDENTIALS', 'VERTEX_CREDENTIALS'),
      };
    }
  }
}

function publisherOf(model: string): VertexDialect['publisher'] {
  if (model.startsWith('claude-')) return 'anthropic';
  return partnerPublisher(model) !== undefined || PARTNERS.test(model) ? 'partner' : 'google';
}

/** Whose models share the project's OpenAI face; a number is an endpoint of the project's own. */
const PARTNERS = /^(meta|deepseek-ai|qwen|openai|minimaxai|moonshotai|zai-org)\/(?!\d+$)/;

function awsKeys(variable: Variables): BedrockDialect['keys'] {
  const accessKeyId = variable('AWS_ACCESS_KEY_ID');
  const secretAccessKey = variable('AWS_SECRET_ACCESS_KEY');
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, sessionToken: variable('AWS_SESSION_TOKEN') };
}
