import { locateValue } from '../../json/locate-value.js';
import type { Splice } from '../../json/splice-json.js';
import type { ChunkRepair } from '../openai/chunk-repair.js';
import { asArray, asObject, type JsonObject } from '../openai/json-value.js';
import { choiceMends } from './choice-mends.js';

/**
 * Azure's filter speaks in chunks of its own: the first has no choice, no id and no model, and clients that look at the first choice of every
 * chunk break on it. It stays here, and what it says of the prompt stands in the next chunk, where Azure's users know it from whole answers.
 */
export class AzureChunkRepair implements ChunkRepair {
  /** JSON. */
  private ofPrompt: string | undefined;

  /** `isChat`: choices hold a delta. */
  constructor(private readonly isChat: boolean) {}

  splices(bytes: Buffer, from: number, chunk: JsonObject): readonly Splice[] | undefined {
    const choices = asArray(chunk['choices']);
    if (choices === undefined) return NONE;
    if (choices.length === 0) {
      if (asObject(chunk['usage']) !== undefined) return NONE;
      if (chunk['prompt_filter_results'] !== undefined) this.ofPrompt = JSON.stringify(chunk['prompt_filter_results']);
      return undefined;
    }
    return this.isWhole(choices) ? NONE : this.mends(bytes, from, choices);
  }

  private isWhole(choices: readonly unknown[]): boolean {
    if (this.ofPrompt !== undefined) return false;
    if (!this.isChat) return true;
    for (const item of choices) {
      const choice = asObject(item);
      if (choice !== undefined && (asObject(choice['delta']) === undefined || ODD_ENDS.has(choice['finish_reason']))) return false;
    }
    return true;
  }

  private mends(bytes: Buffer, from: number, choices: readonly unknown[]): Splice[] {
    const splices: Splice[] = [];
    if (this.ofPrompt !== undefined) splices.push({ start: from + 1, end: from + 1, text: `"prompt_filter_results":${this.ofPrompt},` });
    this.ofPrompt = undefined;
    if (!this.isChat) return splices;
    for (const [position, item] of choices.entries()) {
      const choice = asObject(item);
      const at = choice && locateValue(bytes, from, ['choices', position])?.start;
      if (choice !== undefined && at !== undefined) splices.push(...choiceMends(bytes, at, choice, 'delta'));
    }
    return splices;
  }
}

const NONE: readonly Splice[] = [];
const ODD_ENDS = new Set<unknown>(['tool_call', undefined]);
