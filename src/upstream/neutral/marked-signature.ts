/**
 * Signatures and encrypted thoughts leave this gateway with a word before them that tells whose they are (`gemini.`, `enc1.`), all but
 * Anthropic's, whose clients know them as they are. A conversation may have come from another provider: Anthropic refuses what is not its own.
 */
export function isMarked(signature: string): boolean {
  return MARK.test(signature);
}

/** What Anthropic signs is base64, which has no full stop. */
const MARK = /^[a-z]+\d*\./;
