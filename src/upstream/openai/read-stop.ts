import type { RequestValue } from '../neutral/request-value.js';

/** `stop`: a text or a list of them. */
export function readStop(value: RequestValue): readonly string[] {
  if (value.isAbsent) return [];
  if (value.isText) return [value.text()];
  const texts = value.list();
  return texts.length > STOPS_MAX ? value.refuse(`at most ${STOPS_MAX} texts are taken.`) : texts.map((text) => text.text());
}

const STOPS_MAX = 256;
