/** The bytes of a buffer four at a time, where it can be seen so: `words[(offset + i) >> 2]` holds byte `i`. */
export interface Words {
  readonly words: Int32Array;
  /** Bytes between the first word and the buffer's first byte, 0 to 3. */
  readonly offset: number;
}

/** undefined for a short buffer, where looking byte by byte is as fast. Words reach over the edges; they are read only between. */
export function wordsOf(bytes: Buffer): Words | undefined {
  if (bytes.length < BYTES_MIN) return undefined;
  const offset = bytes.byteOffset & 3;
  return { words: new Int32Array(bytes.buffer, bytes.byteOffset - offset, (offset + bytes.length) >> 2), offset };
}

const BYTES_MIN = 256;
