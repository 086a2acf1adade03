/** Which part of an answer Gemini signed. */
export type SignedPart = 'thought' | 'text';

/**
 * Gemini refuses signatures that are not its own, and a client may have thoughts of several providers in one conversation: so a signature
 * leaves this gateway with a mark, and only a marked one is sent back, at the kind of part it came with.
 */
export function markedSignature(part: SignedPart, signature: string): string {
  return `${MARK}${part}.${signature}`;
}

/** undefined: it is none of Gemini's. */
export function ownSignature(marked: string | undefined): { readonly part: SignedPart; readonly signature: string } | undefined {
  if (marked === undefined || !marked.startsWith(MARK)) return undefined;
  const rest = marked.slice(MARK.length);
  if (rest.startsWith('thought.')) return { part: 'thought', signature: rest.slice('thought.'.length) };
  return rest.startsWith('text.') ? { part: 'text', signature: rest.slice('text.'.length) } : undefined;
}

const MARK = 'gemini.';
