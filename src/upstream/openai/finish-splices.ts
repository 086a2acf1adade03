import type { Splice } from '../../json/splice-json.js';
import type { JsonObject } from './json-value.js';
import { put } from './shaped-fields.js';

/** For a choice that called tools: agents look for `tool_calls` before they call any, and where a call was demanded many say `stop`. `at`: where the choice begins. */
export function finishSplices(bytes: Buffer, at: number | undefined, { finish_reason: said }: JsonObject): Splice[] {
  return at === undefined || said !== 'stop' ? [] : [put(bytes, at, 'finish_reason', '"tool_calls"')];
}
