import { GatewayError } from '../../contracts/gateway-error.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import type { Answer, StreamTranslator, UpstreamAdapter } from '../upstream-adapter.js';
import { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders, UpstreamRequest } from '../upstream-transport.js';
import { ClientNames } from './client-names.js';
import { inClientWords } from './client-words.js';
import type { InboundDialect, ReplyFrame } from './inbound-dialect.js';
import type { NeutralEvent } from './neutral-event.js';
import type { OwnTool } from './own-tool.js';
import type { OutboundDialect } from './outbound-dialect.js';
import { NAME_LENGTH_MAX, withShortNames } from './short-names.js';
import { tokenUsage } from './token-usage.js';
import { TranslatedStream } from './translated-stream.js';

/** A client's wire on one side, a provider's on the other, and the neutral form between them: any inbound dialect with any outbound one. */
export class TranslatingAdapter implements UpstreamAdapter {
  readonly streamsAsJson: boolean;

  constructor(
    private readonly inbound: InboundDialect,
    private readonly outbound: OutboundDialect,
  ) {
    this.streamsAsJson = outbound.streamsAsJson === true;
  }

  encode(call: InferenceCall, target: Target): UpstreamRequest {
    const request = withShortNames(this.inbound.read(call), this.outbound.toolNameLengthMax ?? NAME_LENGTH_MAX);
    for (const own of request.ownTools ?? []) if (this.outbound.takesOwnTool?.(own.tool, target.model) !== true) throw unknownTool(own);
    try {
      return this.outbound.write(request, target, call);
    } catch (error) {
      throw inClientWords(error, this.inbound, call);
    }
  }

  answer(call: InferenceCall, target: Target, body: Buffer): Answer | UpstreamFailure {
    const events = this.outbound.read(body, target);
    const failure = events.find((event) => event.kind === 'failure');
    if (failure !== undefined) return failure.failure;
    if (!events.some(({ kind }) => kind === 'finish')) return new UpstreamFailure('invalid', 'The upstream sent an answer without an end.');
    const names = new ClientNames(this.inbound, call);
    const told = events.map((event) => names.told(event));
    const usage = events.findLast((event) => event.kind === 'usage')?.usage;
    return { body: this.inbound.answer(told, frame(call, target, events), call), usage: usage === undefined ? undefined : tokenUsage(usage) };
  }

  translator(call: InferenceCall, target: Target, eventBytesMax: number): StreamTranslator {
    const writer = this.inbound.streamWriter(frame(call, target, []), call);
    return new TranslatedStream(this.outbound.streamReader(eventBytesMax, target), writer, new ClientNames(this.inbound, call));
  }

  explain(target: Target, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
    return this.outbound.explain(target, status, headers, body);
  }
}

function frame(call: InferenceCall, target: Target, events: readonly NeutralEvent[]): ReplyFrame {
  const start = events.find((event) => event.kind === 'start');
  return { id: start?.id ?? call.requestId, model: target.answersAs, createdAt: Math.floor(Date.now() / 1000) };
}

function unknownTool({ param, tool }: OwnTool): GatewayError {
  const name = typeof tool['type'] === 'string' ? tool['type'] : Object.keys(tool).join();
  const known = /^[\w.-]{1,64}$/.test(name) ? name : 'this tool';
  const message = `${param}: the provider of this model has no ${known}. Leave the tool out, or describe one that you run yourself.`;
  return new GatewayError('invalid_value', message, { param });
}
