/** Bytes that are kept until they are wanted as one piece. */
export class GatheredBytes {
  private chunks: Buffer[] = [];

  add(chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  /** All of them; nothing is kept any more. A single chunk is not copied. */
  take(): Buffer {
    const { chunks } = this;
    this.chunks = [];
    const [only = EMPTY] = chunks;
    return chunks.length > 1 ? Buffer.concat(chunks) : only;
  }
}

const EMPTY = Buffer.alloc(0);
