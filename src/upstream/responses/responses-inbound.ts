import type { InferenceCall } from '../../contracts/inference-call.js';
import type { ClientWord } from '../neutral/client-words.js';
import type { InboundDialect, ReplyFrame, StreamWriter } from '../neutral/inbound-dialect.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import type { NeutralRequest } from '../neutral/neutral-request.js';
import type { HostedTools } from './hosted-tools.js';
import { readResponsesRequest } from './read-responses-request.js';
import { responsesParam } from './responses-param.js';
import { ResponsesStreamWriter } from './responses-stream-writer.js';

/**
 * OpenAI's Responses as a client speaks them, towards a provider that speaks something else. Without a memory: `store` is taken and not done
 * (the answer says so), and what would need it (`previous_response_id`, `conversation`, `prompt`, `background`, references to what was said) is refused.
 */
export class ResponsesInbound implements InboundDialect {
  constructor(private readonly hostedTools: HostedTools = 'refused') {}

  read(call: InferenceCall): NeutralRequest {
    return readResponsesRequest(call, this.hostedTools);
  }

  answer(events: readonly NeutralEvent[], reply: ReplyFrame, call?: InferenceCall): Buffer {
    const writer = new ResponsesStreamWriter(reply, call);
    for (const event of events) writer.write(event);
    return Buffer.from(writer.response());
  }

  streamWriter(reply: ReplyFrame, call: InferenceCall): StreamWriter {
    return new ResponsesStreamWriter(reply, call);
  }

  paramName(param: string, call: InferenceCall): ClientWord | undefined {
    return responsesParam(param, call);
  }
}
