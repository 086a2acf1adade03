import { locateValue } from '../../json/locate-value.js';
import type { Splice } from '../../json/splice-json.js';
import type { JsonObject } from './json-value.js';
import { reasoningApart } from './read-usage.js';

/** For a provider that leaves reasoning out of `completion_tokens`: puts it in. `from`: where the object that holds `usage` begins. */
export function usageSplices(bytes: Buffer, from: number, usage: JsonObject): Splice[] {
  const apart = reasoningApart(usage);
  const span = apart === 0 ? undefined : locateValue(bytes, from, ['usage', 'completion_tokens']);
  return span === undefined ? [] : [{ ...span, text: String(Number(usage['completion_tokens']) + apart) }];
}
