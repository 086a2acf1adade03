const BYTES_MAX = 64 * 1024 * 1024;

export type TextOrReason = { readonly text: string } | { readonly reason: string };

/** What a file holds, as text; or why it is none. A mark at its beginning stays. */
export function textOfBytes(bytes: Uint8Array): TextOrReason {
  if (bytes.length > BYTES_MAX) return TOO_LARGE;
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { reason: 'the file is not valid UTF-8' };
  }
}

export function tooLarge(bytes: number): TextOrReason | undefined {
  return bytes > BYTES_MAX ? TOO_LARGE : undefined;
}

const TOO_LARGE = { reason: 'the file is larger than 64 MiB' };
