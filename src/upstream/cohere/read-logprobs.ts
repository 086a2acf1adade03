import type { NeutralEvent } from '../neutral/neutral-event.js';
import { asArray, asObject } from '../openai/json-value.js';

/** Cohere tells them of pieces of text, which may be several tokens: their sum is that of the piece. `value`: one piece or a list of them. */
export function readLogprobs(value: unknown): NeutralEvent | undefined {
  const content = (asArray(value) ?? [value]).flatMap((item) => {
    const piece = asObject(item);
    const token = piece?.['text'];
    const numbers = asArray(piece?.['logprobs']) ?? [];
    if (typeof token !== 'string' || numbers.length === 0 || !numbers.every((number) => typeof number === 'number')) return [];
    const logprob = numbers.reduce((sum, number) => sum + number, 0);
    return [{ token, logprob, bytes: [...Buffer.from(token)], top_logprobs: [] }];
  });
  return content.length === 0 ? undefined : { kind: 'logprobs', choice: 0, content };
}
