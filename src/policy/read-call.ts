import type { IncomingHttpHeaders } from 'node:http';
import { modelNotFound } from '../config/model-names.js';
import type { InferenceEndpoint } from '../contracts/endpoint.js';
import { GatewayError } from '../contracts/gateway-error.js';
import type { InferenceCall } from '../contracts/inference-call.js';
import type { Principal } from '../contracts/principal.js';
import { locateValue } from '../json/locate-value.js';
import { fieldValue } from '../json/read-field.js';
import { type FieldSpan, type ObjectScan, type ScanFault, scanObject } from '../json/scan-object.js';
import { crossingHeaders } from './crossing-headers.js';
import { endUserOf } from './end-user.js';
import { CAN_STREAM } from './inference-endpoints.js';

/** What is known of a request before its body is read. */
export interface Caller {
  readonly endpoint: InferenceEndpoint;
  readonly requestId: string;
  readonly principal: Principal;
}

/**
 * A request's bytes become a call: only what the gateway itself must understand is looked at, and nothing else of the body is ever built.
 * Throws a 400 that names what is wrong and never repeats it.
 */
export function readCall(body: Buffer, headers: IncomingHttpHeaders, { endpoint, requestId, principal }: Caller): InferenceCall {
  const scan = scanObject(body, DEPTH_MAX);
  if ('fault' in scan) throw notAnObject(scan, body.length);
  for (const name of UNDERSTOOD)
    if (scan.duplicates.has(name)) throw invalid(name, `The field ${name} stands in the body twice or more; send it once.`);
  return {
    endpoint,
    requestId,
    principal,
    model: readModel(body, scan),
    stream: readStream(body, scan) && CAN_STREAM[endpoint],
    wantsUsage: readWantsUsage(body, scan),
    endUser: endUserOf(body, scan.fields, headers),
    body,
    fields: scan.fields,
    headers: crossingHeaders(headers, requestId, endpoint),
  };
}

const DEPTH_MAX = 128;
const UNDERSTOOD = ['model', 'stream', 'stream_options'] as const;
/** No configured name is as long as this, and none may be passed on to the default upstream, however it is escaped. */
const MODEL_BYTES_MAX = 4_096;

const QUOTE = 0x22;
const LOWER_F = 0x66;
const LOWER_N = 0x6e;
const LOWER_T = 0x74;
const OPEN_BRACE = 0x7b;

function readModel(body: Buffer, scan: ObjectScan): string {
  const span = scan.fields.get('model');
  if (span === undefined)
    throw new GatewayError('missing_required_parameter', 'The field model is missing: name the model to use.', { param: 'model' });
  if (body[span.start] !== QUOTE || span.end - span.start === 2) throw invalid('model', 'The field model must be a text that is not empty.');
  if (span.end - span.start > MODEL_BYTES_MAX) throw modelNotFound();
  return fieldValue(body, scan, 'model') as string;
}

function readStream(body: Buffer, { fields }: ObjectScan): boolean {
  return readFlag(body, fields.get('stream'), 'stream');
}

function readWantsUsage(body: Buffer, { fields }: ObjectScan): boolean {
  const span = fields.get('stream_options');
  if (span === undefined || body[span.start] === LOWER_N) return false;
  if (body[span.start] !== OPEN_BRACE) throw invalid('stream_options', 'The field stream_options must be an object.');
  return readFlag(body, locateValue(body, span.start, ['include_usage']), 'stream_options.include_usage');
}

/** The bytes are known to be JSON: a value's first byte tells its kind. null counts as absent. */
function readFlag(body: Buffer, span: FieldSpan | undefined, param: string): boolean {
  switch (span === undefined ? LOWER_N : body[span.start]) {
    case LOWER_T:
      return true;
    case LOWER_F:
    case LOWER_N:
      return false;
  }
  throw invalid(param, `The field ${param} must be true or false.`);
}

function invalid(param: string, message: string): GatewayError {
  return new GatewayError('invalid_value', message, { param });
}

function notAnObject({ fault, at }: ScanFault, length: number): GatewayError {
  switch (fault) {
    case 'too_deep':
      return new GatewayError('json_too_complex', `The body is nested deeper than ${DEPTH_MAX} levels, at byte ${at}.`);
    case 'not_object':
      return new GatewayError('invalid_json', `The body must be a JSON object; at byte ${at} another value begins.`);
    case 'invalid':
      if (length === 0) return new GatewayError('invalid_json', 'The body is empty, it ends at byte 0: send a JSON object.');
      return new GatewayError(
        'invalid_json',
        at >= length ? `The body ends at byte ${at}, before its JSON does.` : `The body is not valid JSON: see byte ${at}.`,
      );
  }
}
