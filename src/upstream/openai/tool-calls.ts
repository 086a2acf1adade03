import { locateValue } from '../../json/locate-value.js';
import type { Splice } from '../../json/splice-json.js';
import { asArray, asObject, asText, type JsonObject } from './json-value.js';

/**
 * Mends the tool calls of one choice where they need it: deltas without `index` get one, arguments that came as an object become the text of it,
 * and `null` that of an empty one. One for each choice of a stream: which call a delta continues depends on those before it.
 */
export class ToolCalls {
  private nextIndex = 0;

  /** `isWhole`: of a message, whose calls have no index. */
  constructor(private readonly isWhole = false) {}

  /** `from`: where the object that holds `tool_calls` (a delta or a message) begins in `bytes`. */
  splices(bytes: Buffer, from: number, holder: JsonObject): Splice[] {
    return (asArray(holder['tool_calls']) ?? []).flatMap((item, position) => {
      const toolCall = asObject(item);
      const span = toolCall && locateValue(bytes, from, ['tool_calls', position]);
      if (toolCall === undefined || span === undefined) return [];
      return [...this.index(bytes, span.start, toolCall), ...this.argument(bytes, span.start, toolCall)];
    });
  }

  private index(bytes: Buffer, start: number, toolCall: JsonObject): Splice[] {
    if (this.isWhole) return [];
    const given = toolCall['index'];
    if (typeof given === 'number') {
      this.nextIndex = Math.max(this.nextIndex, given + 1);
      return [];
    }
    // A call begins with its id; what has none goes on with the last.
    const begins = (typeof toolCall['id'] === 'string' && toolCall['id'] !== '') || this.nextIndex === 0;
    if (begins) this.nextIndex += 1;
    const index = this.nextIndex - 1;
    const span = locateValue(bytes, start, ['index']);
    if (span !== undefined) return [{ ...span, text: String(index) }];
    return [{ start: start + 1, end: start + 1, text: `"index":${index}${Object.keys(toolCall).length > 0 ? ',' : ''}` }];
  }

  private argument(bytes: Buffer, start: number, toolCall: JsonObject): Splice[] {
    const text = mended(asObject(toolCall['function']));
    const span = text === undefined ? undefined : locateValue(bytes, start, ['function', 'arguments']);
    return span === undefined || text === undefined ? [] : [{ ...span, text }];
  }
}

/** JSON; undefined: nothing has to be mended. Where a call begins, `null` is all that it is called with: no object begins so. */
function mended(called: JsonObject | undefined): string | undefined {
  const given = called?.['arguments'];
  if (asObject(given) !== undefined) return JSON.stringify(JSON.stringify(given));
  return given === 'null' && asText(called?.['name']) !== undefined ? '"{}"' : undefined;
}
