/** An id as Anthropic's clients know them, made of any. */
export function messageId(id: string): string {
  return id.startsWith('msg_') ? id : `msg_${id}`;
}
