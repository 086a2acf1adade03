import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { Document } from 'yaml';
import type { Findings } from './findings.js';
import type { Place, PlacedSource } from './place.js';
import { readTextFile } from './read-text-file.js';
import { textOfBytes } from './text-of-bytes.js';
import { YAML_FAULTS } from './yaml-faults.js';
import { YamlFindings } from './yaml-findings.js';
import { refuseYamlOddities } from './yaml-oddities.js';
import { YamlPlaces } from './yaml-places.js';

/** The settings of a YAML file: objects as maps, so that no name is special. */
export interface YamlSettings extends PlacedSource {
  readonly values: ReadonlyMap<string, unknown>;
  /** Settings of which a part was refused while it was read: the rest is not all that was meant. */
  readonly doubtful: ReadonlySet<string>;
}

/** A file that is named on the command line. */
export interface ConfigFile {
  readonly name: string;
  /** What it holds, where it is not read by its name: standard input. */
  readonly bytes?: Uint8Array;
}

type YamlLibrary = typeof import('yaml');

const SOME_SETTINGS = 'write settings such as "port: 8000" into it';

/**
 * Reads a settings file; `place`: what named it, a variable or an argument. undefined: nothing can be said of its settings, and why was told.
 * The library is loaded only here. No value of a broken file is quoted, since it may be a key.
 */
export function readYamlSettings(file: ConfigFile, place: Place, folder: string, findings: Findings): YamlSettings | undefined {
  const { name, bytes } = file;
  const refuse = (reason: string, fix: string): undefined => new YamlFindings(findings, { place, name }).refuseFile(reason, fix) as undefined;
  const read = bytes === undefined ? readTextFile(resolve(folder, name)) : textOfBytes(bytes);
  if ('reason' in read) return refuse(read.reason, 'name a readable YAML file under 64 MiB, in UTF-8');
  if (read.text.startsWith('\uFEFF')) return refuse('the file starts with a byte order mark', 'save it as UTF-8 without BOM');
  if (read.text.trim() === '') return refuse('the file is empty', SOME_SETTINGS);

  const yaml = createRequire(import.meta.url)('yaml') as YamlLibrary;
  const lines = new yaml.LineCounter();
  // Names that stand there twice are looked for later, in one pass: the library compares each with all, a minute's work for 100,000 keys.
  const documents = yaml.parseAllDocuments(read.text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false, logLevel: 'silent' });
  const [document, second] = documents as Document.Parsed[];
  if (document === undefined) return refuse('the file holds no settings', SOME_SETTINGS);
  const places = new YamlPlaces(yaml, document, lines, name);
  const told = new YamlFindings(findings, { place, name }, places);
  if (second !== undefined) {
    told.refuseFile('the file holds several YAML documents', 'keep one, without a line "---" between settings', second.range[0]);
    return undefined;
  }
  return settingsOf(yaml, document, read.text, told);
}

function settingsOf(yaml: YamlLibrary, document: Document.Parsed, text: string, findings: YamlFindings): YamlSettings | undefined {
  if (!refuseFaults(document, text, findings)) return undefined;
  refuseYamlOddities(yaml, document, findings);
  let root: unknown;
  const refuse = (reason: string, fix: string): undefined => findings.refuseFile(reason, fix) as undefined;
  try {
    root = document.toJS({ mapAsMap: true, maxAliasCount: 100 });
  } catch {
    return refuse('its aliases unfold to too much, or to nothing', 'write the values out');
  }
  if (isCircular(root)) return refuse('an alias stands inside its own anchor', 'write the value out');
  if (!(root instanceof Map)) return refuse(root === null ? 'the file holds no settings' : 'its top level is no map', SOME_SETTINGS);
  return {
    values: root as Map<string, unknown>,
    doubtful: findings.doubtful,
    positionOf: (keys) => findings.places?.positionOf(keys),
  };
}

/** Whether the rest can be read: it can after a fault of one value. */
function refuseFaults(document: Document.Parsed, text: string, findings: YamlFindings): boolean {
  let isReadable = true;
  const told = new Set<number>();
  for (const { code, pos } of [...document.errors, ...document.warnings]) {
    const [offset] = pos;
    if (told.has(offset)) continue;
    told.add(offset);
    const reason = YAML_FAULTS[code] ?? 'this is no valid YAML';
    const partialFix = PARTIAL_FIXES[code];
    // A tag may stand before a name: that name then has no place that could be told.
    if (partialFix === undefined || (code === 'TAG_RESOLVE_FAILED' && findings.places?.isName(afterTag(text, offset)))) {
      isReadable = false;
      findings.refuseFile(reason, 'mend the line; indent with spaces, two for each level', offset);
      continue;
    }
    const place = findings.refuse(offset, '(not shown)', reason, partialFix);
    isReadable &&= place !== undefined;
    if (place?.isWhole) findings.doubtful.add(place.setting);
    if (place) findings.settle(place);
  }
  return isReadable;
}

/** Of faults that leave the rest of the file readable. */
const PARTIAL_FIXES: Readonly<Record<string, string>> = {
  TAG_RESOLVE_FAILED: 'remove the tag',
  BAD_DQ_ESCAPE: 'use single quotes',
};

function afterTag(text: string, offset: number): number {
  const rest = /\S+\s*/y;
  rest.lastIndex = offset;
  return offset + (rest.exec(text)?.[0].length ?? 0);
}

function isCircular(value: unknown, above: ReadonlySet<unknown> = new Set()): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (above.has(value)) return true;
  const within = new Set(above).add(value);
  return [...(value instanceof Map ? value.values() : Array.isArray(value) ? value : [])].some((inner) => isCircular(inner, within));
}
