import { createRequire } from 'node:module';
import { basename, resolve } from 'node:path';
import type { Document, LineCounter, Scalar } from 'yaml';
import type { Findings } from './findings.js';
import { Place, type PlacedSource } from './place.js';
import { readTextFile } from './read-text-file.js';
import { YAML_FAULTS } from './yaml-faults.js';

/** The settings of a YAML file: objects as maps, so that no name is special. */
export interface YamlSettings extends PlacedSource {
  readonly values: ReadonlyMap<string, unknown>;
}

type YamlLibrary = typeof import('yaml');

/** Reads the file that GATEWAY_CONFIG_FILE names. The library is loaded only here; nothing of a broken file is quoted, since it may hold keys. */
export function readYamlSettings(path: string, folder: string, findings: Findings): YamlSettings | undefined {
  const place = Place.variable('GATEWAY_CONFIG_FILE');
  const refuse = (reason: string, fix: string): undefined => findings.mistake(place, JSON.stringify(path), reason, fix) as undefined;

  const read = readTextFile(resolve(folder, path));
  if ('reason' in read) return refuse(read.reason, 'name a readable YAML file under 1 MiB, in UTF-8');
  if (read.text.startsWith('\uFEFF')) return refuse('the file starts with a byte order mark', 'save it as UTF-8 without BOM');
  if (read.text.trim() === '') return refuse('the file is empty', 'write settings such as "port: 8000" into it, or unset the variable');

  const yaml = createRequire(import.meta.url)('yaml') as YamlLibrary;
  const lines = new yaml.LineCounter();
  const documents = yaml.parseAllDocuments(read.text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, logLevel: 'silent' });
  if (!Array.isArray(documents) || documents.length === 0)
    return refuse('the file holds no settings', 'write settings such as "port: 8000" into it, or unset the variable');
  const document = documents[0] as Document.Parsed;
  if (documents.length > 1) return refuse('the file holds several YAML documents', 'keep one, without a line "---" between settings');

  const faults = [...document.errors, ...document.warnings];
  for (const error of faults) {
    const { line, col } = lines.linePos(error.pos[0]);
    refuse(
      `line ${line}, column ${col}: ${YAML_FAULTS[error.code] ?? 'this is no valid YAML'}`,
      error.code === 'DUPLICATE_KEY' ? 'keep one of them' : 'mend the line; indent with spaces, two for each level',
    );
  }
  if (faults.length > 0) return undefined;

  let root: unknown;
  try {
    root = document.toJS({ mapAsMap: true, maxAliasCount: 100 });
  } catch {
    return refuse('its aliases unfold to too much, or to nothing', 'write the values out');
  }
  if (isCircular(root)) return refuse('an alias stands inside its own anchor', 'write the value out');
  if (!(root instanceof Map))
    return refuse(root === null ? 'the file holds no settings' : 'its top level is no map', 'write settings such as "port: 8000" into it');

  const name = basename(path);
  const settings: YamlSettings = { values: root as Map<string, unknown>, lineOf: (keys) => lineOf(yaml, document, lines, keys, name) };
  return refuseOddities(yaml, document, lines, refuse) ? settings : undefined;
}

/** What YAML allows and nobody means: names that are no text, and `010`, which is 8 in YAML 1.1 and 10 in 1.2. */
function refuseOddities(yaml: YamlLibrary, document: Document.Parsed, lines: LineCounter, refuse: (reason: string, fix: string) => void): boolean {
  let clean = true;
  const odd = (node: { range?: readonly number[] | null } | null, reason: string, fix: string): void => {
    clean = false;
    refuse(`line ${lines.linePos(node?.range?.[0] ?? 0).line}: ${reason}`, fix);
  };
  yaml.visit(document, {
    Pair(_, { key }) {
      if (!yaml.isScalar(key) || typeof key.value !== 'string') odd(yaml.isNode(key) ? key : null, 'a name must be text', 'put the name into quotes');
    },
    Scalar(position, node) {
      if (position !== 'key' && typeof node.value === 'number' && /^[-+]?0\d/.test(node.source ?? ''))
        odd(node, `${String(node.source)}: a number may not begin with 0`, String(Number(node.source)));
    },
  });
  return clean;
}

function isCircular(value: unknown, above: ReadonlySet<unknown> = new Set()): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (above.has(value)) return true;
  const within = new Set(above).add(value);
  return [...(value instanceof Map ? value.values() : Array.isArray(value) ? value : [])].some((inner) => isCircular(inner, within));
}

function lineOf(
  yaml: YamlLibrary,
  document: Document.Parsed,
  lines: LineCounter,
  keys: readonly (string | number)[],
  name: string,
): string | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const key of keys) {
    if (yaml.isAlias(node)) node = node.resolve(document);
    if (yaml.isMap(node)) {
      const pair = node.items.find((item) => (item.key as Scalar).value === key);
      offset = (pair?.key as Scalar | undefined)?.range?.[0] ?? offset;
      node = pair?.value;
    } else if (yaml.isSeq(node)) {
      node = node.items[Number(key)];
      offset = (node as Scalar | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  return offset === undefined ? undefined : `${name} line ${lines.linePos(offset).line}`;
}
