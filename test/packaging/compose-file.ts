import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface ComposeService {
  readonly image: string;
  readonly build?: string | { readonly context: string };
  readonly runtime?: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
}

/** The file as Compose reads it: `${NAME:-default}` filled in after parsing, from these variables alone. */
export function composeFile(path: string, variables: Readonly<Record<string, string>> = {}): ComposeFile {
  const fill = (value: unknown): unknown => {
    if (typeof value === 'string')
      return value.replaceAll(/\$\{(\w+)(?::-([^}]*))?\}/g, (_, name: string, otherwise: string | undefined) => variables[name] || (otherwise ?? ''));
    if (Array.isArray(value)) return value.map(fill);
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner)])) : value;
  };
  return fill(parse(readFileSync(path, 'utf8'))) as ComposeFile;
}
