import { isObject, type JsonObject } from './mock-request.js';

/** A value that fits a JSON Schema, as far as the mock understands it: for arguments of tools and structured answers. */
export function sampleOfSchema(schema: unknown, depth = 0): unknown {
  if (!isObject(schema) || depth > DEPTH_MAX) return {};
  if ('const' in schema) return schema['const'];
  if ('default' in schema) return schema['default'];
  const choices = schema['enum'] ?? schema['examples'];
  if (Array.isArray(choices) && choices.length > 0) return choices[0];
  const branches = schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf'];
  if (Array.isArray(branches) && branches.length > 0) return sampleOfSchema(branches[0], depth + 1);
  switch (typeName(schema)) {
    case 'string':
      return 'sample';
    case 'integer':
    case 'number':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'array':
      return [sampleOfSchema(schema['items'] ?? { type: 'string' }, depth + 1)];
    default:
      return sampleObject(schema, depth);
  }
}

function typeName(schema: JsonObject): unknown {
  const type = schema['type'];
  return Array.isArray(type) ? type[0] : type;
}

function sampleObject(schema: JsonObject, depth: number): Record<string, unknown> {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  return Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, sampleOfSchema(inner, depth + 1)]));
}

const DEPTH_MAX = 16;
