/**
 * When each bucket will be full again, on the monotonic clock. A full bucket says nothing and is forgotten: every write looks at
 * two others, so the table stays within a small multiple of the buckets in use and no write is ever slow.
 */
export class FullTimes {
  private readonly times = new Map<string, number>();
  private walk = this.times.entries();

  get size(): number {
    return this.times.size;
  }

  get(bucket: string): number | undefined {
    return this.times.get(bucket);
  }

  set(bucket: string, fullAt: number, now: number): void {
    this.times.set(bucket, fullAt);
    this.forgetFull(now);
    this.forgetFull(now);
  }

  delete(bucket: string): void {
    this.times.delete(bucket);
  }

  private forgetFull(now: number): void {
    const next = this.walk.next();
    if (next.done === true) this.walk = this.times.entries();
    else if (next.value[1] <= now) this.times.delete(next.value[0]);
  }
}
