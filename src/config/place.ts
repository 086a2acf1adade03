import { maskKeys } from './mask-keys.js';

interface PathKey {
  readonly key: string | number;
  /** What is told of the key when it may be a secret itself. */
  readonly shown: string;
}

/** Line and column count from 1, as editors do. */
export interface FilePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The file a value stands in, able to tell where a path begins there: as near as can be told. */
export interface PlacedSource {
  positionOf(keys: readonly (string | number)[]): FilePosition | undefined;
}

/** How the parts of a setting are written: in YAML, in JSON, or as `name=value`. */
export type PartsForm = 'yaml' | 'json' | 'text';

/** Where a value stands, in the operator's words: `GATEWAY_PORT`, `upstreams.llama.url`, with its position when it is in a file. */
export class Place {
  private constructor(
    private readonly path: readonly PathKey[],
    private readonly source: PlacedSource | undefined,
    private readonly partsForm: PartsForm,
  ) {}

  static variable(name: string): Place {
    return new Place([{ key: name, shown: name }], undefined, 'text');
  }

  static inFile(source: PlacedSource, key: string): Place {
    return new Place([{ key, shown: key }], source, 'yaml');
  }

  at(key: string | number, shown = String(key)): Place {
    return new Place([...this.path, { key, shown }], this.source, this.partsForm);
  }

  /** The same place, its parts written in another form: the whole value is a text. */
  withParts(form: PartsForm): Place {
    return new Place(this.path, this.source, form);
  }

  /** Another setting, which was not written, where this one was: in the environment, or beside it in the file. */
  beside(setting: string): Place {
    const position = this.position;
    return this.inEnvironment ? Place.variable(`GATEWAY_${setting.toUpperCase()}`) : Place.inFile({ positionOf: () => position }, setting);
  }

  /** The same name, known to stand elsewhere. */
  seenAt(position: FilePosition): Place {
    return new Place(this.path, { positionOf: () => position }, this.partsForm);
  }

  /** The setting it stands in. */
  get setting(): string {
    return String(this.path[0]?.key);
  }

  /** A setting as a whole, no part of one. */
  get isWhole(): boolean {
    return this.path.length === 1;
  }

  isWithin(outer: Place): boolean {
    return outer.path.every(({ key }, index) => this.path[index]?.key === key);
  }

  get inEnvironment(): boolean {
    return this.source === undefined;
  }

  get position(): FilePosition | undefined {
    return this.source?.positionOf(this.path.map(({ key }) => key));
  }

  /** What sets this very setting to `value`, as it is written here; `inFile`: the same in YAML, where that differs. */
  setTo(value: string, inFile = value): string {
    const name = this.path.at(-1)?.shown ?? '';
    const form = !this.isWhole ? this.partsForm : this.source === undefined ? 'text' : 'yaml';
    switch (form) {
      case 'yaml':
        return `${name}: ${inFile}`;
      case 'json':
        return `${JSON.stringify(name)}: ${/^(?:-?\d+(?:\.\d+)?|true|false|["[{].*)$/s.test(value) ? value : JSON.stringify(value)}`;
      case 'text':
        return `${name}=${value.replace(/^"(.*)"$/s, '$1')}`;
    }
  }

  toString(): string {
    return this.path.map(({ key, shown }, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${oneLine(shown)}`)).join('');
  }
}

/** A name as it is, unless it would break the line it stands in, or fill it. */
function oneLine(key: string): string {
  const name = maskKeys(key);
  return /^[^\p{Cc}]{1,200}$/u.test(name) ? name : JSON.stringify(name.length > 200 ? `${name.slice(0, 80)}…` : name);
}
