import type { InferenceCall } from '../../contracts/inference-call.js';
import type { InboundDialect, ReplyFrame, StreamWriter } from '../neutral/inbound-dialect.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import type { NeutralRequest } from '../neutral/neutral-request.js';
import { chatAnswer } from './chat-answer.js';
import { ChatStreamWriter } from './chat-stream-writer.js';
import { customNames } from './custom-names.js';
import { readChatRequest } from './read-chat-request.js';

/**
 * OpenAI's chat completions as a client speaks them, towards a provider that speaks something else. Reasoning is told as `reasoning_content`,
 * and what a provider signed also as `thinking_blocks`: both are taken back in the next request.
 */
export class ChatInbound implements InboundDialect {
  read(call: InferenceCall): NeutralRequest {
    return readChatRequest(call);
  }

  answer(events: readonly NeutralEvent[], reply: ReplyFrame, call?: InferenceCall): Buffer {
    return chatAnswer(events, reply, call !== undefined && isLegacy(call), () => customNames(call));
  }

  streamWriter(reply: ReplyFrame, call: InferenceCall): StreamWriter {
    return new ChatStreamWriter(reply, call.wantsUsage, isLegacy(call), () => customNames(call));
  }
}

/** A client of before `tools` looks for `function_call`. */
function isLegacy({ fields }: InferenceCall): boolean {
  return fields.has('functions') && !fields.has('tools');
}
