const LINE_BYTES_MAX = 16_000;
const MESSAGE_LENGTH_MAX = 2000;

/** The line, or if it is too long for readers of lines its essence, as a whole object again. */
export function withinBounds(line: string): string {
  if (Buffer.byteLength(line) <= LINE_BYTES_MAX) return line;
  const { time, level, msg } = JSON.parse(line) as { time: unknown; level: unknown; msg: unknown };
  return `${JSON.stringify({ time, level, msg: String(msg).slice(0, MESSAGE_LENGTH_MAX).toWellFormed(), truncated: true })}\n`;
}
