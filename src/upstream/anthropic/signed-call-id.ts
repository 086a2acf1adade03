const MARK = '__thought__';

/** A call's id with a provider's mark that has to come back with the call: this wire has no other place for it that clients keep. */
export function signedCallId(id: string, signature: string | undefined): string {
  return signature === undefined ? id : `${id}${MARK}${Buffer.from(signature).toString('base64url')}`;
}

export function splitCallId(id: string): { readonly id: string; readonly signature: string | undefined } {
  const at = id.indexOf(MARK);
  return at < 0 ? { id, signature: undefined } : { id: id.slice(0, at), signature: Buffer.from(id.slice(at + MARK.length), 'base64url').toString() };
}
