import { errorResponses } from './error-responses.js';
import { EXPLANATION } from './explanation-schemas.js';
import type { Operation, Paths } from './openapi-types.js';
import { headers } from './response-headers.js';
import { reference } from './schema-parts.js';

const PUBLIC: Operation['security'] = [];

function answers(description: string, schema: string, example: unknown): Operation['responses'] {
  return { '200': { description, headers: headers('x-request-id'), content: { 'application/json': { schema: reference(schema), example } } } };
}

const MODEL = {
  id: 'mock',
  object: 'model',
  type: 'model',
  created: 0,
  created_at: '1970-01-01T00:00:00Z',
  owned_by: 'nexus-gateway',
  display_name: 'mock',
};

/** Models, health and metrics: what the gateway answers by itself. */
export const HOUSE_PATHS: Paths = {
  '/v1/models': {
    get: {
      tags: ['Models'],
      operationId: 'listModels',
      summary: 'The models that this key may use',
      responses: {
        ...answers('Exactly the names that this key may use.', 'ModelList', {
          object: 'list',
          data: [MODEL],
          has_more: false,
          first_id: 'mock',
          last_id: 'mock',
        }),
        ...errorResponses(401, 429, 500),
      },
    },
  },
  '/v1/models/{id}': {
    get: {
      tags: ['Models'],
      operationId: 'readModel',
      summary: 'One of them',
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' }, example: 'mock' }],
      responses: {
        ...answers('The model.', 'Model', MODEL),
        ...errorResponses(401, 404, 429, 500),
      },
    },
  },
  '/v1/explain': {
    get: {
      tags: ['Models'],
      operationId: 'explain',
      summary: 'What would become of a call of this key',
      description:
        'Who is calling, what it may, what is left of its limit, and where a call of this model would go now, in order, with the reason for each upstream and how it fares. Nothing is sent to an upstream or taken from the limit. The same for every endpoint.',
      parameters: [
        { name: 'model', in: 'query', required: true, schema: { type: 'string' }, example: 'mock' },
        {
          name: 'user',
          in: 'query',
          description: 'An end user of yours, as in the field `user` of a call: on which side of a route would he be?',
          schema: { type: 'string', maxLength: 1024 },
        },
      ],
      responses: {
        ...answers('The decision, in the state of now.', 'Explanation', EXPLANATION),
        ...errorResponses(400, 401, 404, 429, 500),
      },
    },
  },
  '/health/live': {
    get: {
      tags: ['Operations'],
      operationId: 'live',
      summary: 'Does the process run?',
      description: 'For liveness probes. Also `/livez` and `/health/liveliness`.',
      security: PUBLIC,
      responses: answers('It does.', 'Live', { status: 'ok' }),
    },
  },
  '/health/ready': {
    get: {
      tags: ['Operations'],
      operationId: 'ready',
      summary: 'Are new calls wanted?',
      description: 'For readiness probes and load balancers. Also `/readyz` and `/health/readiness`.',
      security: PUBLIC,
      responses: {
        ...answers('They are.', 'Ready', { status: 'ok' }),
        '503': {
          description: 'Starting, or draining.',
          content: { 'application/json': { schema: reference('Ready'), example: { status: 'draining' } } },
        },
      },
    },
  },
  '/health': {
    get: {
      tags: ['Operations'],
      operationId: 'health',
      summary: 'How is it?',
      description: 'For people. Always 200. Also `/healthz`.',
      security: PUBLIC,
      responses: answers('Version, upstreams and their circuits, where limits are kept.', 'Health', {
        status: 'ok',
        version: '1.0.0',
        settings_revision: 1,
        uptime_seconds: 60,
        upstreams: { status: 'up', upstreams: { mock: { circuit: 'closed', available: true } } },
        rate_limit_store: { status: 'up', kind: 'memory' },
      }),
    },
  },
  '/metrics': {
    get: {
      tags: ['Operations'],
      operationId: 'metrics',
      summary: 'Metrics for Prometheus',
      description: 'All workers summed. Needs the token of GATEWAY_METRICS_TOKEN where that is set.',
      security: [{}, { metrics_token: [] }],
      responses: {
        '200': {
          description: "Prometheus' text format.",
          content: {
            'text/plain': {
              schema: { type: 'string' },
              example: 'nexus_requests_total{endpoint="chat_completions",upstream="mock",status="200"} 1\n',
            },
          },
        },
        ...errorResponses(401),
      },
    },
  },
};
