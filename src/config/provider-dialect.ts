import type { UpstreamDialect } from '../contracts/upstream-dialect.js';
import type { LitellmFault } from './litellm-fault.js';
import type { ProviderRow } from './litellm-providers.js';

type Variables = (name: string) => string | undefined;

/** The wire of a provider's model, with what the environment has to say of it. Names and defaults of the variables are LiteLLM's. */
export function providerDialect(row: ProviderRow, model: string, variable: Variables): UpstreamDialect | LitellmFault {
  const first = (...names: readonly string[]): string | undefined => names.map(variable).find((value) => value !== undefined);
  const { dialect = 'openai' } = row;
  switch (dialect) {
    case 'openai':
      return { name: 'openai', responses: row.responses === true };
    case 'anthropic':
    case 'gemini':
      return { name: dialect };
    case 'vertex_ai': {
      const project = first('VERTEXAI_PROJECT', 'VERTEX_PROJECT', 'GOOGLE_CLOUD_PROJECT');
      if (project === undefined)
        return { variable: 'VERTEXAI_PROJECT', fault: 'is not set, and vertex_ai needs it', fix: 'VERTEXAI_PROJECT=my-project' };
      const location = first('VERTEXAI_LOCATION', 'VERTEX_LOCATION') ?? 'us-central1';
      const publisher = model.startsWith('claude-') ? 'anthropic' : 'google';
      return { name: 'vertex_ai', publisher, project, location, credentials: first('VERTEXAI_CREDENTIALS', 'VERTEX_CREDENTIALS') };
    }
  }
}
