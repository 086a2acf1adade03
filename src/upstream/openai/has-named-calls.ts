import { isEmptyCall } from './is-empty-call.js';
import { asArray, asObject, type JsonObject } from './json-value.js';

/** Whether a message or a delta calls something. */
export function hasNamedCalls(holder: JsonObject | undefined): boolean {
  return (asArray(holder?.['tool_calls']) ?? []).some((call) => asObject(call) !== undefined && !isEmptyCall(call));
}
