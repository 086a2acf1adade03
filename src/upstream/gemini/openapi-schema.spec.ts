import { GatewayError } from '../../contracts/gateway-error.js';
import { openapiSchema } from './openapi-schema.js';

const clean = (schema: Readonly<Record<string, unknown>>): unknown => openapiSchema(schema, 'tools[0].function.parameters');
const object = (properties: object, more: object = {}): Record<string, unknown> => ({ type: 'object', properties, ...more });

describe('a schema for an elder model', () => {
  it.each<[string, object, object]>([
    ['leaves out what it has no word for', { type: 'string', $schema: 'x', default: 'd', exclusiveMinimum: 1, format: 'email' }, { type: 'string' }],
    [
      'keeps what it has',
      { type: 'integer', format: 'int32', minimum: 1, description: 'd' },
      { type: 'integer', format: 'int32', minimum: 1, description: 'd' },
    ],
    ['null among the types', { type: ['string', 'null'] }, { type: 'string', nullable: true }],
    ['several types', { type: ['string', 'number'] }, { anyOf: [{ type: 'string' }, { type: 'number' }] }],
    ['null among the choices', { anyOf: [{ type: 'number' }, { type: 'null' }] }, { type: 'number', nullable: true }],
    ['choices of which one holds', { oneOf: [{ type: 'number' }, { type: 'string' }] }, { anyOf: [{ type: 'number' }, { type: 'string' }] }],
    ['a constant', { const: 'x' }, { type: 'string', enum: ['x'] }],
    ['choices that are numbers', { enum: [1, 2] }, { type: 'number' }],
    ['a list of anything', { type: 'array' }, { type: 'array', items: { type: 'object' } }],
    ['several together', { allOf: [object({ b: { type: 'string' } }, { required: ['b'] })] }, object({ b: { type: 'string' } }, { required: ['b'] })],
    ['an object without properties', { type: 'object', additionalProperties: { type: 'string' } }, { type: 'object' }],
    [
      'required but not described',
      object({ b: { type: 'string' } }, { required: ['b', 'c'] }),
      object({ b: { type: 'string' } }, { required: ['b'] }),
    ],
  ])('%s', (_name, given, expected) => {
    expect(clean(object({ a: given }))).toEqual(object({ a: expected }));
  });

  it('has its references in place, with what is said beside them', () => {
    const $defs = { 'a/b': { type: 'string', description: 'inner' } };
    expect(clean(object({ a: { $ref: '#/$defs/a~1b', description: 'outer' }, b: { $ref: '#/$defs/none' } }, { $defs }))).toEqual(
      object({ a: { type: 'string', description: 'outer' }, b: { type: 'object' } }),
    );
  });

  it('ends where a schema holds itself', () => {
    const $defs = { node: object({ next: { $ref: '#/$defs/node' }, name: { type: 'string' } }) };
    expect(clean({ $ref: '#/$defs/node', $defs })).toEqual(object({ next: { type: 'object' }, name: { type: 'string' } }));
  });

  it('without properties has no spelling', () => {
    expect(clean({ type: 'object', properties: {} })).toBeUndefined();
  });

  it('is refused by name where its references unfold without end', () => {
    const $defs: Record<string, unknown> = {};
    for (let step = 0; step < 40; step++) $defs[`s${step}`] = object({ a: { $ref: `#/$defs/s${step + 1}` }, b: { $ref: `#/$defs/s${step + 1}` } });
    expect(() => clean({ $ref: '#/$defs/s0', $defs })).toThrow(GatewayError);
    const wide: Record<string, unknown> = { s18: { type: 'string' } };
    for (let step = 0; step < 18; step++) wide[`s${step}`] = object({ a: { $ref: `#/$defs/s${step + 1}` }, b: { $ref: `#/$defs/s${step + 1}` } });
    expect(() => clean({ $ref: '#/$defs/s0', $defs: wide })).toThrow(GatewayError);
    let deep: Record<string, unknown> = { type: 'string' };
    for (let step = 0; step < 5_000; step++) deep = { type: 'array', items: deep };
    expect(() => clean(deep)).toThrow(GatewayError);
    let all: Record<string, unknown> = { type: 'string' };
    for (let step = 0; step < 6_000; step++) all = { allOf: [all] };
    expect(() => clean(all)).toThrow(GatewayError);
  });
});
