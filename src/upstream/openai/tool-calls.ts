import { locateValue } from '../../json/locate-value.js';
import type { Splice } from '../../json/splice-json.js';
import { callMends } from './call-mends.js';
import { callSplices } from './call-splices.js';
import { isEmptyCall } from './is-empty-call.js';
import { asArray, asObject, asText, type JsonObject } from './json-value.js';

/**
 * Mends the tool calls of one choice of a stream where they need it: deltas without `index` get one, a whole call that is numbered like another
 * gets its own, and each what `callMends` says. Which call a delta continues depends on those before it.
 */
export class ToolCalls {
  /** Something was called: some write out calls of nothing. */
  hasBegun = false;
  private nextIndex = 0;
  /** By the index that the provider gave: the call that it stands for now. */
  private readonly given = new Map<number, Call>();

  /** `seed`: of ids, which no other choice has. */
  constructor(private readonly seed: string) {}

  /** `from`: where the delta begins in `bytes`; asked only where something is to be mended. */
  splices(bytes: Buffer, from: () => number | undefined, delta: JsonObject): Splice[] {
    const splices: Splice[] = [];
    for (const [position, item] of (asArray(delta['tool_calls']) ?? []).entries()) {
      const toolCall = asObject(item);
      if (toolCall === undefined) continue;
      this.hasBegun ||= !isEmptyCall(toolCall);
      const begunBefore = this.nextIndex;
      const { index, begins } = this.place(toolCall);
      const mends = callMends(toolCall, begins ? `call_${this.seed}_${begunBefore}` : undefined, false);
      const moved = index === toolCall['index'] ? undefined : index;
      if (moved === undefined && mends === undefined) continue;
      const at = from();
      const start = at === undefined ? undefined : locateValue(bytes, at, ['tool_calls', position])?.start;
      if (start !== undefined) splices.push(...callSplices(bytes, start, { ...mends, index: moved }));
    }
    return splices;
  }

  /** Which call this is a piece of, by the index that it has to have, and whether it is the first piece. */
  private place(toolCall: JsonObject): { readonly index: number; readonly begins: boolean } {
    const { index: given } = toolCall;
    const id = asText(toolCall['id']);
    if (typeof given !== 'number') {
      // A call begins with its id, or with its name where it has none; what has neither goes on with the last.
      const begins = this.nextIndex === 0 || id !== undefined || asText(asObject(toolCall['function'])?.['name']) !== undefined;
      if (begins) this.nextIndex += 1;
      return { index: this.nextIndex - 1, begins };
    }
    const known = this.given.get(given);
    const begins = known === undefined || (id !== undefined && known.id !== undefined && id !== known.id);
    if (!begins) return { index: known.index, begins };
    const index = known === undefined ? given : this.nextIndex;
    this.nextIndex = Math.max(this.nextIndex, index + 1);
    if (this.given.size < CALLS_MAX) this.given.set(given, { id, index });
    return { index, begins };
  }
}

interface Call {
  readonly id: string | undefined;
  readonly index: number;
}

const CALLS_MAX = 1_024;
