/** An id as OpenAI's clients know those of completions, made of any. */
export function completionId(id: string): string {
  return id.startsWith('cmpl-') ? id : `cmpl-${id.replace(/^chatcmpl-/, '')}`;
}
