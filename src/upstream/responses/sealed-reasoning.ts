import { asText, parsedJson } from '../openai/json-value.js';

/**
 * What another provider needs back with the next request, as `encrypted_content`: the one place that clients of this wire hand back untouched.
 * `signature`: of the reasoning beside it · `redacted`: reasoning that is itself unreadable · `call`: a mark that belongs to a tool call.
 */
export type Sealed =
  | { readonly kind: 'signature'; readonly value: string }
  | { readonly kind: 'redacted'; readonly value: string }
  | { readonly kind: 'call'; readonly value: string; readonly callId: string };

export function sealed(content: Sealed): string {
  const { kind, value } = content;
  return MARK + Buffer.from(JSON.stringify(kind === 'call' ? [kind, value, content.callId] : [kind, value])).toString('base64url');
}

/** undefined for what this gateway did not seal: it belongs to a provider that speaks this wire, and nobody else can read it. */
export function unsealed(text: string): Sealed | undefined {
  if (!text.startsWith(MARK)) return undefined;
  const parts = parsedJson(Buffer.from(text.slice(MARK.length), 'base64url').toString('utf8'));
  const [kind, value, callId] = (Array.isArray(parts) ? parts : []).map(asText);
  if (value === undefined) return undefined;
  if (kind === 'signature' || kind === 'redacted') return { kind, value };
  return kind === 'call' && callId !== undefined ? { kind, value, callId } : undefined;
}

const MARK = 'nx1.';
