import { asArray, asObject } from './json-value.js';

/**
 * Log probabilities as completions write them: lists beside each other, one place for each token. `content`: entries as chats write them.
 * `from`: where the first token stands, in characters, the prompt's included.
 */
export function completionLogprobs(content: readonly unknown[], from: number): { readonly logprobs: object; readonly to: number } {
  const tokens: string[] = [];
  const token_logprobs: unknown[] = [];
  const top_logprobs: Record<string, unknown>[] = [];
  const text_offset: number[] = [];
  let to = from;
  for (const item of content) {
    const entry = asObject(item);
    const token = entry?.['token'];
    if (typeof token !== 'string') continue;
    tokens.push(token);
    token_logprobs.push(entry?.['logprob'] ?? null);
    top_logprobs.push(alternatives(entry?.['top_logprobs']));
    text_offset.push(to);
    to += [...token].length;
  }
  const hasTop = top_logprobs.some((top) => Object.keys(top).length > 0);
  return { logprobs: { tokens, token_logprobs, top_logprobs: hasTop ? top_logprobs : null, text_offset }, to };
}

function alternatives(list: unknown): Record<string, unknown> {
  const entries = (asArray(list) ?? []).map(asObject).map((entry): [unknown, unknown] => [entry?.['token'], entry?.['logprob']]);
  return Object.fromEntries(entries.filter((entry): entry is [string, unknown] => typeof entry[0] === 'string'));
}
