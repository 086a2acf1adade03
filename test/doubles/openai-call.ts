import type { InferenceEndpoint } from '../../src/contracts/endpoint.js';
import type { ProviderQuirks, UpstreamSettings } from '../../src/contracts/gateway-settings.js';
import type { InferenceCall } from '../../src/contracts/inference-call.js';
import type { Target } from '../../src/contracts/target.js';
import { scanObject } from '../../src/json/scan-object.js';
import { plainCall } from './plain-call.js';

/** A call as the door reads it from these bytes. */
export function openaiCall(
  body: object | string,
  part: Partial<InferenceCall> = {},
  endpoint: InferenceEndpoint = 'chat_completions',
): InferenceCall {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const scan = scanObject(bytes, 128);
  if ('fault' in scan) throw new Error(`no object: ${scan.fault} at ${scan.at}`);
  const fields = JSON.parse(bytes.toString('utf8')) as { model?: string; stream?: boolean; stream_options?: { include_usage?: boolean } | null };
  return plainCall({
    endpoint,
    model: fields.model ?? '',
    stream: fields.stream === true,
    wantsUsage: fields.stream_options?.include_usage === true,
    body: bytes,
    fields: scan.fields,
    ...part,
  });
}

/** An upstream that is asked for `inner` and answers as `outer`. */
export function openaiTarget(quirks: ProviderQuirks = {}, upstream: Partial<UpstreamSettings> = {}, target: Partial<Target> = {}): Target {
  return {
    upstream: {
      name: 'provider',
      kind: 'http',
      baseUrl: 'http://127.0.0.1:9/v1',
      model: 'inner',
      apiKey: 'sk-CANARY0123456789abcdef',
      keyMissing: false,
      headers: {},
      firstByteTimeoutMs: 1_000,
      concurrencyMax: 8,
      passThroughErrors: false,
      dialect: { name: 'openai', responses: false },
      quirks,
      mock: undefined,
      ...upstream,
    },
    model: 'inner',
    answersAs: 'outer',
    ...target,
  };
}
