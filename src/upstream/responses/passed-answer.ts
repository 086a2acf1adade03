import type { Target } from '../../contracts/target.js';
import { fieldValue } from '../../json/read-field.js';
import { scanObject } from '../../json/scan-object.js';
import { spliceJson } from '../../json/splice-json.js';
import { tokenUsage } from '../neutral/token-usage.js';
import { embeddedError } from '../openai/provider-error.js';
import type { Answer } from '../upstream-adapter.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { readResponseUsage } from './read-response-usage.js';
import { responseFailure } from './response-failure.js';

/** A whole response as it came, but for the model's name. One that failed is none. */
export function passedAnswer(target: Target, body: Buffer): Answer | UpstreamFailure {
  const scan = scanObject(body, Infinity);
  if ('fault' in scan) return new UpstreamFailure('invalid', 'The upstream answered with a body that is no JSON object.');
  const error = { object: fieldValue(body, scan, 'object'), error: fieldValue(body, scan, 'error') };
  if (embeddedError(error) !== undefined) return responseFailure(error, target.upstream);
  const output = scan.fields.get('output');
  if (output === undefined || body[output.start] !== OPEN_BRACKET)
    return new UpstreamFailure('invalid', 'The upstream answered without the "output" that a response has.');
  const model = scan.fields.get('model');
  const isMasked = model !== undefined && fieldValue(body, scan, 'model') !== target.answersAs;
  const usage = readResponseUsage(fieldValue(body, scan, 'usage'));
  return {
    body: spliceJson(body, isMasked ? [{ ...model, text: JSON.stringify(target.answersAs) }] : []),
    usage: usage === undefined ? undefined : tokenUsage(usage),
  };
}

const OPEN_BRACKET = 0x5b;
