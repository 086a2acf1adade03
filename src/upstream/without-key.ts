/**
 * A text of a provider without any trace of the key it was called with: the key itself, stretches of it, the ways it is written in a URL, in
 * JSON and in base64, and what providers print of it behind asterisks. Linear in the text; for error texts, not for answers.
 */
export function withoutKey(text: string, key: string | undefined): string {
  if (key === undefined || key === '') return text;
  return withoutStretches(withoutMasked(text, key), key);
}

/** Shown in its place. */
const HIDDEN = '[key]';
/** A stretch this long of the key gives it away; shorter ones are words that a text may have by itself. */
const STRETCH = 8;
/** `sk-abc***`, `bad-key-*****test`, `sk-a...wxyz`: what stands before and after the mask. */
const MASKED = /([A-Za-z0-9_+/=.-]{0,64}?)(\*{2,}|\u2022{2,}|\u2026|\.{3,}|x{6,}|X{6,})([A-Za-z0-9_+/=-]{0,64})/g;

function withoutMasked(text: string, key: string): string {
  return text.replaceAll(MASKED, (all: string, before: string, mask: string, after: string) => {
    const showsStart = before.length > 1 && key.startsWith(before);
    const showsEnd = after.length > 1 && key.endsWith(after);
    return showsStart || showsEnd || (before + after !== '' && mask.includes('*') && /key|^sk/i.test(before + after)) ? HIDDEN : all;
  });
}

function withoutStretches(text: string, key: string): string {
  if (key.length < STRETCH) return text.replaceAll(new RegExp(`(?<![A-Za-z0-9])${escaped(key)}(?![A-Za-z0-9])`, 'g'), HIDDEN);
  const stretches = new Set<string>();
  for (const spelling of [key, encodeURIComponent(key), JSON.stringify(key).slice(1, -1), ...inBase64(key)])
    for (let at = 0; at + STRETCH <= spelling.length; at++) stretches.add(spelling.slice(at, at + STRETCH));
  let result = '';
  let from = 0;
  let hiddenTo = -1;
  for (let at = 0; at + STRETCH <= text.length; at++) {
    if (!stretches.has(text.slice(at, at + STRETCH))) continue;
    if (at > hiddenTo || hiddenTo < 0) result += text.slice(from, at) + HIDDEN;
    from = hiddenTo = at + STRETCH;
  }
  return result + text.slice(from);
}

/** At each of the three places in a longer text that base64 can begin at, without the letters that its neighbours share. */
function inBase64(key: string): string[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.from('\0'.repeat(shift) + key).toString('base64');
    return encoded.slice(shift === 0 ? 0 : shift + 1).replace(/.?=*$/, '');
  });
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
