import { locateValue } from '../../json/locate-value.js';
import type { Splice } from '../../json/splice-json.js';
import type { JsonObject } from '../openai/json-value.js';

/**
 * What a choice lacks for OpenAI's clients, who look at its message without asking whether there is one: a filtered answer has none, an
 * annotation in a stream has no delta. And hosted models end with `tool_call`. `at`: where the choice begins in `bytes`.
 */
export function choiceMends(bytes: Buffer, at: number, choice: JsonObject, holder: 'message' | 'delta'): Splice[] {
  const splices: Splice[] = [];
  const held = choice[holder];
  if (held === undefined || held === null) {
    const span = locateValue(bytes, at, [holder]);
    const comma = Object.keys(choice).length > 0 ? ',' : '';
    splices.push(
      span === undefined ? { start: at + 1, end: at + 1, text: `"${holder}":${EMPTY[holder]}${comma}` } : { ...span, text: EMPTY[holder] },
    );
  }
  // Hosted models do not write down that there is no end yet.
  if (holder === 'delta' && choice['finish_reason'] === undefined && Object.keys(choice).length > 0)
    splices.push({ start: at + 1, end: at + 1, text: '"finish_reason":null,' });
  const finish = choice['finish_reason'] === 'tool_call' ? locateValue(bytes, at, ['finish_reason']) : undefined;
  if (finish !== undefined) splices.push({ ...finish, text: '"tool_calls"' });
  return splices;
}

const EMPTY = { message: '{"role":"assistant","content":null,"refusal":null}', delta: '{}' } as const;
