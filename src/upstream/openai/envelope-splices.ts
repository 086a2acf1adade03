import { locateValue } from '../../json/locate-value.js';
import type { Splice } from '../../json/splice-json.js';
import { asObject, asText, type JsonObject } from './json-value.js';
import { putField } from './put-field.js';

/** What a chunk or an answer says of itself, where a provider leaves it out. */
export interface Envelope {
  readonly id: string;
  readonly object: 'chat.completion' | 'chat.completion.chunk' | 'text_completion';
  readonly createdAt: number;
  /** As the client knows it. */
  readonly model: string;
}

/**
 * Puts in what OpenAI's clients insist on and some providers leave out or call otherwise: id, object, time, model, counts that are numbers. Another
 * name of the model is replaced elsewhere (see `ModelMask`). `from`: where the object's JSON begins.
 */
export function envelopeSplices(bytes: Buffer, from: number, said: JsonObject, envelope: Envelope): Splice[] {
  const splices: Splice[] = [];
  if (asText(said['id']) === undefined) splices.push(putField(bytes, from, 'id', JSON.stringify(envelope.id)));
  if (said['object'] !== envelope.object) splices.push(putField(bytes, from, 'object', JSON.stringify(envelope.object)));
  if (!isCount(said['created'])) splices.push(putField(bytes, from, 'created', String(envelope.createdAt)));
  if (said['model'] === undefined) splices.push(putField(bytes, from, 'model', JSON.stringify(envelope.model)));
  const usage = asObject(said['usage']);
  if (usage !== undefined) splices.push(...usageSplices(bytes, from, usage));
  return splices;
}

function usageSplices(bytes: Buffer, from: number, usage: JsonObject): Splice[] {
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = usage;
  // Before the end nothing is counted yet.
  if (!isCount(prompt) || !isCount(completion)) return [putField(bytes, from, 'usage', 'null')];
  const cached = cachedAtTop(usage);
  if (isCount(total) && cached === undefined) return [];
  const at = locateValue(bytes, from, ['usage'])?.start;
  if (at === undefined) return [];
  const splices = isCount(total) ? [] : [putField(bytes, at, 'total_tokens', String(prompt + completion))];
  if (cached !== undefined) splices.push(putField(bytes, at, 'prompt_tokens_details', JSON.stringify({ cached_tokens: cached })));
  return splices;
}

/** Of the cache, where it is told beside the other counts alone. */
function cachedAtTop({ cached_tokens: cached, prompt_tokens_details: details }: JsonObject): number | undefined {
  return isCount(cached) && asObject(details) === undefined ? cached : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}
