import type { InferenceCall } from '../../contracts/inference-call.js';
import { fieldValue } from '../../json/read-field.js';
import { asArray } from './json-value.js';

/** Which choices of a stream have been seen, and which have come to their end. */
export class ChoiceProgress {
  /** Whether each has ended. */
  private readonly seen = new Map<number, boolean>();
  private finished = 0;
  private expected: number | undefined;

  constructor(private readonly call: InferenceCall) {}

  see(index: number, isFinished: boolean): void {
    const before = this.seen.get(index);
    if (before === true || before === isFinished) return;
    this.seen.set(index, isFinished);
    if (isFinished) this.finished += 1;
  }

  get anySeen(): boolean {
    return this.seen.size > 0;
  }

  /** Every choice that was seen has ended: enough at the end of a stream. */
  get seenAreFinished(): boolean {
    return this.finished > 0 && this.finished === this.seen.size;
  }

  /** And none is still to come: a provider may send one choice after the other. */
  get allAreFinished(): boolean {
    return this.seenAreFinished && this.finished >= (this.expected ??= expectedChoices(this.call));
  }
}

/** `n`, for each prompt. */
function expectedChoices(call: InferenceCall): number {
  const n = fieldValue(call.body, call, 'n');
  const perPrompt = typeof n === 'number' && n > 1 ? n : 1;
  if (call.endpoint !== 'completions') return perPrompt;
  const prompts = asArray(fieldValue(call.body, call, 'prompt'));
  // A list of numbers is one prompt, in tokens.
  return prompts === undefined || typeof prompts[0] === 'number' ? perPrompt : perPrompt * prompts.length;
}
