import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import type { InferenceEndpoint } from '../../contracts/endpoint.js';
import { AnthropicOutbound } from '../anthropic/anthropic-outbound.js';
import { MessagesInbound } from '../anthropic/messages-inbound.js';
import { BedrockOutbound } from '../bedrock/bedrock-outbound.js';
import { CohereOutbound } from '../cohere/cohere-outbound.js';
import { ChatInbound } from '../openai/chat-inbound.js';
import { CompletionsInbound } from '../openai/completions-inbound.js';
import { ResponsesInbound } from '../responses/responses-inbound.js';
import { ResponsesOutbound } from '../responses/responses-outbound.js';
import type { InboundDialect } from './inbound-dialect.js';
import type { OutboundDialect } from './outbound-dialect.js';
import { TranslatingAdapter } from './translating-adapter.js';

const LOGPROBS = 'message.output_text.logprobs';
const F = { type: 'function', name: 'f', input_schema: { type: 'object' } };
const G = { ...F, name: 'g' };
const custom = ({ type: _type, ...tool }: typeof F): object => tool;
const user = { role: 'user', content: 'hi' };
const ALL: Readonly<Partial<Record<InferenceEndpoint, [InboundDialect, object]>>> = {
  chat_completions: [new ChatInbound(), { messages: [user] }],
  completions: [new CompletionsInbound(), { prompt: 'hi' }],
  messages: [new MessagesInbound(), { max_tokens: 9, messages: [user] }],
  responses: [new ResponsesInbound(), { input: 'hi' }],
};

function refusal(endpoint: InferenceEndpoint, outbound: OutboundDialect, body: object): unknown {
  const [inbound, rest] = ALL[endpoint] ?? [];
  const call = openaiCall({ model: 'm', ...rest, ...body }, {}, endpoint);
  try {
    new TranslatingAdapter(inbound as InboundDialect, outbound).encode(call, openaiTarget());
  } catch (error) {
    return error;
  }
  return undefined;
}

it.each<[InferenceEndpoint, OutboundDialect, object, param: string, mend: string]>([
  ['responses', new AnthropicOutbound(), { include: [LOGPROBS] }, 'include', `Leave ${LOGPROBS} out`],
  ['responses', new BedrockOutbound(undefined), { include: [LOGPROBS], top_logprobs: 2 }, 'include', `Leave ${LOGPROBS} out`],
  ['responses', new AnthropicOutbound(), { top_logprobs: 2 }, 'top_logprobs', 'Leave top_logprobs out'],
  ['responses', new CohereOutbound(), { include: ['x', LOGPROBS], top_logprobs: 2 }, 'include', `Leave ${LOGPROBS} out`],
  ['responses', new AnthropicOutbound(), { input: [{ role: 'system', content: 'x' }] }, 'input', 'a message of the user'],
  ['responses', new CohereOutbound(), { parallel_tool_calls: false, tools: [F, G] }, 'parallel_tool_calls', 'Leave parallel_tool_calls out'],
  ['chat_completions', new AnthropicOutbound(), { logprobs: true }, 'logprobs', 'Leave logprobs out'],
  ['completions', new AnthropicOutbound(), { logprobs: 1 }, 'logprobs', 'Leave logprobs out'],
  ['completions', new CohereOutbound(), { logprobs: 1 }, 'logprobs', 'Leave logprobs out'],
  ['messages', new CohereOutbound(), { constructor: 1 }, 'constructor', 'constructor'],
  ['completions', new CohereOutbound(), { toString: 1 }, 'toString', 'toString'],
  ['messages', new ResponsesOutbound(), { stop_sequences: ['x'] }, 'stop_sequences', 'stop_sequences cannot be used'],
  [
    'messages',
    new CohereOutbound(),
    { tool_choice: { type: 'auto', disable_parallel_tool_use: true }, tools: [custom(F), custom(G)] },
    'tool_choice.disable_parallel_tool_use',
    'Leave tool_choice.disable_parallel_tool_use out',
  ],
])('what a provider cannot is refused in the words of the client: %s, case %#', (endpoint, outbound, body, param, mend) => {
  const error = refusal(endpoint, outbound, body);
  expect(error).toMatchObject({ status: 400, details: { param } });
  expect((error as Error).message).toContain(mend);
});
