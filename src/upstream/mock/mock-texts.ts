import { MockRefusal } from './mock-refusal.js';
import type { JsonObject } from './mock-request.js';
import { promptTokens } from './mock-text.js';

/** What `prompt` or `input` came to. Tokens given as numbers are told as their text would be. */
export interface MockTexts {
  readonly texts: readonly string[];
  readonly promptTokens: number;
}

const KINDS = 'a string, an array of strings, an array of integers, or an array of arrays of integers';

export function readTexts(body: JsonObject, param: 'prompt' | 'input'): MockTexts {
  const value = body[param];
  if (value === undefined || value === null) throw MockRefusal.missing(param);
  if (value === '' || (Array.isArray(value) && value.length === 0)) throw MockRefusal.wrongValue(param, 'something that is not empty');
  if (typeof value === 'string') return { texts: [value], promptTokens: promptTokens(Buffer.byteLength(value)) };
  if (!Array.isArray(value)) throw MockRefusal.wrongKind(param, KINDS, value);
  const list: readonly unknown[] = value;
  if (isTokens(list)) return { texts: [list.join(' ')], promptTokens: list.length };
  const read = list.map((one) => readText(one, param));
  return { texts: read.map(({ text }) => text), promptTokens: read.reduce((sum, { tokens }) => sum + tokens, 0) };
}

function readText(one: unknown, param: string): { readonly text: string; readonly tokens: number } {
  if (typeof one === 'string' && one !== '') return { text: one, tokens: promptTokens(Buffer.byteLength(one)) };
  const list: readonly unknown[] = Array.isArray(one) ? one : [];
  if (list.length === 0 || !isTokens(list)) throw MockRefusal.wrongKind(param, KINDS, one);
  return { text: list.join(' '), tokens: list.length };
}

function isTokens(list: readonly unknown[]): list is readonly number[] {
  return list.every(Number.isInteger);
}
