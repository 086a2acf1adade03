/** A provider's text as far as it may be shown: no page, no stack, no control characters, no end of it. undefined: none of it. */
export function safeWords(text: string | undefined): string | undefined {
  if (text === undefined || /<(!doctype|\/?(html|head|body|title|center|h[1-6]|p|pre|div|script)\b)/i.test(text)) return undefined;
  if (/Traceback \(most recent call last\)|\n\s+at \S+ ?\(?\S*:\d+|File "[^"]+", line \d+/.test(text)) return undefined;
  const words = text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, ' ').trim();
  if (words === '') return undefined;
  return words.length > LENGTH_MAX ? `${words.slice(0, LENGTH_MAX)}…` : words;
}

/** What came without any shape: a line that somebody wrote for people, and nothing longer. */
export function safeLine(text: string): string | undefined {
  const line = text.trim();
  return line.length <= LINE_LENGTH_MAX && /^[^\n\r<>{}]*\p{L}[^\n\r<>{}]*$/u.test(line) ? safeWords(line) : undefined;
}

const LENGTH_MAX = 4_000;
const LINE_LENGTH_MAX = 200;
