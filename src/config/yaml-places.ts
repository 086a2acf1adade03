import type { Document, LineCounter, Node, Pair } from 'yaml';
import type { FilePosition, PlacedSource } from './place.js';
import { Place } from './place.js';
import { settingFields } from './setting.js';
import { SettingsFile } from './settings-file.js';

type Key = string | number;
type YamlLibrary = typeof import('yaml');

/** Where paths stand in a YAML document, and which path stands at a place. */
export class YamlPlaces implements PlacedSource {
  /** Of each map that was asked about: a file may hold a hundred thousand policies, and a warning for each. */
  private readonly named = new WeakMap<object, ReadonlyMap<unknown, Pair>>();

  constructor(
    private readonly yaml: YamlLibrary,
    private readonly document: Document.Parsed,
    private readonly lines: LineCounter,
    private readonly file: string,
  ) {}

  /** Where the last part of the path begins that is there; of a name that stands there twice, the later, which counts. */
  positionOf(keys: readonly Key[]): FilePosition | undefined {
    let node: unknown = this.document.contents;
    let offset: number | undefined;
    for (const key of keys) {
      if (this.yaml.isAlias(node)) node = node.resolve(this.document);
      if (this.yaml.isMap(node)) {
        const pair = this.pairsOf(node.items).get(key);
        offset = startOf(pair?.key) ?? offset;
        node = pair?.value;
      } else if (this.yaml.isSeq(node)) {
        node = node.items[Number(key)];
        offset = startOf(node) ?? offset;
      } else break;
    }
    return offset === undefined ? undefined : this.position(offset);
  }

  position(offset: number): FilePosition {
    const { line, col } = this.lines.linePos(offset);
    return { file: this.file, line, column: col };
  }

  /** The deepest path that begins at or before an offset; undefined: it would be before the first name. */
  placeAt(offset: number): Place | undefined {
    let node: unknown = this.document.contents;
    let place: Place | undefined;
    let isSecret = false;
    for (;;) {
      if (this.yaml.isMap(node)) {
        const index = node.items.findLastIndex((item) => (startOf(item.key) ?? Infinity) <= offset);
        const pair = node.items[index];
        if (pair === undefined) return place;
        const name = String(nameOf(pair));
        // Names inside a secret are secrets, and told by number.
        if (place === undefined) [place, isSecret] = [Place.inFile(this, name), settingFields(SettingsFile).get(name)?.secret ?? false];
        else [place, isSecret] = [place.at(name, isSecret ? `#${index + 1}` : name), false];
        node = pair.value;
      } else if (this.yaml.isSeq(node)) {
        const index = node.items.findLastIndex((item) => (startOf(item) ?? Infinity) <= offset);
        if (index < 0) return place;
        place = place?.at(index);
        node = node.items[index];
      } else return place;
    }
  }

  private pairsOf(items: readonly Pair[]): ReadonlyMap<unknown, Pair> {
    const known = this.named.get(items);
    if (known !== undefined) return known;
    const pairs = new Map(items.map((item) => [nameOf(item), item]));
    this.named.set(items, pairs);
    return pairs;
  }

  /** Whether a name begins there. */
  isName(offset: number): boolean {
    let isName = false;
    this.yaml.visit(this.document, {
      Pair: (_, { key }) => {
        isName ||= startOf(key) === offset;
        return isName ? this.yaml.visit.BREAK : undefined;
      },
    });
    return isName;
  }
}

function nameOf({ key }: Pair): unknown {
  return (key as { readonly value?: unknown } | null)?.value;
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
