import { createRequire } from 'node:module';
import { basename, resolve } from 'node:path';
import type { Document, LineCounter, Scalar } from 'yaml';
import type { Findings } from './findings.js';
import { Place, type PlacedSource } from './place.js';
import { readTextFile } from './read-text-file.js';

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
  if (!Array.isArray(documents) || documents.length === 0) return refuse('the file holds no settings', 'write settings such as "port: 8000" into it, or unset the variable');
  const document = documents[0] as Document.Parsed;
  if (documents.length > 1) return refuse('the file holds several YAML documents', 'keep one, without a line "---" between settings');

  for (const error of document.errors) {
    const { line, col } = lines.linePos(error.pos[0]);
    refuse(`line ${line}, column ${col}: ${SYNTAX[error.code] ?? 'this is no valid YAML'}`, error.code === 'DUPLICATE_KEY' ? 'keep one of them' : 'mend the line; indent with spaces, two for each level');
  }
  if (document.errors.length > 0) return undefined;

  let root: unknown;
  try {
    root = document.toJS({ mapAsMap: true, maxAliasCount: 100 });
  } catch {
    return refuse('its aliases unfold to too much, or to nothing', 'write the values out');
  }
  if (!(root instanceof Map)) return refuse(root === null ? 'the file holds no settings' : 'its top level is no map', 'write settings such as "port: 8000" into it');

  const name = basename(path);
  const settings: YamlSettings = { values: root as Map<string, unknown>, lineOf: (keys) => lineOf(yaml, document, lines, keys, name) };
  refuseOddNumbers(yaml, document, settings, findings);
  return settings;
}

/** `010` is 8 in YAML 1.1 and 10 in 1.2: nobody can know what its writer meant. */
function refuseOddNumbers(yaml: YamlLibrary, document: Document.Parsed, settings: YamlSettings, findings: Findings): void {
  yaml.visit(document, {
    Scalar(key, node, path) {
      const { source, value } = node as Scalar;
      if (key === 'key' || typeof value !== 'number' || !/^[-+]?0\d/.test(source ?? '')) return;
      const names = path.filter((step) => yaml.isPair(step)).map((pair) => String((pair.key as Scalar).value));
      const [first = '', ...rest] = names;
      const place = rest.reduce((outer, inner) => outer.at(inner), Place.inFile(settings, first));
      findings.mistake(place, String(source), 'a number may not begin with 0', String(Number(source)));
    },
  });
}

function lineOf(yaml: YamlLibrary, document: Document.Parsed, lines: LineCounter, keys: readonly (string | number)[], name: string): string | undefined {
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

const SYNTAX: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this name stands there twice',
  TAB_AS_INDENT: 'a tab is used as indentation',
  BAD_INDENT: 'the indentation does not fit',
  MISSING_CHAR: 'something is not closed, or a ":" or "," is missing',
  BAD_ALIAS: 'an alias has no anchor',
  MULTIPLE_ANCHORS: 'two anchors stand on one value',
  BAD_DQ_ESCAPE: 'a backslash in double quotes means nothing; use single quotes',
  KEY_OVER_1024_CHARS: 'this name is too long',
  MULTILINE_IMPLICIT_KEY: 'a name stands on two lines, or a ":" is missing',
  BLOCK_AS_IMPLICIT_KEY: 'a value with ": " in it needs quotes, or the indentation does not fit',
  UNEXPECTED_TOKEN: 'this is not expected here',
};
