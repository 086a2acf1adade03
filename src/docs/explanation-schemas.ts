import type { ToldExplanation } from '../routing/told-explanation.js';
import type { Schemas } from './openapi-types.js';
import { nullable, reference } from './schema-parts.js';

const whole = { type: 'integer' };
const flag = { type: 'boolean' };
const text = { type: 'string' };

/** What would become of a call, as a caller is told it. */
export const EXPLANATION_SCHEMAS: Schemas = {
  Explanation: {
    type: 'object',
    required: ['object', 'model', 'user', 'principal', 'policy', 'limits', 'refused', 'route', 'order', 'attempts_max', 'candidates'],
    properties: {
      object: { type: 'string', enum: ['explanation'] },
      model: text,
      user: nullable('string'),
      principal: {
        type: 'object',
        properties: {
          kind: { type: 'string', enum: ['key', 'subject'], description: '`subject`: a token.' },
          id: { type: 'string', description: 'As the log has it.' },
        },
      },
      policy: {
        type: 'object',
        properties: {
          own: { type: 'boolean', description: 'false: what holds for everybody.' },
          allowed_models: { type: ['array', 'null'], items: text, description: 'null: every model. A token may narrow its policy.' },
        },
      },
      limits: {
        type: 'object',
        properties: {
          requests: {
            type: ['object', 'null'],
            description: 'Calls a minute. null: unlimited.',
            required: ['limit', 'remaining', 'reset', 'meanwhile'],
            properties: {
              limit: whole,
              remaining: nullable('integer', 'null while nobody can say'),
              reset: nullable('string', 'Until all are there again: `1s`, `6m0s`'),
              meanwhile: {
                type: ['string', 'null'],
                enum: ['local', 'deny', 'allow', null],
                description: 'While the store that counts is away: each process gives its part, refuses, or does not count. null: it answers.',
              },
            },
          },
        },
      },
      refused: { type: ['object', 'null'], description: 'null here: what would be refused is refused here too, in the same words.' },
      route: {
        type: ['object', 'null'],
        description: 'null: no route of that name.',
        properties: {
          strategy: { type: 'string', enum: ['weighted', 'canary'] },
          shares: { type: 'object', additionalProperties: { type: 'number' }, description: 'Parts of 1 that are wanted.' },
        },
      },
      order: {
        type: ['string', 'null'],
        enum: ['fixed', 'by_user', 'by_share', null],
        description: '`by_share`: drawn for each call, the likeliest first. `by_user`: as drawn for this end user.',
      },
      attempts_max: { type: 'integer', description: 'Over retries and fallbacks.' },
      candidates: { type: 'array', items: reference('ExplainedCandidate'), description: 'In the order to try them.' },
    },
  },
  ExplainedCandidate: {
    type: 'object',
    required: ['upstream', 'reason', 'share', 'fallback_of', 'answers_as', 'key_missing', 'now'],
    properties: {
      upstream: text,
      reason: { type: 'string', enum: ['upstream_of_that_name', 'default_upstream', 'share', 'last_resort', 'fallback'] },
      share: nullable('number'),
      fallback_of: nullable('string'),
      answers_as: { type: 'string', description: 'The `model` of its answers.' },
      key_missing: { type: 'boolean', description: 'true: the gateway has no key for it, and goes on to the next.' },
      now: {
        type: 'object',
        description: 'By the process that answers: with several workers each has its part of the cap.',
        required: ['available', 'circuit', 'probe_in_seconds', 'resting_seconds', 'in_flight', 'max_in_flight'],
        properties: {
          available: flag,
          circuit: { type: 'string', enum: ['closed', 'half-open', 'open'] },
          probe_in_seconds: nullable('number', 'Until an open circuit lets one call through. null: it is not open.'),
          resting_seconds: { type: 'number', description: 'Left of its rest after a 429.' },
          in_flight: whole,
          max_in_flight: whole,
        },
      },
    },
  },
};

const WELL = { available: true, circuit: 'closed', probe_in_seconds: null, resting_seconds: 0, in_flight: 0, max_in_flight: 1024 } as const;

/** A canary whose larger part is out. */
export const EXPLANATION: ToldExplanation = {
  object: 'explanation',
  model: 'chat',
  user: null,
  principal: { kind: 'key', id: '3f0c1b9a77de' },
  policy: { own: true, allowed_models: ['chat', 'mock'] },
  limits: { requests: { limit: 30, remaining: 28, reset: '4s', meanwhile: null } },
  refused: null,
  route: { strategy: 'canary', shares: { primary: 0.95, next: 0.05 } },
  order: 'by_share',
  attempts_max: 3,
  candidates: [
    { upstream: 'next', reason: 'share', share: 0.05, fallback_of: null, answers_as: 'chat', key_missing: false, now: WELL },
    {
      upstream: 'primary',
      reason: 'share',
      share: 0.95,
      fallback_of: null,
      answers_as: 'chat',
      key_missing: false,
      now: { ...WELL, available: false, circuit: 'open', probe_in_seconds: 12.5 },
    },
    { upstream: 'mock', reason: 'fallback', share: null, fallback_of: 'chat', answers_as: 'mock', key_missing: false, now: WELL },
  ],
};
