const NOTHING: Buffer = Buffer.alloc(0);

/** Gathers what goes on to the client: stretches of what came, and bytes put in between. Copies only where something was changed. */
export class ForwardedBytes {
  /** The first `count` of them; what is behind was taken before, and holds nothing. */
  private readonly sources: Buffer[] = [NOTHING, NOTHING];
  /** For each source, where its stretch begins and ends. */
  private readonly spans: number[] = [0, 0, 0, 0];
  private count = 0;
  private length = 0;

  /** `[start, end)` of `bytes` goes on as it is. */
  keep(bytes: Buffer, start: number, end: number): void {
    if (end <= start) return;
    const { sources, spans, count } = this;
    this.length += end - start;
    if (count > 0 && spans[2 * count - 1] === start && sources[count - 1] === bytes) {
      spans[2 * count - 1] = end;
      return;
    }
    sources[count] = bytes;
    spans[2 * count] = start;
    spans[2 * count + 1] = end;
    this.count = count + 1;
  }

  put(bytes: Buffer): void {
    this.keep(bytes, 0, bytes.length);
  }

  /** All of it, and begins anew; the very buffer that was kept, when all of it was kept and nothing else. */
  take(): Buffer {
    const { sources, spans, count, length } = this;
    if (length === 0) return NOTHING;
    const [first = NOTHING] = sources;
    const taken = count > 1 ? this.joined() : length === first.length ? first : first.subarray(spans[0], spans[1]);
    for (let index = 0; index < count; index++) sources[index] = NOTHING;
    this.count = this.length = 0;
    return taken;
  }

  private joined(): Buffer {
    const { sources, spans, count } = this;
    const joined = Buffer.allocUnsafe(this.length);
    let at = 0;
    for (let index = 0; index < count; index++) at += (sources[index] as Buffer).copy(joined, at, spans[2 * index], spans[2 * index + 1]);
    return joined;
  }
}
