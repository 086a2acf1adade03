import type { JsonObject } from '../neutral/neutral-request.js';
import { asArray, asObject } from '../openai/json-value.js';

/**
 * A JSON schema as Anthropic's structured outputs take it: every object closed, and constraints that they refuse told in the description
 * instead, so that the model still reads them.
 */
export function structuredSchema(schema: JsonObject): JsonObject {
  const kept: Record<string, unknown> = {};
  const told: string[] = [];
  for (const [name, value] of Object.entries(schema)) {
    if (REFUSED.has(name) || (name === 'minItems' && value !== 0 && value !== 1)) told.push(`${name}: ${JSON.stringify(value)}`);
    else kept[name] = member(name, value);
  }
  if (kept['type'] === 'object' || asObject(kept['properties']) !== undefined) kept['additionalProperties'] = false;
  if (told.length > 0) {
    const { description } = schema;
    kept['description'] = [...(typeof description === 'string' ? [description] : []), `{${told.join(', ')}}`].join('\n\n');
  }
  return kept;
}

const REFUSED = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
]);

function member(name: string, value: unknown): unknown {
  switch (name) {
    case 'properties':
    case '$defs':
    case 'definitions':
      return mapped(asObject(value)) ?? value;
    case 'items':
    case 'not':
      return nested(value);
    case 'anyOf':
    case 'allOf':
    case 'oneOf':
    case 'prefixItems':
      return asArray(value)?.map(nested) ?? value;
  }
  return value;
}

function mapped(schemas: JsonObject | undefined): JsonObject | undefined {
  return schemas && Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, nested(schema)]));
}

function nested(value: unknown): unknown {
  const schema = asObject(value);
  return schema === undefined ? value : structuredSchema(schema);
}
