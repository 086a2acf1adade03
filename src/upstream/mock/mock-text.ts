/**
 * How the mock counts. Of a prompt: one token for every four bytes of UTF-8, begun ones included. Of an answer: one token for
 * every word with the white space before it, which is also what a stream brings at a time.
 */
export function promptTokens(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

export function tokensOf(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

/** What the mock says about a text: the same for the same text. */
export function echoOf(text: string): string {
  const words = text.match(/\S+/g) ?? [];
  const shown = words.slice(0, WORDS_SHOWN_MAX).join(' ');
  const more = words.length > WORDS_SHOWN_MAX ? ' …' : '';
  const said = words.length === 0 ? 'You said nothing.' : `You said "${shown}${more}" (${words.length} ${words.length === 1 ? 'word' : 'words'}).`;
  return `${said} This is the mock upstream: it answers without a model, and always the same to the same request.`;
}

/** Ends a text at the first stop string and after so many tokens. */
export function cutText(text: string, stops: readonly string[], tokensMax: number): { readonly tokens: string[]; readonly isCut: boolean } {
  let end = text.length;
  for (const stop of stops) {
    const at = stop === '' ? -1 : text.indexOf(stop);
    if (at >= 0 && at < end) end = at;
  }
  const tokens = tokensOf(text.slice(0, end));
  return tokens.length <= tokensMax ? { tokens, isCut: false } : { tokens: tokens.slice(0, tokensMax), isCut: true };
}

const BYTES_PER_TOKEN = 4;
const WORDS_SHOWN_MAX = 12;
