import { isUtf8 } from 'node:buffer';
import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { asObject, asText, parsedJson } from '../openai/json-value.js';
import { safeLine } from '../openai/safe-words.js';
import { retryAfterMs } from '../retry-after.js';
import type { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders } from '../upstream-transport.js';
import { bedrockFailure } from './bedrock-failure.js';

/** Names the failure behind a status that is no 2xx: `{"message"}` with its class in a header, or in the body as `__type`. */
export function explainBedrock(upstream: Pick<UpstreamSettings, 'apiKey'>, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
  const text = isUtf8(body) ? body.toString('utf8') : '';
  const json = parsedJson(text);
  return bedrockFailure(upstream, {
    type: classOf(headers['x-amzn-errortype'] ?? asText(asObject(json)?.['__type'])),
    status,
    value: json ?? safeLine(text),
    body,
    retryAfterMs: retryAfterMs(headers),
  });
}

/** `ValidationException:http://…`, `com.amazon.coral.service#UnknownOperationException`. */
function classOf(text: string | undefined): string | undefined {
  const name = /(?:^|#)(\w+)(?::|$)/.exec(text ?? '')?.[1];
  return name === '' ? undefined : name;
}
