import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import { type Splice, spliceJson } from '../../json/splice-json.js';
import { AnthropicPassThrough } from '../anthropic/anthropic-pass-through.js';
import { anthropicRequest } from '../anthropic/anthropic-request.js';
import { explainError } from '../gemini/explain-error.js';
import type { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders, UpstreamRequest } from '../upstream-transport.js';
import type { VertexOptions } from './vertex-options.js';
import { vertexPath } from './vertex-path.js';
import { vertexRequest } from './vertex-request.js';
import { VERTEX_ANTHROPIC_VERSION } from './vertex-anthropic-version.js';

/**
 * Between a client of Anthropic's Messages API and Claude at Vertex AI: every byte of the body goes on, but that the version stands where the
 * model stood, which is in the address. Where tokens are counted the model stays.
 */
export class VertexAnthropicPassThrough extends AnthropicPassThrough {
  constructor(
    private readonly options: VertexOptions,
    private readonly counts = false,
  ) {
    super(counts ? '/messages/count_tokens' : '/messages');
  }

  override encode(call: InferenceCall, target: Target): UpstreamRequest {
    const { headers } = anthropicRequest({ ...target.upstream, apiKey: undefined }, call, NOTHING);
    const verb = call.stream ? 'streamRawPredict' : 'rawPredict';
    const place = this.counts ? { ...target, model: 'count-tokens' } : target;
    return vertexRequest(target, vertexPath(place, this.options, 'anthropic', verb), headers, this.body(call, target), this.options);
  }

  /** Refusals are Google's or Anthropic's, by who refuses. */
  override explain(target: Target, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
    return explainError(target.upstream, status, headers, body);
  }

  private body(call: InferenceCall, target: Target): Buffer {
    const value = call.fields.get('model');
    if (value === undefined) return call.body;
    const version = call.fields.get('anthropic_version');
    const splices: Splice[] = version === undefined ? [] : [{ ...version, text: JSON.stringify(VERTEX_ANTHROPIC_VERSION) }];
    const pair = { start: nameStart(call.body, value.start), end: value.end };
    const model = `"model":${JSON.stringify(target.model)}`;
    // A second version would be one too many: then the model makes room for nothing, with the comma at its side.
    if (version !== undefined) splices.push(this.counts ? { ...pair, text: model } : { ...withComma(call.body, pair), text: '' });
    else splices.push({ ...pair, text: this.counts ? `${model},${VERSION_PAIR}` : VERSION_PAIR });
    return spliceJson(call.body, splices);
  }
}

const NOTHING = Buffer.alloc(0);
const QUOTE = 0x22;
const COMMA = 0x2c;
const VERSION_PAIR = `"anthropic_version":${JSON.stringify(VERTEX_ANTHROPIC_VERSION)}`;

/** Where the name of the value at `at` begins: no letter of this name is a quotation mark. */
function nameStart(body: Buffer, at: number): number {
  return body.lastIndexOf(QUOTE, body.lastIndexOf(QUOTE, at - 1) - 1);
}

/** The comma after a pair that another one follows, or else the one before it. */
function withComma(body: Buffer, { start, end }: { readonly start: number; readonly end: number }): { readonly start: number; readonly end: number } {
  let after = end;
  while ((body[after] ?? COMMA) <= 0x20) after += 1;
  return body[after] === COMMA ? { start, end: after + 1 } : { start: body.lastIndexOf(COMMA, start), end };
}
