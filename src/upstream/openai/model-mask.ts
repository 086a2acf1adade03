import type { FieldSpan } from '../../json/scan-object.js';
import { locateValue } from '../../json/locate-value.js';

/**
 * Puts the name that the client knows where a provider wrote its own. Within a stream the events mostly begin with the same bytes, up to the
 * name (`id`, `created` and `model` do not change): those are remembered, so that the place is looked for once.
 */
export class ModelMask {
  readonly json: Buffer;
  private prefix: Buffer | undefined;
  private masked: Buffer = NOTHING;
  private nameAt = 0;

  constructor(private readonly name: string) {
    this.json = Buffer.from(JSON.stringify(name));
  }

  hides(model: unknown): boolean {
    return model !== undefined && model !== this.name;
  }

  /** The event's bytes up to the end of the name, with the name replaced, and how long they were; undefined when it begins otherwise. */
  knownPrefix(bytes: Buffer, start: number, end: number): { readonly masked: Buffer; readonly length: number } | undefined {
    const { prefix } = this;
    if (prefix === undefined || start + prefix.length > end) return undefined;
    return bytes.compare(prefix, 0, prefix.length, start, start + prefix.length) === 0 ? { masked: this.masked, length: prefix.length } : undefined;
  }

  /** Looks for the name in the JSON at `dataAt` of an event that begins at `start`. */
  find(bytes: Buffer, start: number, dataAt: number): FieldSpan | undefined {
    const span = locateValue(bytes, dataAt, ['model']);
    if (span !== undefined && span.end - start <= PREFIX_BYTES_MAX) {
      this.prefix = Buffer.from(bytes.subarray(start, span.end));
      this.nameAt = span.start - start;
      this.masked = Buffer.concat([this.prefix.subarray(0, this.nameAt), this.json]);
    }
    return span;
  }
}

const NOTHING: Buffer = Buffer.alloc(0);
/** A name that stands behind the content stands elsewhere in the next event. */
const PREFIX_BYTES_MAX = 512;
