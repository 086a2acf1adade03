import { DocumentBuilder, type OpenAPIObject } from '@nestjs/swagger';
import { PRODUCT_VERSION } from '../metrics/product-version.js';
import { CHAT_SCHEMAS } from './chat-schemas.js';
import { COMPLETION_SCHEMAS } from './completion-schemas.js';
import { EMBEDDING_SCHEMAS } from './embedding-schemas.js';
import { ERROR_RESPONSES } from './error-responses.js';
import { EXPLANATION_SCHEMAS } from './explanation-schemas.js';
import { HOUSE_PATHS } from './house-paths.js';
import { HOUSE_SCHEMAS } from './house-schemas.js';
import { INFERENCE_PATHS } from './inference-paths.js';
import { MESSAGES_SCHEMAS } from './messages-schemas.js';
import { RESPONSE_HEADERS } from './response-headers.js';
import { RESPONSES_SCHEMAS } from './responses-schemas.js';

const DESCRIPTION = `One address in front of language models. It speaks the OpenAI API, and Anthropic's Messages: point any client's base URL at \`/v1\` of this host (Anthropic's clients: at the host itself).

Every \`/v1\` path also answers without \`/v1\`. Authorize with a key or a token; a key serves as \`Authorization: Bearer\`, as \`X-API-Key\` or as \`api-key\`.`;

/** The API as OpenAPI 3.1. Written by hand: the routes forward bodies that only clients and upstreams know, so there is nothing in the code to derive it from. */
export function openApiDocument(): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Nexus Gateway')
    .setVersion(PRODUCT_VERSION)
    .setDescription(DESCRIPTION)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/')
    .addTag('Inference', 'Calls that reach a model')
    .addTag('Models', 'What may be asked for')
    .addTag('Operations', 'For orchestrators, monitoring and people')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A key of GATEWAY_API_KEYS, or a JWT' }, 'bearer')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'A key of GATEWAY_API_KEYS' }, 'api_key')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'The token of GATEWAY_METRICS_TOKEN' }, 'metrics_token')
    .addSecurityRequirements('bearer')
    .addSecurityRequirements('api_key');
  const base = builder.build();
  return {
    ...base,
    paths: { ...INFERENCE_PATHS, ...HOUSE_PATHS },
    components: {
      ...base.components,
      schemas: {
        ...CHAT_SCHEMAS,
        ...COMPLETION_SCHEMAS,
        ...EMBEDDING_SCHEMAS,
        ...RESPONSES_SCHEMAS,
        ...MESSAGES_SCHEMAS,
        ...HOUSE_SCHEMAS,
        ...EXPLANATION_SCHEMAS,
      },
      responses: ERROR_RESPONSES,
      headers: RESPONSE_HEADERS,
    },
  };
}
