/** Gathers what goes on to the client: stretches of what came, and bytes put in between. Copies only where something was changed. */
export class ForwardedBytes {
  private readonly parts: Buffer[] = [];
  private source = NOTHING;
  private from = 0;
  private to = 0;

  /** `[start, end)` of `bytes` goes on as it is. */
  keep(bytes: Buffer, start: number, end: number): void {
    if (bytes === this.source && start === this.to) {
      this.to = end;
      return;
    }
    this.flush();
    this.source = bytes;
    this.from = start;
    this.to = end;
  }

  put(bytes: Buffer): void {
    this.flush();
    this.parts.push(bytes);
  }

  /** All of it, and begins anew; the very buffer that was kept, when all of it was kept and nothing else. */
  take(): Buffer {
    if (this.parts.length > 0) this.flush();
    const { parts, source, from, to } = this;
    const taken = parts.length > 1 ? Buffer.concat(parts) : (parts[0] ?? (from === 0 && to === source.length ? source : source.subarray(from, to)));
    parts.length = 0;
    this.source = NOTHING;
    this.from = this.to = 0;
    return taken;
  }

  private flush(): void {
    if (this.to > this.from) this.parts.push(this.source.subarray(this.from, this.to));
    this.from = this.to = 0;
    this.source = NOTHING;
  }
}

const NOTHING: Buffer = Buffer.alloc(0);
