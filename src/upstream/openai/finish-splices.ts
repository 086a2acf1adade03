import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import type { Splice } from '../../json/splice-json.js';
import type { JsonObject } from './json-value.js';
import { put } from './shaped-fields.js';

/**
 * For a choice that called tools: of a provider by name it ends with `tool_calls`, which agents look for before they call any and LiteLLM tells,
 * though where a call was demanded many say `stop`. A loose shape is mended as a whole (see `shapedFinish`); a server by its address is heard as
 * it speaks. `at`: where the choice begins; asked only where something is to be mended.
 */
export function finishSplices(
  { provider, quirks }: UpstreamSettings,
  bytes: Buffer,
  at: () => number | undefined,
  { finish_reason: said }: JsonObject,
): Splice[] {
  const start = said === 'stop' && provider !== undefined && quirks.looseShape !== true ? at() : undefined;
  return start === undefined ? [] : [put(bytes, start, 'finish_reason', '"tool_calls"')];
}
