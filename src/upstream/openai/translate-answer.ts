import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import { locateValue } from '../../json/locate-value.js';
import { fieldValue } from '../../json/read-field.js';
import { type ObjectScan, scanObject } from '../../json/scan-object.js';
import { type Splice, spliceJson } from '../../json/splice-json.js';
import type { Answer } from '../upstream-adapter.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { callSeed } from './call-seed.js';
import { contentSplices } from './content-parts.js';
import { isFailedFinish } from './failed-finish.js';
import { finishSplices } from './finish-splices.js';
import { base64Splices } from './float-embeddings.js';
import { hasNamedCalls } from './has-named-calls.js';
import { holdsCalls } from './holds-calls.js';
import { asArray, asObject, type JsonObject } from './json-value.js';
import { messageCallSplices } from './message-call-splices.js';
import { embeddedError } from './provider-error.js';
import { readUsage } from './read-usage.js';
import { impliedStatus, refusalFailure } from './refusal.js';
import { usageSplices } from './usage-splices.js';

/** Judges a complete 2xx, and hands its bytes on but for the model's name and what the provider's row says must be mended. */
export function translateAnswer(call: InferenceCall, target: Target, body: Buffer): Answer | UpstreamFailure {
  const scan = scanObject(body, Infinity);
  if ('fault' in scan) return new UpstreamFailure('invalid', 'The upstream answered with a body that is no JSON object.');
  const error = errorIn(body, scan);
  if (error !== undefined) return refusalFailure(target.upstream, { status: impliedStatus(error), error, body, retryAfterMs: undefined });
  const list = call.endpoint === 'embeddings' ? 'data' : 'choices';
  const listAt = scan.fields.get(list)?.start;
  if (listAt === undefined || body[listAt] !== OPEN_BRACKET)
    return new UpstreamFailure('invalid', `The upstream answered without the "${list}" that an answer has.`);
  if (call.endpoint !== 'embeddings' && gaveUp(body, scan))
    return new UpstreamFailure('server_error', 'The upstream gave up in the middle of its answer.');
  const usage = asObject(fieldValue(body, scan, 'usage'));
  const splices = [...modelSplices(target, body, scan), ...quirkSplices(call, target, body, scan, usage)];
  if (call.endpoint === 'embeddings' && fieldValue(call.body, call, 'encoding_format') === 'base64') splices.push(...base64Splices(body, listAt));
  return { body: spliceJson(body, splices), usage: readUsage(usage, target.upstream.quirks) };
}

const OPEN_BRACKET = 0x5b;

function errorIn(body: Buffer, scan: ObjectScan): ReturnType<typeof embeddedError> {
  const { fields } = scan;
  if (!fields.has('error') && fieldValue(body, scan, 'object') !== 'error') return undefined;
  const outline: Record<string, unknown> = {};
  for (const name of ERROR_FIELDS) outline[name] = fieldValue(body, scan, name);
  return embeddedError(outline);
}

const ERROR_FIELDS = ['object', 'error', 'message', 'type', 'param', 'code', 'status', 'error_type', 'raw_status_code'] as const;

const GIVEN_UP = ['"error"', '"insufficient_system_resource"', '"network_error"'];

/** Asks for the words before it parses anything: a good answer has neither. */
function gaveUp(body: Buffer, scan: ObjectScan): boolean {
  if (!GIVEN_UP.some((word) => body.includes(word))) return false;
  return (asArray(fieldValue(body, scan, 'choices')) ?? []).some((choice) => isFailedFinish(asObject(choice)?.['finish_reason']));
}

function modelSplices(target: Target, body: Buffer, scan: ObjectScan): Splice[] {
  const span = scan.fields.get('model');
  if (span === undefined || fieldValue(body, scan, 'model') === target.answersAs) return [];
  return [{ ...span, text: JSON.stringify(target.answersAs) }];
}

function quirkSplices(call: InferenceCall, { upstream }: Target, body: Buffer, scan: ObjectScan, usage: JsonObject | undefined): Splice[] {
  const { quirks } = upstream;
  const from = body[0] === 0xef ? 3 : 0;
  const splices = quirks.reasoningApart === true && usage !== undefined ? usageSplices(body, from, usage) : [];
  const hasCalls = holdsCalls(body);
  if (!hasCalls && quirks.contentParts !== true) return splices;
  for (const [position, choice] of (asArray(fieldValue(body, scan, 'choices')) ?? []).entries()) {
    const message = asObject(asObject(choice)?.['message']);
    const at = message && locateValue(body, from, ['choices', position, 'message'])?.start;
    if (message === undefined || at === undefined) continue;
    if (hasCalls) splices.push(...messageCallSplices(body, at, message, callSeed(call.requestId, position)));
    if (hasNamedCalls(message))
      splices.push(...finishSplices(upstream, body, () => locateValue(body, from, ['choices', position])?.start, asObject(choice) ?? {}));
    if (quirks.contentParts === true) splices.push(...contentSplices(body, at, message));
  }
  return splices;
}
