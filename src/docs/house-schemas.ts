import { ERRORS } from '../contracts/gateway-error.js';
import type { Schemas } from './openapi-types.js';
import { nullable, reference } from './schema-parts.js';

/** What is the gateway's own: models, health, errors. */
export const HOUSE_SCHEMAS: Schemas = {
  Model: {
    type: 'object',
    required: ['id', 'object'],
    properties: {
      id: { type: 'string', examples: ['mock'] },
      object: { type: 'string', enum: ['model'] },
      type: { type: 'string', enum: ['model'] },
      created: { type: 'integer' },
      created_at: { type: 'string', format: 'date-time' },
      owned_by: { type: 'string' },
      display_name: { type: 'string' },
    },
    additionalProperties: true,
  },
  ModelList: {
    type: 'object',
    required: ['object', 'data'],
    properties: {
      object: { type: 'string', enum: ['list'] },
      data: { type: 'array', items: reference('Model') },
      has_more: { type: 'boolean', enum: [false] },
      first_id: nullable('string'),
      last_id: nullable('string'),
    },
  },
  Live: { type: 'object', required: ['status'], properties: { status: { type: 'string', enum: ['ok'] } } },
  Ready: {
    type: 'object',
    required: ['status'],
    properties: {
      status: { type: 'string', enum: ['ok', 'starting', 'draining'] },
      degraded: {
        type: 'array',
        items: { type: 'string', enum: ['rate_limit_store'] },
        description: 'What is worse than usual, though calls are served.',
      },
    },
  },
  Health: {
    type: 'object',
    required: ['status', 'version', 'settings_revision', 'uptime_seconds', 'upstreams', 'rate_limit_store'],
    properties: {
      status: { type: 'string', enum: ['ok', 'degraded', 'starting', 'draining'] },
      version: { type: 'string' },
      settings_revision: { type: 'integer' },
      uptime_seconds: { type: 'integer' },
      upstreams: {
        type: 'object',
        properties: {
          status: { type: 'string', enum: ['up', 'degraded'] },
          upstreams: {
            type: 'object',
            additionalProperties: {
              type: 'object',
              properties: { circuit: { type: 'string', enum: ['closed', 'half-open', 'open'] }, available: { type: 'boolean' } },
            },
          },
        },
      },
      rate_limit_store: {
        type: 'object',
        properties: { status: { type: 'string', enum: ['up', 'degraded'] }, kind: { type: 'string', enum: ['memory', 'redis'] } },
      },
    },
  },
  Error: {
    type: 'object',
    description:
      'Every refusal has this shape. In a stream it comes as one event `data: {"error":{…}}`, and no `[DONE]` follows. A refusal of the upstream keeps its own words and code.',
    required: ['error'],
    properties: {
      error: {
        type: 'object',
        required: ['message', 'type', 'param', 'code'],
        properties: {
          message: { type: 'string' },
          type: nullable('string'),
          param: nullable('string', 'The field that is at fault'),
          code: nullable('string', `One of ${Object.keys(ERRORS).join(', ')}, or the upstream's`),
        },
      },
    },
  },
};
