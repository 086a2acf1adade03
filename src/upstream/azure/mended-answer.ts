import { locateValue } from '../../json/locate-value.js';
import { type Splice, spliceJson } from '../../json/splice-json.js';
import { asArray, asObject, parsedJson } from '../openai/json-value.js';
import { choiceMends } from './choice-mends.js';

/** A chat completion whose choices all have a message; the very bytes where nothing had to change. Looks for the words that tell before it parses anything. */
export function mendedAnswer(body: Buffer): Buffer {
  if (!body.includes('"content_filter"') && !body.includes('"tool_call"')) return body;
  const from = body[0] === 0xef ? 3 : 0;
  const span = locateValue(body, from, ['choices']);
  const choices = span && asArray(parsedJson(body.toString('utf8', span.start, span.end)));
  const splices: Splice[] = [];
  for (const [position, item] of (choices ?? []).entries()) {
    const choice = asObject(item);
    const at = choice && locateValue(body, from, ['choices', position])?.start;
    if (choice !== undefined && at !== undefined) splices.push(...choiceMends(body, at, choice, 'message'));
  }
  return spliceJson(body, splices);
}
