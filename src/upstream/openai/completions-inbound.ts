import type { InferenceCall } from '../../contracts/inference-call.js';
import type { ClientWord } from '../neutral/client-words.js';
import type { InboundDialect, ReplyFrame, StreamWriter } from '../neutral/inbound-dialect.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import type { NeutralRequest } from '../neutral/neutral-request.js';
import { completionsAnswer } from './completions-answer.js';
import { CompletionsStreamWriter } from './completions-stream-writer.js';
import { promptLength } from './prompt-length.js';
import { readCompletionsRequest } from './read-completions-request.js';

/** OpenAI's old completions as a client speaks them, towards a provider whose models only chat: the prompt is said by the user, the answer is the text. */
export class CompletionsInbound implements InboundDialect {
  read(call: InferenceCall): NeutralRequest {
    return readCompletionsRequest(call);
  }

  answer(events: readonly NeutralEvent[], reply: ReplyFrame, call?: InferenceCall): Buffer {
    return completionsAnswer(events, reply, call === undefined ? 0 : promptLength(call));
  }

  streamWriter(reply: ReplyFrame, call: InferenceCall): StreamWriter {
    return new CompletionsStreamWriter(reply, call.wantsUsage, promptLength(call));
  }

  paramName(param: string): ClientWord | undefined {
    return NAMES.get(param);
  }
}

/** What chat completions call otherwise. */
const NAMES: ReadonlyMap<string, ClientWord> = new Map([
  ['messages', { param: 'prompt' }],
  ['top_logprobs', { param: 'logprobs' }],
]);
