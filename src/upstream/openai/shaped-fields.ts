import { locateValue } from '../../json/locate-value.js';
import type { Splice } from '../../json/splice-json.js';
import { asArray, asObject, asText, type JsonObject } from './json-value.js';

/** What a chunk or an answer says of itself, where a provider leaves it out. */
export interface Envelope {
  readonly id: string;
  readonly object: 'chat.completion' | 'chat.completion.chunk' | 'text_completion';
  readonly createdAt: number;
  /** As the client knows it. */
  readonly model: string;
}

/** Puts in what OpenAI's clients insist on and some providers leave out or call otherwise: id, object, time, counts that are numbers. `from`: where the object's JSON begins. */
export function envelopeSplices(bytes: Buffer, from: number, said: JsonObject, envelope: Envelope): Splice[] {
  const splices: Splice[] = [];
  if (asText(said['id']) === undefined) splices.push(put(bytes, from, 'id', JSON.stringify(envelope.id)));
  if (said['object'] !== envelope.object) splices.push(put(bytes, from, 'object', JSON.stringify(envelope.object)));
  if (!isCount(said['created'])) splices.push(put(bytes, from, 'created', String(envelope.createdAt)));
  if (asText(said['model']) === undefined) splices.push(put(bytes, from, 'model', JSON.stringify(envelope.model)));
  const usage = asObject(said['usage']);
  if (usage !== undefined) splices.push(...usageSplices(bytes, from, usage));
  return splices;
}

/** A field of a choice, or of what is in it; to an object without any, no more than one is added. `at`: where the object begins that has it. */
export function put(bytes: Buffer, at: number, name: string, json: string): Splice {
  const span = locateValue(bytes, at, [name]);
  if (span !== undefined) return { ...span, text: json };
  const open = bytes.indexOf(OPEN, at) + 1;
  return { start: open, end: open, text: `${JSON.stringify(name)}:${json}${isEmptyAt(bytes, open) ? '' : ','}` };
}

const OPEN = 0x7b;
const CLOSE = 0x7d;
const SPACE = 0x20;

function isEmptyAt(bytes: Buffer, open: number): boolean {
  let at = open;
  while ((bytes[at] ?? CLOSE) <= SPACE) at += 1;
  return bytes[at] === CLOSE;
}

/** OpenAI's word for how a choice ended; undefined: it is one already, or nobody's. `isWhole`: nothing follows, so that silence is an end too. */
export function shapedFinish(said: unknown, hasCalls: boolean, isWhole: boolean): string | undefined {
  if (said === undefined || said === null) return isWhole ? ended(hasCalls) : undefined;
  if (typeof said !== 'string') return undefined;
  // Some say an empty word with every piece, and some at the end.
  if (said === '') return isWhole ? ended(hasCalls) : 'null';
  if (said === 'stop') return hasCalls ? 'tool_calls' : undefined;
  return WORDS.get(said) ?? (STOPS.has(said) ? ended(hasCalls) : undefined);
}

export function ended(hasCalls: boolean): string {
  return hasCalls ? 'tool_calls' : 'stop';
}

export function hasNamedCalls(holder: JsonObject | undefined): boolean {
  return (asArray(holder?.['tool_calls']) ?? []).some((call) => asObject(call) !== undefined && !isEmptyCall(call));
}

/** A call that calls nothing: some write out every field that they know. */
export function isEmptyCall(call: unknown): boolean {
  const { function: called, custom, id } = asObject(call) ?? {};
  return [called, custom].every((one) => asText(asObject(one)?.['name']) === undefined) && asText(id) === undefined;
}

const STOPS = new Set(['eos', 'eos_token', 'stop_sequence', 'end_turn', 'COMPLETE']);
const WORDS = new Map([
  ['tool_call', 'tool_calls'],
  ['tool_use', 'tool_calls'],
  ['max_tokens', 'length'],
  ['model_length', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['safety', 'content_filter'],
  ['sensitive', 'content_filter'],
  ['refusal', 'content_filter'],
]);

function usageSplices(bytes: Buffer, from: number, usage: JsonObject): Splice[] {
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = usage;
  // Before the end nothing is counted yet.
  if (!isCount(prompt) || !isCount(completion)) return [put(bytes, from, 'usage', 'null')];
  const cached = cachedAtTop(usage);
  if (isCount(total) && cached === undefined) return [];
  const at = locateValue(bytes, from, ['usage'])?.start;
  if (at === undefined) return [];
  const splices = isCount(total) ? [] : [put(bytes, at, 'total_tokens', String(prompt + completion))];
  if (cached !== undefined) splices.push(put(bytes, at, 'prompt_tokens_details', JSON.stringify({ cached_tokens: cached })));
  return splices;
}

/** Of the cache, where it is told beside the other counts alone. */
function cachedAtTop({ cached_tokens: cached, prompt_tokens_details: details }: JsonObject): number | undefined {
  return isCount(cached) && asObject(details) === undefined ? cached : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}
