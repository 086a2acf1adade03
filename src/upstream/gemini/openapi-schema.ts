import { GatewayError } from '../../contracts/gateway-error.js';
import { asArray, asObject, asText, type JsonObject } from '../openai/json-value.js';

/**
 * A JSON Schema as elder models know it: a part of OpenAPI's. References are put in place, `null` becomes `nullable`, a constant a choice of one;
 * what has no word there is left out, so that a model is told less, and nothing wrong. undefined: an object without properties, which has no
 * spelling at all. Throws a 400 that names `param` for a schema whose references unfold without end.
 */
export function openapiSchema(schema: JsonObject, param: string): JsonObject | undefined {
  const root = new Cleaner(schema, param).clean(schema, []);
  return root['type'] === 'object' && root['properties'] === undefined ? undefined : root;
}

class Cleaner {
  private nodes = 0;

  constructor(
    private readonly root: JsonObject,
    private readonly param: string,
  ) {}

  /** `within`: the references that led here. */
  clean(schema: JsonObject, within: readonly string[]): JsonObject {
    if (++this.nodes > NODES_MAX || within.length > DEPTH_MAX)
      throw new GatewayError('invalid_value', 'This JSON schema is too large for this model once its references are put in place.', {
        param: this.param,
      });
    const reference = asText(schema['$ref']);
    if (reference !== undefined) return this.referred(schema, reference, within);
    const parts = asArray(schema['allOf']);
    if (parts !== undefined) return this.clean(merged(schema, parts), [...within, '']);
    const kept: Record<string, unknown> = {};
    for (const name of KEPT) if (schema[name] !== undefined) kept[name] = schema[name];
    if (schema['const'] !== undefined) kept['enum'] = [schema['const']];
    this.putType(kept, schema, within);
    if (kept['type'] === 'object' || schema['properties'] !== undefined) this.putProperties(kept, schema, within);
    if (kept['type'] === 'array') kept['items'] = this.clean(asObject(schema['items']) ?? ANYTHING, [...within, '']);
    putEnum(kept);
    putFormat(kept);
    return kept;
  }

  private referred(schema: JsonObject, reference: string, within: readonly string[]): JsonObject {
    // A schema that holds itself has no end: inside, it is an object and no more.
    const found = within.includes(reference) ? undefined : this.find(reference);
    if (found === undefined) return { type: 'object', ...description(schema) };
    return { ...this.clean(found, [...within, reference]), ...description(schema) };
  }

  private find(reference: string): JsonObject | undefined {
    if (!reference.startsWith('#')) return undefined;
    let at: unknown = this.root;
    for (const step of reference.slice(1).split('/').slice(1)) at = asObject(at)?.[step.replaceAll('~1', '/').replaceAll('~0', '~')];
    return asObject(at);
  }

  private putType(kept: Record<string, unknown>, schema: JsonObject, within: readonly string[]): void {
    const types = asArray(schema['type']) ?? (schema['type'] === undefined ? [] : [schema['type']]);
    const real = types.filter((type) => type !== 'null');
    if (real.length < types.length) kept['nullable'] = true;
    const choices = asArray(schema['anyOf']) ?? asArray(schema['oneOf']);
    if (choices !== undefined) return this.putChoices(kept, choices, within);
    if (real.length > 1) kept['anyOf'] = real.map((type) => this.clean({ ...schema, type }, [...within, '']));
    else if (real.length === 1) kept['type'] = real[0];
    else if (schema['properties'] !== undefined) kept['type'] = 'object';
  }

  private putChoices(kept: Record<string, unknown>, choices: readonly unknown[], within: readonly string[]): void {
    const schemas = choices.map(asObject).filter((choice) => choice !== undefined);
    const real = schemas.filter(({ type }) => type !== 'null');
    if (real.length < schemas.length) kept['nullable'] = true;
    const cleaned = real.map((choice) => this.clean(choice, [...within, '']));
    const [only] = cleaned;
    if (cleaned.length === 1 && only !== undefined) Object.assign(kept, { ...only, ...kept });
    else if (cleaned.length > 1) kept['anyOf'] = cleaned;
  }

  private putProperties(kept: Record<string, unknown>, schema: JsonObject, within: readonly string[]): void {
    const given = Object.entries(asObject(schema['properties']) ?? {});
    const properties = Object.fromEntries(given.map(([name, value]) => [name, this.clean(asObject(value) ?? ANYTHING, [...within, ''])]));
    if (given.length > 0) kept['properties'] = properties;
    // A required property that is not described is an error to Gemini.
    const required = (asArray(schema['required']) ?? []).filter((name) => typeof name === 'string' && Object.hasOwn(properties, name));
    if (required.length > 0) kept['required'] = required;
  }
}

const NODES_MAX = 5_000;
const DEPTH_MAX = 64;
const ANYTHING: JsonObject = { type: 'object' };
const WORDS = ['title', 'description', 'nullable', 'enum', 'format', 'pattern', 'propertyOrdering'];
const BOUNDS = ['minItems', 'maxItems', 'minProperties', 'maxProperties', 'minLength', 'maxLength', 'minimum', 'maximum'];
const KEPT = [...WORDS, ...BOUNDS];

function description(schema: JsonObject): JsonObject {
  return asText(schema['description']) === undefined ? {} : { description: schema['description'] };
}

/** What several schemas say together, where they do not contradict each other: of two words for one thing, the last. */
function merged(schema: JsonObject, parts: readonly unknown[]): JsonObject {
  const { allOf: _, ...own } = schema;
  const all = [...parts.map(asObject).filter((part) => part !== undefined), own];
  const properties = Object.assign({}, ...all.map((part) => asObject(part['properties']) ?? {})) as JsonObject;
  const required = all.flatMap((part) => asArray(part['required']) ?? []);
  const together = Object.assign({}, ...all) as JsonObject;
  return {
    ...together,
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required }),
  };
}

/** Choices are texts; of others, only the type is told. */
function putEnum(kept: Record<string, unknown>): void {
  const choices = asArray(kept['enum']);
  if (choices === undefined) return;
  const texts = choices.filter((choice) => typeof choice === 'string');
  if (choices.includes(null)) kept['nullable'] = true;
  if (texts.length > 0 && (kept['type'] === undefined || kept['type'] === 'string')) Object.assign(kept, { type: 'string', enum: texts });
  else {
    delete kept['enum'];
    const [first] = choices;
    if (kept['type'] === undefined && kept['anyOf'] === undefined && (typeof first === 'number' || typeof first === 'boolean'))
      kept['type'] = typeof first;
  }
}

function putFormat(kept: Record<string, unknown>): void {
  const known = kept['type'] === 'string' ? ['date-time', 'enum'] : kept['type'] === 'number' ? ['float', 'double'] : ['int32', 'int64'];
  if (kept['format'] !== undefined && !known.includes(String(kept['format']))) delete kept['format'];
}
