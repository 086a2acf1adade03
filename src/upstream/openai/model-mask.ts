import type { FieldSpan } from '../../json/scan-object.js';
import { locateValue } from '../../json/locate-value.js';
import { ownCopy } from '../own-copy.js';

/** What an event begins with for the client, and how many bytes of the provider's that stands for. */
export interface MaskedBeginning {
  readonly masked: Buffer;
  readonly length: number;
}

/**
 * Puts the name that the client knows where a provider wrote its own. Within a stream the events mostly begin with the same bytes, up to the
 * name (`id`, `created` and `model` do not change): those are remembered, so that the place is looked for once.
 */
export class ModelMask {
  readonly json: Buffer;
  private prefix: Buffer | undefined;
  private masked: Buffer = NOTHING;

  constructor(private readonly name: string) {
    const json = Buffer.from(JSON.stringify(name));
    this.json = ownCopy(json, 0, json.length);
  }

  hides(model: unknown): boolean {
    return model !== undefined && model !== this.name;
  }

  /** The event's bytes up to the end of the name, with the name replaced; undefined when it begins otherwise. */
  knownPrefix(bytes: Buffer, start: number, end: number): MaskedBeginning | undefined {
    const { prefix } = this;
    if (prefix === undefined || start + prefix.length > end) return undefined;
    return bytes.compare(prefix, 0, prefix.length, start, start + prefix.length) === 0 ? { masked: this.masked, length: prefix.length } : undefined;
  }

  /** Looks for the name in the JSON at `dataAt` of an event that begins at `start`. */
  find(bytes: Buffer, start: number, dataAt: number): FieldSpan | undefined {
    const span = locateValue(bytes, dataAt, ['model']);
    if (span !== undefined && span.end - start <= PREFIX_BYTES_MAX) {
      this.prefix = ownCopy(bytes, start, span.end);
      const masked = Buffer.concat([bytes.subarray(start, span.start), this.json]);
      this.masked = ownCopy(masked, 0, masked.length);
    }
    return span;
  }
}

const NOTHING: Buffer = Buffer.alloc(0);
/** A name that stands behind the content stands elsewhere in the next event. */
const PREFIX_BYTES_MAX = 512;
