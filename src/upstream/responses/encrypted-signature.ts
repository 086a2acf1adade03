/**
 * A provider's `encrypted_content` on its way through the signatures of other wires. Marked, so that it is told from a signature that another
 * provider made: a conversation may come here after a fallback, and what this provider did not encrypt it refuses.
 */
export function signatureOf(encrypted: string): string {
  return MARK + encrypted;
}

/** undefined: another provider's. */
export function encryptedOf(signature: string | undefined): string | undefined {
  return signature?.startsWith(MARK) === true ? signature.slice(MARK.length) : undefined;
}

const MARK = 'enc1.';
