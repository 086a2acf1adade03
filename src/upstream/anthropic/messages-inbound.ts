import type { InferenceCall } from '../../contracts/inference-call.js';
import type { ClientWord } from '../neutral/client-words.js';
import type { InboundDialect, ReplyFrame, StreamWriter } from '../neutral/inbound-dialect.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import type { NeutralRequest } from '../neutral/neutral-request.js';
import { messagesAnswer } from './messages-answer.js';
import { MessagesStreamWriter } from './messages-stream-writer.js';
import { readMessagesRequest } from './read-messages-request.js';

/**
 * Anthropic's Messages API as a client speaks it, towards a provider that speaks something else. The version that the client names decides how
 * strict the request is read. Thoughts of a provider that does not sign them have an empty signature.
 */
export class MessagesInbound implements InboundDialect {
  read(call: InferenceCall): NeutralRequest {
    return readMessagesRequest(call);
  }

  answer(events: readonly NeutralEvent[], reply: ReplyFrame): Buffer {
    return messagesAnswer(events, reply);
  }

  streamWriter(reply: ReplyFrame): StreamWriter {
    return new MessagesStreamWriter(reply);
  }

  paramName(param: string): ClientWord | undefined {
    return NAMES.get(param);
  }
}

/** What chat completions call otherwise. */
const NAMES: ReadonlyMap<string, ClientWord> = new Map([
  ['stop', { param: 'stop_sequences' }],
  ['parallel_tool_calls', { param: 'tool_choice.disable_parallel_tool_use' }],
]);
