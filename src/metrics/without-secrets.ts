/** What a credential looks like in a text: after its scheme, in an address, after its name, or by the prefix that providers give theirs. */
const CREDENTIALS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]+/gi, '$1 [hidden]'],
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"\\]+@/gi, '$1[hidden]@'],
  [/\b(api[_-]?key|access[_-]?token|key|token|secret|password)=[^\s&"\\]+/gi, '$1=[hidden]'],
  [/\b(?:sk-|pk-|hf_|gsk_|xai-)(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{16,}/g, '[hidden]'],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, '[hidden]'],
];

/** The text without what looks like a credential: a last net under code that already logs none. */
export function withoutSecrets(text: string): string {
  let clean = text;
  for (const [pattern, replacement] of CREDENTIALS) clean = clean.replace(pattern, replacement);
  return clean;
}
