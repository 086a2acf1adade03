import { readFileSync } from 'node:fs';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly items?: Schema;
}

interface KubernetesSchema {
  readonly version: string;
  /** By `apiVersion kind`. */
  readonly kinds: Readonly<Record<string, string>>;
  readonly definitions: Readonly<Record<string, Schema>>;
}

/** The part of Kubernetes' own API description that these manifests need, without its prose: names, kinds of values, what is required. */
const KUBERNETES = JSON.parse(readFileSync('test/packaging/kubernetes-1.34.schema.json', 'utf8')) as KubernetesSchema;

/** Everything that an API server of that version would refuse for its shape, by path; undefined: a kind it does not know of itself. */
export function schemaFaults(manifest: { readonly apiVersion?: string; readonly kind: string }): string[] | undefined {
  const name = KUBERNETES.kinds[`${manifest.apiVersion} ${manifest.kind}`];
  return name === undefined ? undefined : faults({ $ref: name }, manifest, manifest.kind);
}

function faults(schema: Schema, value: unknown, path: string): string[] {
  if (schema.$ref !== undefined) {
    const named = KUBERNETES.definitions[schema.$ref];
    return named === undefined ? [`${path}: no definition of ${schema.$ref}`] : faults(named, value, path);
  }
  if (schema.oneOf !== undefined) return schema.oneOf.some((one) => faults(one, value, path).length === 0) ? [] : [`${path}: of no kind that fits`];
  if (schema.type !== undefined && !isOf(schema.type, value)) return [`${path}: ${JSON.stringify(value)} is no ${schema.type}`];
  if (schema.enum?.includes(value) === false) return [`${path}: ${JSON.stringify(value)} is none of ${schema.enum.join(', ')}`];
  if (Array.isArray(value)) return value.flatMap((item, index) => faults(schema.items ?? {}, item, `${path}[${index}]`));
  if (typeof value !== 'object' || value === null) return [];
  const fields = Object.entries(value).flatMap(([key, inner]) => {
    const known = schema.properties?.[key] ?? schema.additionalProperties ?? {};
    if (known === false) return [`${path}.${key}: unknown`];
    return known === true ? [] : faults(known, inner, `${path}.${key}`);
  });
  return [...(schema.required ?? []).filter((key) => !(key in value)).map((key) => `${path}.${key}: missing`), ...fields];
}

function isOf(type: string, value: unknown): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}
