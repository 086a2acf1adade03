import { ANTHROPIC } from './anthropic.js';
import type { PlayedProvider } from './scene.js';

/** Claude at Vertex AI: Anthropic's words at Google's addresses, let in by a token that is got for an identity of somebody else's. */
export const VERTEX: PlayedProvider = {
  ...ANTHROPIC,
  upstream: () => 'litellm://vertex_ai/claude-sonnet-4-5',
  environment: (base) => ({
    VERTEXAI_API_BASE: base,
    VERTEXAI_PROJECT: 'played',
    VERTEXAI_LOCATION: 'europe-west1',
    VERTEXAI_CREDENTIALS: JSON.stringify({
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/played/providers/played',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${base}/token`,
      credential_source: { url: `${base}/token`, format: { type: 'json', subject_token_field_name: 'access_token' } },
    }),
  }),
};
