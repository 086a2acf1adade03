type Key = string | number;

/** The file it stands in, able to tell the line of a path. */
interface LineSource {
  lineOf(keys: readonly Key[]): string | undefined;
}

/** A value of LiteLLM's file that knows where it stands. What is null there counts as not written, as it does for LiteLLM. */
export class LitellmValue {
  constructor(
    readonly value: unknown,
    private readonly keys: readonly Key[],
    private readonly source: LineSource,
  ) {}

  /** The last part of its path. */
  get key(): string {
    return String(this.keys.at(-1) ?? '');
  }

  get isMap(): boolean {
    return this.value instanceof Map;
  }

  get isList(): boolean {
    return Array.isArray(this.value);
  }

  at(key: string): LitellmValue | undefined {
    return this.children.find((child) => child.key === key);
  }

  /** Entries of a map, items of a list. */
  get children(): LitellmValue[] {
    const { value } = this;
    const pairs: [unknown, unknown][] = value instanceof Map ? [...value] : Array.isArray(value) ? [...value.entries()] : [];
    return pairs
      .filter(([, inner]) => inner !== null && inner !== undefined)
      .map(([key, inner]) => new LitellmValue(inner, [...this.keys, typeof key === 'number' ? key : String(key)], this.source));
  }

  /** Text that is not empty; numbers, flags and dates (a version without quotes is one in YAML 1.1) as they would be written. */
  get text(): string | undefined {
    if (this.value instanceof Date) return this.value.toISOString().replace(/T00:00:00\.000Z$/, '');
    const text = ['string', 'number', 'boolean'].includes(typeof this.value) ? String(this.value).trim() : '';
    return text === '' ? undefined : text;
  }

  /** `os.environ/NAME`: the variable that holds the value. */
  get variable(): string | undefined {
    return /^os\.environ\/\s*(\S+)$/.exec(this.text ?? '')?.[1];
  }

  /** `config.yaml line 7`, as near as can be told. */
  get line(): string {
    return this.source.lineOf(this.keys) ?? 'no line';
  }

  get path(): string {
    return this.keys.map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${shown(key)}`)).join('');
  }
}

function shown(key: string): string {
  return /^[\x21-\x7e]{1,80}$/.test(key) ? key : JSON.stringify(key.slice(0, 80));
}
