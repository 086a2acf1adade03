const MARK = '__thought__';

/** A call's id with a provider's mark that has to come back with the call: where a wire has no other place for it that clients keep. */
export function signedCallId(id: string, signature: string | undefined): string {
  return signature === undefined ? id : `${id}${MARK}${Buffer.from(signature).toString('base64url')}`;
}

/** Also as LiteLLM writes it, whose users bring their conversations: there the signature stands as it is. */
export function splitCallId(id: string): { readonly id: string; readonly signature: string | undefined } {
  const at = id.indexOf(MARK);
  if (at < 0) return { id, signature: undefined };
  const written = id.slice(at + MARK.length);
  const read = Buffer.from(written, 'base64url').toString();
  return { id: id.slice(0, at), signature: /^[\x20-\x7e]+$/.test(read) ? read : written };
}
