import { createRequire } from 'node:module';
import { basename, dirname, resolve } from 'node:path';
import type { Document, LineCounter, Pair } from 'yaml';
import { readTextFile } from '../../config/read-text-file.js';
import { YAML_FAULTS } from '../../config/yaml-faults.js';
import { LitellmValue } from './litellm-value.js';

type YamlLibrary = typeof import('yaml');
const MERGE = '<<';

/** A file that LiteLLM itself could not read either. `missing`: there is none. */
export class UnreadableConfig extends Error {
  constructor(
    message: string,
    readonly missing: boolean = false,
  ) {
    super(message);
  }
}

/** A `config.yaml` of LiteLLM's proxy, with the files it includes: lists of theirs go behind its own, other sections take their place. */
export class LitellmConfig {
  private constructor(
    /** Sections by name; a section that several files have as a list stands there once for each. */
    readonly sections: ReadonlyMap<string, readonly LitellmValue[]>,
  ) {}

  /** Throws `UnreadableConfig` with the line, and nothing of the file's text: it may hold keys. */
  static read(path: string): LitellmConfig {
    const sections = new Map<string, LitellmValue[]>();
    const root = readFile(path);
    for (const section of root.children) if (section.key !== 'include') sections.set(section.key, [section]);
    const includes = root.at('include');
    for (const include of includes?.isList ? includes.children : includes === undefined ? [] : [includes]) {
      if (include.text === undefined) throw new UnreadableConfig(`${include.line}: the name of a file is wanted`);
      for (const section of readFile(resolve(dirname(path), include.text)).children) {
        const before = sections.get(section.key);
        if (before?.[0]?.isList && section.isList) before.push(section);
        else sections.set(section.key, [section]);
      }
    }
    return new LitellmConfig(sections);
  }

  section(name: string): LitellmValue | undefined {
    return this.sections.get(name)?.at(-1);
  }

  /** Items of a section that is a list, of every file. */
  itemsOf(name: string): LitellmValue[] {
    return (this.sections.get(name) ?? []).flatMap((section) => (section.isList ? section.children : []));
  }
}

/** As PyYAML reads it: YAML 1.1 with merge keys, and the last of several entries of one name. */
function readFile(path: string): LitellmValue {
  const name = basename(path);
  const read = readTextFile(path);
  if ('reason' in read) throw new UnreadableConfig(`${name} cannot be read: ${read.reason}`, read.reason === 'there is no such file');
  const yaml = createRequire(import.meta.url)('yaml') as YamlLibrary;
  const lines = new yaml.LineCounter();
  const text = read.text.replace(/^\uFEFF/, '');
  const document = yaml.parseDocument(text, {
    version: '1.1',
    merge: true,
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
  });
  for (const { pos, code } of document.errors) {
    const { line, col } = lines.linePos(pos[0]);
    throw new UnreadableConfig(
      `${name} line ${line}, column ${col}: ${code === 'MULTIPLE_DOCS' ? 'a second document begins' : (YAML_FAULTS[code] ?? 'this is no valid YAML')}`,
    );
  }
  let root: unknown;
  try {
    root = document.toJS({ mapAsMap: true, maxAliasCount: 1000 });
  } catch {
    throw new UnreadableConfig(`${name} line 1: its aliases unfold to too much, or to nothing`);
  }
  if (!(root instanceof Map)) throw new UnreadableConfig(`${name} line 1: its top level is no map with model_list and settings`);
  if (isCircular(root)) throw new UnreadableConfig(`${name} line 1: an alias stands inside its own anchor`);
  return new LitellmValue(root, [], { lineOf: (keys) => `${name} line ${lineOf(yaml, document, lines, keys)}` });
}

function lineOf(yaml: YamlLibrary, document: Document.Parsed, lines: LineCounter, keys: readonly (string | number)[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  const step = (key: string | number): void => {
    if (yaml.isAlias(node)) node = node.resolve(document);
    if (yaml.isMap(node)) {
      const pair = node.items.findLast((item) => keyOf(item) === String(key));
      const merged = pair === undefined ? node.items.find((item) => keyOf(item) === MERGE)?.value : undefined;
      if (merged !== undefined) {
        for (const source of yaml.isSeq(merged) ? merged.items : [merged]) {
          node = source;
          step(key);
        }
        return;
      }
      offset = startOf(pair?.key) ?? offset;
      node = pair?.value;
    } else if (yaml.isSeq(node)) {
      node = node.items[Number(key)];
      offset = startOf(node) ?? offset;
    } else node = undefined;
  };
  for (const key of keys) step(key);
  return lines.linePos(offset).line;
}

function keyOf(pair: Pair): string {
  return String((pair.key as { readonly value?: unknown } | null)?.value);
}

function startOf(node: unknown): number | undefined {
  return (node as { readonly range?: readonly number[] | null } | null | undefined)?.range?.[0];
}

function isCircular(value: unknown, above: ReadonlySet<unknown> = new Set()): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (above.has(value)) return true;
  const within = new Set(above).add(value);
  return [...(value instanceof Map ? value.values() : Array.isArray(value) ? value : [])].some((inner) => isCircular(inner, within));
}
