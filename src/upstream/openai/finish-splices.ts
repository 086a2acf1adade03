import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import type { Splice } from '../../json/splice-json.js';
import type { JsonObject } from './json-value.js';
import { putField } from './put-field.js';

/**
 * For a choice that called tools: of a provider by name it ends with `tool_calls`, which agents look for before they call any, though where a call
 * was demanded many say `stop`. A loose shape is mended as a whole (see `shapedFinish`); OpenAI, Azure and a server by its address are heard as
 * they speak. `at`: where the choice begins; asked only where something is to be mended.
 */
export function finishSplices(
  { provider, quirks }: UpstreamSettings,
  bytes: Buffer,
  at: () => number | undefined,
  { finish_reason: said }: JsonObject,
): Splice[] {
  const isMended = provider !== undefined && !AS_THEY_SPEAK.has(provider) && quirks.looseShape !== true;
  const start = said === 'stop' && isMended ? at() : undefined;
  return start === undefined ? [] : [putField(bytes, start, 'finish_reason', '"tool_calls"')];
}

const AS_THEY_SPEAK = new Set(['openai', 'azure']);
