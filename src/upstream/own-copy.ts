/** A copy of `[start, end)` that lasts as long as a stream, in memory of its own: in Node's pool it would keep all of a page that others have left. */
export function ownCopy(bytes: Buffer, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(end - start);
  bytes.copy(copy, 0, start, end);
  return copy;
}
