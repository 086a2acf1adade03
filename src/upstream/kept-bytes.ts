/**
 * The parts, one behind the other, for as long as a stream lasts: in memory of their own, for in Node's pool they would keep the whole of a page
 * that others have left, and in one piece, for a stream may be one of thousands.
 */
export function keptBytes(parts: readonly Buffer[]): Buffer {
  const kept = Buffer.allocUnsafeSlow(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) at += part.copy(kept, at);
  return kept;
}
