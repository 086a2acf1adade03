import { locateValue } from '../../json/locate-value.js';
import { fieldValue } from '../../json/read-field.js';
import { scanObject } from '../../json/scan-object.js';
import { type Splice, spliceJson } from '../../json/splice-json.js';
import { asObject } from './json-value.js';
import { putField } from './put-field.js';

/** Embeddings of a provider whose answers lack what OpenAI's clients insist on (see `looseShape`): what it is, of which model, how many tokens. */
export function shapedEmbeddings(body: Buffer, model: string): Buffer {
  const from = body[0] === 0xef ? 3 : 0;
  const scan = scanObject(body, Infinity);
  if ('fault' in scan) return body;
  const splices: Splice[] = [];
  if (fieldValue(body, scan, 'object') !== 'list') splices.push(putField(body, from, 'object', '"list"'));
  if (!scan.fields.has('model')) splices.push(putField(body, from, 'model', JSON.stringify(model)));
  const { prompt_tokens: prompt, total_tokens: total } = asObject(fieldValue(body, scan, 'usage')) ?? {};
  const at = prompt === undefined && Number.isInteger(total) ? locateValue(body, from, ['usage'])?.start : undefined;
  if (at !== undefined) splices.push(putField(body, at, 'prompt_tokens', String(total)));
  return spliceJson(body, splices);
}
