import { locateValue } from '../../json/locate-value.js';
import type { Splice } from '../../json/splice-json.js';
import { callMends } from './call-mends.js';
import { callSplices } from './call-splices.js';
import { asArray, asObject, type JsonObject } from './json-value.js';

/** Mends the calls of a whole message. `at`: where it begins in `body`; `seed`: of ids, which no other message has. */
export function messageCallSplices(body: Buffer, at: number, message: JsonObject, seed: string): Splice[] {
  return (asArray(message['tool_calls']) ?? []).flatMap((item, position) => {
    const toolCall = asObject(item);
    const mends = toolCall && callMends(toolCall, `call_${seed}_${position}`, true);
    const start = mends && locateValue(body, at, ['tool_calls', position])?.start;
    return mends === undefined || start === undefined ? [] : callSplices(body, start, mends);
  });
}
