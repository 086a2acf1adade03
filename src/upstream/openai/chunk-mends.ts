import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import { locateValue } from '../../json/locate-value.js';
import type { Splice } from '../../json/splice-json.js';
import { callSeed } from './call-seed.js';
import { choiceIndex } from './choice-index.js';
import { contentSplices } from './content-parts.js';
import { finishSplices } from './finish-splices.js';
import { asObject, type JsonObject } from './json-value.js';
import { putField } from './put-field.js';
import { ToolCalls } from './tool-calls.js';

/**
 * Mends the choices of one stream whoever sends it, where clients would stumble: calls (see `ToolCalls`), content in parts, ends of calls, a choice
 * without a delta.
 */
export class ChunkMends {
  /** By choice. */
  private readonly toolCalls = new Map<number, ToolCalls>();

  /** `owesDelta`: clients look into the delta of every choice, and nobody else puts it in. */
  constructor(
    private readonly call: InferenceCall,
    private readonly target: Target,
    private readonly owesDelta: boolean,
  ) {}

  /** Whether there may be something to mend. `isFilled`: the choice brings something. */
  isNeeded(choice: JsonObject, position: number, isFilled: boolean): boolean {
    const delta = asObject(choice['delta']);
    if (isFilled ? hasCallsOrParts(delta) : this.owesDelta && delta === undefined) return true;
    return choice['finish_reason'] === 'stop' && this.hasCalled(choice, position);
  }

  /** `from`: where the chunk begins in `bytes`. */
  splices(bytes: Buffer, from: number, choices: readonly unknown[]): Splice[] {
    const splices: Splice[] = [];
    for (const [position, item] of choices.entries()) {
      const choice = asObject(item);
      if (choice === undefined) continue;
      const at = (...path: string[]): number | undefined => locateValue(bytes, from, ['choices', position, ...path])?.start;
      const delta = asObject(choice['delta']);
      if (delta === undefined) splices.push(...this.deltaOwed(bytes, at()));
      else {
        const holder = (): number | undefined => at('delta');
        if (delta['tool_calls'] !== undefined) splices.push(...this.of(choiceIndex(choice, position)).splices(bytes, holder, delta));
        const within = Array.isArray(delta['content']) ? holder() : undefined;
        if (within !== undefined) splices.push(...contentSplices(bytes, within, delta));
      }
      if (this.hasCalled(choice, position)) splices.push(...finishSplices(this.target.upstream, bytes, at, choice));
    }
    return splices;
  }

  private hasCalled(choice: JsonObject, position: number): boolean {
    return this.toolCalls.get(choiceIndex(choice, position))?.hasBegun === true;
  }

  private deltaOwed(bytes: Buffer, at: number | undefined): Splice[] {
    return at === undefined || !this.owesDelta ? [] : [putField(bytes, at, 'delta', '{}')];
  }

  private of(index: number): ToolCalls {
    const known = this.toolCalls.get(index);
    if (known !== undefined) return known;
    const toolCalls = new ToolCalls(callSeed(this.call.requestId, index));
    if (this.toolCalls.size < CHOICES_MAX) this.toolCalls.set(index, toolCalls);
    return toolCalls;
  }
}

const CHOICES_MAX = 128;

function hasCallsOrParts(delta: JsonObject | undefined): boolean {
  return delta !== undefined && (delta['tool_calls'] !== undefined || Array.isArray(delta['content']));
}
