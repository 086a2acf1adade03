import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import type { InferenceEndpoint } from '../../contracts/endpoint.js';
import { AnthropicOutbound } from '../anthropic/anthropic-outbound.js';
import { MessagesInbound } from '../anthropic/messages-inbound.js';
import { ChatInbound } from '../openai/chat-inbound.js';
import { ChatOutbound } from '../openai/chat-outbound.js';
import { ResponsesInbound } from '../responses/responses-inbound.js';
import type { InboundDialect } from './inbound-dialect.js';
import type { OutboundDialect } from './outbound-dialect.js';
import { TranslatingAdapter } from './translating-adapter.js';

const LONG = 'mcp__8b383b1d-b46a-4b70-994c-c7c26b866287__check_domain_availability_and_price';
const OTHER = `${LONG}_again`;
const PLAIN = 'x'.repeat(64);
const tool = (name: string): object => ({ name, input_schema: { type: 'object' } });
const user = { role: 'user', content: 'hi' };
const ASKED = {
  max_tokens: 9,
  tools: [LONG, OTHER, PLAIN, 'f'].map(tool),
  tool_choice: { type: 'tool', name: LONG },
  messages: [
    user,
    { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: OTHER, input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: 'r' }] },
  ],
};
const messages = new TranslatingAdapter(new MessagesInbound(), new ChatOutbound());
const asked = (body: object, endpoint: InferenceEndpoint = 'messages'): ReturnType<typeof openaiCall> =>
  openaiCall({ model: 'm', ...body }, {}, endpoint);

interface ChatBody {
  readonly tools: readonly { readonly function: { readonly name: string } }[];
  readonly tool_choice: { readonly function: { readonly name: string } };
  readonly messages: readonly { readonly tool_calls?: readonly { readonly function: { readonly name: string } }[] }[];
}

const sent = (body: object, inbound: InboundDialect, outbound: OutboundDialect, endpoint?: InferenceEndpoint): ChatBody =>
  JSON.parse(new TranslatingAdapter(inbound, outbound).encode(asked(body, endpoint), openaiTarget()).body.toString()) as ChatBody;
const answered = (name: string): Buffer => {
  const calls = [{ id: 'c2', type: 'function', function: { name, arguments: '{"a":1}' } }];
  return Buffer.from(JSON.stringify({ id: 'chatcmpl-1', choices: [{ index: 0, message: { tool_calls: calls }, finish_reason: 'tool_calls' }] }));
};

describe("a tool whose name is longer than the provider's names", () => {
  const body = sent(ASKED, new MessagesInbound(), new ChatOutbound());
  const [long, other, plain, f] = body.tools.map((one) => one.function.name) as [string, string, string, string];

  it('has a short one there, wherever it stands, and others have their own', () => {
    for (const name of [long, other]) expect(name).toMatch(/^mcp__8b383b1d-[\w-]{41}_[0-9a-f]{8}$/);
    expect([plain, f]).toEqual([PLAIN, 'f']);
    expect(new Set([long, other]).size).toBe(2);
    expect(body.tool_choice.function.name).toBe(long);
    expect(body.messages[1]?.tool_calls?.[0]?.function.name).toBe(other);
  });

  it.each([LONG, OTHER])('is called by its own name, whole and streamed: %s', (name) => {
    const short = name === LONG ? long : other;
    const answer = messages.answer(asked(ASKED), openaiTarget(), answered(short));
    expect('body' in answer ? JSON.parse(answer.body.toString()) : undefined).toMatchObject({
      content: [{ type: 'tool_use', name, input: { a: 1 } }],
    });
    const stream = messages.translator(asked({ ...ASKED, stream: true }), openaiTarget(), 1024 * 1024);
    const delta = { tool_calls: [{ index: 0, id: 'c2', function: { name: short, arguments: '{"a":1}' } }] };
    const chunk = JSON.stringify({ id: 'chatcmpl-1', choices: [{ index: 0, delta, finish_reason: 'tool_calls' }] });
    expect(stream.write(Buffer.from(`data: ${chunk}\n\n`)).toString()).toContain(`"name":"${name}"`);
  });

  it('is what it says where nobody made it short', () => {
    const alike = `${'y'.repeat(55)}_0123abcd`;
    const answer = messages.answer(asked(ASKED), openaiTarget(), answered(alike));
    expect('body' in answer ? answer.body.toString() : '').toContain(`"name":"${alike}"`);
  });

  it('goes as it is to a provider that takes it', () => {
    const tools = [{ type: 'function', function: { name: LONG, parameters: { type: 'object' } } }];
    expect(sent({ messages: [user], tools }, new ChatInbound(), new AnthropicOutbound(), 'chat_completions')).toMatchObject({
      tools: [{ name: LONG }],
    });
  });

  it('is called by its own name in its namespace', () => {
    const adapter = new TranslatingAdapter(new ResponsesInbound(), new ChatOutbound());
    const inner = LONG.slice(12);
    const call = asked(
      { input: 'hi', tools: [{ type: 'namespace', name: 'mcp__8b383b1d', tools: [{ type: 'function', name: inner }] }] },
      'responses',
    );
    const { tools } = JSON.parse(adapter.encode(call, openaiTarget()).body.toString()) as ChatBody;
    const answer = adapter.answer(call, openaiTarget(), answered(tools[0]?.function.name ?? ''));
    const output = [{ type: 'function_call', namespace: 'mcp__8b383b1d', name: inner }];
    expect('body' in answer ? JSON.parse(answer.body.toString()) : undefined).toMatchObject({ output });
  });
});
