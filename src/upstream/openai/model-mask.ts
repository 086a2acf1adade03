import type { FieldSpan } from '../../json/scan-object.js';
import { locateValue } from '../../json/locate-value.js';
import { keptBytes } from '../kept-bytes.js';

/** How events begin, up to the end of the name: the first `length` bytes as the provider has it, the others as the client does. */
export interface MaskedBeginning {
  readonly bytes: Buffer;
  readonly length: number;
}

/**
 * Puts the name that the client knows where a provider wrote its own. Within a stream the events mostly begin with the same bytes, up to the
 * name (`id`, `created` and `model` do not change): those are remembered, so that the place is looked for once.
 */
export class ModelMask {
  private beginning: MaskedBeginning | undefined;

  constructor(private readonly name: string) {}

  get json(): Buffer {
    return Buffer.from(JSON.stringify(this.name));
  }

  hides(model: unknown): boolean {
    return model !== undefined && model !== this.name;
  }

  /** The remembered beginning, where the event `[start, end)` begins so. */
  knownPrefix(bytes: Buffer, start: number, end: number): MaskedBeginning | undefined {
    const { beginning } = this;
    if (beginning === undefined || start + beginning.length > end) return undefined;
    return bytes.compare(beginning.bytes, 0, beginning.length, start, start + beginning.length) === 0 ? beginning : undefined;
  }

  /** Looks for the name in the JSON at `dataAt` of an event that begins at `start`. */
  find(bytes: Buffer, start: number, dataAt: number): FieldSpan | undefined {
    const span = locateValue(bytes, dataAt, ['model']);
    if (span !== undefined && span.end - start <= PREFIX_BYTES_MAX) {
      const parts = [bytes.subarray(start, span.end), bytes.subarray(start, span.start), this.json];
      this.beginning = { bytes: keptBytes(parts), length: span.end - start };
    }
    return span;
  }
}

/** A name that stands behind the content stands elsewhere in the next event. */
const PREFIX_BYTES_MAX = 512;
