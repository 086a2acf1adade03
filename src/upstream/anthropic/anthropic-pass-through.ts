import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import { locateValue } from '../../json/locate-value.js';
import { fieldValue } from '../../json/read-field.js';
import { type ObjectScan, scanObject } from '../../json/scan-object.js';
import { spliceJson } from '../../json/splice-json.js';
import { asObject, parsedJson } from '../openai/json-value.js';
import { splicedBody } from '../spliced-body.js';
import type { Answer, StreamTranslator, UpstreamAdapter } from '../upstream-adapter.js';
import { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders, UpstreamRequest } from '../upstream-transport.js';
import { anthropicRequest } from './anthropic-request.js';
import { AnthropicUsage } from './anthropic-usage.js';
import { estimatedCount } from './estimated-count.js';
import { explainAnthropic } from './explain-anthropic.js';
import { messagesFailure } from './messages-failure.js';
import { MessagesStreamTranslator } from './messages-stream-translator.js';
import { tokenUsage } from '../neutral/token-usage.js';

/**
 * Between a client and an upstream that both speak Anthropic's Messages API: every byte goes on but for `model`, with the client's `anthropic-*`
 * headers. `path` is `/messages`, or `/messages/count_tokens`, whose answer is a count alone.
 */
export class AnthropicPassThrough implements UpstreamAdapter {
  constructor(private readonly path: '/messages' | '/messages/count_tokens' = '/messages') {}

  encode(call: InferenceCall, target: Target): UpstreamRequest {
    const model = call.fields.get('model');
    const splices = model === undefined || call.model === target.model ? [] : [{ ...model, text: JSON.stringify(target.model) }];
    const { body, ...rest } = splicedBody(call.body, splices);
    return { ...anthropicRequest(target.upstream, call, body, { path: this.path }), ...rest };
  }

  answer(_call: InferenceCall, target: Target, body: Buffer): Answer | UpstreamFailure {
    const scan = scanObject(body, Infinity);
    if ('fault' in scan) return new UpstreamFailure('invalid', 'The upstream answered with a body that is no JSON object.');
    const { fields } = scan;
    if (fields.has('error')) return messagesFailure(asObject(parsedJson(body.toString('utf8'))), target.upstream);
    if (this.path !== '/messages')
      return fields.has('input_tokens') ? { body, usage: undefined } : new UpstreamFailure('invalid', 'The upstream answered without a count.');
    if (!isList(body, scan)) return new UpstreamFailure('invalid', 'The upstream answered without the "content" that an answer has.');
    const usage = new AnthropicUsage();
    usage.take(fieldValue(body, scan, 'usage'));
    const model = locateValue(body, body[0] === 0xef ? 3 : 0, ['model']);
    const splices =
      model === undefined || fieldValue(body, scan, 'model') === target.answersAs ? [] : [{ ...model, text: JSON.stringify(target.answersAs) }];
    return { body: spliceJson(body, splices), usage: usage.event && tokenUsage(usage.event.usage) };
  }

  translator(_call: InferenceCall, target: Target, eventBytesMax: number): StreamTranslator {
    return new MessagesStreamTranslator(target, eventBytesMax);
  }

  explain(target: Target, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
    return explainAnthropic(target.upstream, status, headers, body);
  }

  standIn(call: InferenceCall, target: Target, status: number, body: Buffer): Answer | UpstreamFailure | undefined {
    return this.path === '/messages' ? undefined : estimatedCount(call, target, status, body);
  }
}

const OPEN_BRACKET = 0x5b;

function isList(body: Buffer, { fields }: ObjectScan): boolean {
  const at = fields.get('content')?.start;
  return at !== undefined && body[at] === OPEN_BRACKET;
}
