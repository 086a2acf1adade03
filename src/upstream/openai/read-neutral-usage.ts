import type { NeutralEvent } from '../neutral/neutral-event.js';
import { asObject } from './json-value.js';
import { readUsage } from './read-usage.js';

/** A provider's `usage`, whichever of OpenAI's relatives wrote it. Where its total says that reasoning stands beside the completion, it is put in. */
export function readNeutralUsage(value: unknown): NeutralEvent | undefined {
  const usage = asObject(value);
  const read = usage && readUsage(usage, {});
  if (usage === undefined || read === undefined) return undefined;
  const isApart = read.reasoning > 0 && usage['total_tokens'] === read.input + read.output + read.reasoning;
  const written = asObject(usage['prompt_tokens_details'])?.['cache_write_tokens'] ?? usage['cache_creation_input_tokens'];
  const cacheWritten = typeof written === 'number' && written > 0 ? written : 0;
  return { kind: 'usage', usage: { ...read, output: read.output + (isApart ? read.reasoning : 0), cacheWritten } };
}
