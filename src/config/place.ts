interface PathKey {
  readonly key: string | number;
  /** What is told of the key when it may be a secret itself. */
  readonly shown: string;
}

/** The file a value stands in, able to tell the line of a path. */
export interface PlacedSource {
  lineOf(keys: readonly (string | number)[]): string | undefined;
}

/** Where a value stands, in the operator's words: `GATEWAY_PORT`, `upstreams.llama.url`, with the line when it is in a file. */
export class Place {
  private constructor(
    private readonly path: readonly PathKey[],
    private readonly source: PlacedSource | undefined,
  ) {}

  static variable(name: string): Place {
    return new Place([{ key: name, shown: name }], undefined);
  }

  static inFile(source: PlacedSource, key: string): Place {
    return new Place([{ key, shown: key }], source);
  }

  at(key: string | number, shown = String(key)): Place {
    return new Place([...this.path, { key, shown }], this.source);
  }

  get inEnvironment(): boolean {
    return this.source === undefined;
  }

  get line(): string | undefined {
    return this.source?.lineOf(this.path.map(({ key }) => key));
  }

  /** A line that sets this very setting to `value`. */
  setTo(value: string): string {
    return this.inEnvironment && this.path.length === 1 ? `${this.toString()}=${value}` : `${this.path.at(-1)?.shown ?? ''}: ${value}`;
  }

  toString(): string {
    return this.path.map(({ key, shown }, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? shown : `.${shown}`)).join('');
  }
}
