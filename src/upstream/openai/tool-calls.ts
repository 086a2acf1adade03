import { locateValue } from '../../json/locate-value.js';
import type { Splice } from '../../json/splice-json.js';
import { asArray, asObject, asText, type JsonObject } from './json-value.js';

/**
 * Mends the tool calls of one choice where they need it: deltas without `index` get one, a whole call that is numbered like another gets its own,
 * arguments that came as an object become the text of it, and `null` that of an empty one. One for each choice of a stream: which call a delta
 * continues depends on those before it.
 */
export class ToolCalls {
  private nextIndex = 0;
  /** By the index that the provider gave: the call that it stands for now. */
  private readonly given = new Map<number, Call>();

  /** `isWhole`: of a message, whose calls have no index. */
  constructor(private readonly isWhole = false) {}

  /** `from`: where the object that holds `tool_calls` (a delta or a message) begins in `bytes`. Looks for a place only where something is to be mended. */
  splices(bytes: Buffer, from: () => number | undefined, holder: JsonObject): Splice[] {
    const splices: Splice[] = [];
    for (const [position, item] of (asArray(holder['tool_calls']) ?? []).entries()) {
      const toolCall = asObject(item);
      if (toolCall === undefined) continue;
      const index = this.isWhole ? undefined : this.index(toolCall);
      const text = mendedArguments(asObject(toolCall['function']));
      if (index === undefined && text === undefined) continue;
      const at = from();
      const span = at === undefined ? undefined : locateValue(bytes, at, ['tool_calls', position]);
      if (span === undefined) continue;
      if (index !== undefined) splices.push(indexSplice(bytes, span.start, toolCall, index));
      const place = text === undefined ? undefined : locateValue(bytes, span.start, ['function', 'arguments']);
      if (place !== undefined && text !== undefined) splices.push({ ...place, text });
    }
    return splices;
  }

  /** What the call's index has to be; undefined: what it is. */
  private index(toolCall: JsonObject): number | undefined {
    const { index: given } = toolCall;
    const id = asText(toolCall['id']);
    if (typeof given !== 'number') {
      // A call begins with its id; what has none goes on with the last.
      if (id !== undefined || this.nextIndex === 0) this.nextIndex += 1;
      return this.nextIndex - 1;
    }
    const known = this.given.get(given);
    const begins = known === undefined || (id !== undefined && known.id !== undefined && id !== known.id);
    if (!begins) return known.index === given ? undefined : known.index;
    const index = known === undefined ? given : this.nextIndex;
    this.nextIndex = Math.max(this.nextIndex, index + 1);
    if (this.given.size < CALLS_MAX) this.given.set(given, { id, index });
    return index === given ? undefined : index;
  }
}

interface Call {
  readonly id: string | undefined;
  readonly index: number;
}

const CALLS_MAX = 1_024;

function indexSplice(bytes: Buffer, start: number, toolCall: JsonObject, index: number): Splice {
  const span = locateValue(bytes, start, ['index']);
  if (span !== undefined) return { ...span, text: String(index) };
  return { start: start + 1, end: start + 1, text: `"index":${index}${Object.keys(toolCall).length > 0 ? ',' : ''}` };
}

/** JSON; undefined: nothing has to be mended. Where a call begins, `null` is all that it is called with: no object begins so. */
function mendedArguments(called: JsonObject | undefined): string | undefined {
  const given = called?.['arguments'];
  if (asObject(given) !== undefined) return JSON.stringify(JSON.stringify(given));
  return given === 'null' && asText(called?.['name']) !== undefined ? '"{}"' : undefined;
}
