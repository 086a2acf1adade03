import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { GatewayError } from '../../contracts/gateway-error.js';
import { AnthropicOutbound } from '../anthropic/anthropic-outbound.js';
import { MessagesInbound } from '../anthropic/messages-inbound.js';
import { BedrockOutbound } from '../bedrock/bedrock-outbound.js';
import { CohereOutbound } from '../cohere/cohere-outbound.js';
import { GeminiOutbound } from '../gemini/gemini-outbound.js';
import { ChatInbound } from '../openai/chat-inbound.js';
import { ChatOutbound } from '../openai/chat-outbound.js';
import { ResponsesOutbound } from '../responses/responses-outbound.js';
import type { OutboundDialect } from './outbound-dialect.js';
import { TranslatingAdapter } from './translating-adapter.js';

const F = { type: 'function', function: { name: 'f' } };
const SEARCH = { type: 'web_search_20250305', name: 'web_search', max_uses: 3 };

function sent(outbound: OutboundDialect, body: object): { readonly tools?: unknown; readonly tool_choice?: unknown } {
  const call = openaiCall({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...body });
  const target = openaiTarget({}, {}, { model: 'claude-sonnet-4-5' });
  return JSON.parse(new TranslatingAdapter(new ChatInbound(), outbound).encode(call, target).body.toString()) as ReturnType<typeof sent>;
}

describe('tools that a provider runs itself, in its own words', () => {
  it("are told to Gemini beside the functions, in Google's spelling", () => {
    expect(sent(new GeminiOutbound(), { tools: [{ google_search: {} }, F, { urlContext: {} }] }).tools).toEqual([
      { functionDeclarations: [{ name: 'f' }] },
      { googleSearch: {} },
      { urlContext: {} },
    ]);
    expect(sent(new GeminiOutbound(), { tools: [{ code_execution: {} }] }).tools).toEqual([{ codeExecution: {} }]);
  });

  it('are told to Anthropic as they came, and can be demanded', () => {
    const body = { tools: [F, SEARCH], tool_choice: { type: 'function', function: { name: 'web_search' } } };
    expect(sent(new AnthropicOutbound(), body)).toMatchObject({ tools: [{ name: 'f' }, SEARCH], tool_choice: { type: 'tool', name: 'web_search' } });
    expect(sent(new AnthropicOutbound(), { tools: [SEARCH], tool_choice: 'required' })).toMatchObject({
      tools: [SEARCH],
      tool_choice: { type: 'any' },
    });
  });

  it('a wish for a web search is the tool that searches', () => {
    const approximate = { country: 'DE', city: 'Köln' };
    const web_search_options = { search_context_size: 'low', user_location: { type: 'approximate', approximate } };
    expect(sent(new AnthropicOutbound(), { web_search_options }).tools).toEqual([
      { type: 'web_search_20250305', name: 'web_search', max_uses: 1, user_location: { type: 'approximate', ...approximate } },
    ]);
    expect(sent(new AnthropicOutbound(), { tools: [F], web_search_options: {} }).tools).toMatchObject([{ name: 'f' }, { name: 'web_search' }]);
    expect(sent(new GeminiOutbound(), { web_search_options }).tools).toEqual([{ googleSearch: {} }]);
  });

  it.each([
    ['gemini', new GeminiOutbound(), SEARCH],
    ['gemini', new GeminiOutbound(), { googleSearch: {}, other: {} }],
    ['anthropic', new AnthropicOutbound(), { googleSearch: {} }],
    ['cohere', new CohereOutbound(), SEARCH],
    ['bedrock', new BedrockOutbound(undefined), SEARCH],
    ['responses', new ResponsesOutbound(), { googleSearch: {} }],
  ])('are refused by their place elsewhere: %s', (_name, outbound, tool) => {
    let refusal: unknown;
    try {
      sent(outbound, { tools: [F, tool] });
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(GatewayError);
    expect(refusal).toMatchObject({ code: 'invalid_value', details: { param: 'tools[1]' } });
  });
});

const BASH = { type: 'bash_20250124', name: 'bash' };
const MEMORY = { type: 'memory_20250818', name: 'memory' };
const COMPUTER = { type: 'computer_20251124', name: 'computer', display_width_px: 800, display_height_px: 600 };
const EDITOR = { type: 'text_editor_20241022', name: 'str_replace_editor' };
const G = { name: 'g', input_schema: { type: 'object' } };
const CLAUDE = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';

interface ConverseBody {
  readonly toolConfig?: { readonly tools: readonly unknown[]; readonly toolChoice?: unknown };
  readonly additionalModelRequestFields?: unknown;
}

function encoded(outbound: OutboundDialect, body: object, model: string, inbound: MessagesInbound | ChatInbound = new MessagesInbound()): Buffer {
  const call = openaiCall({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }], ...body }, {}, 'messages');
  return new TranslatingAdapter(inbound, outbound).encode(call, openaiTarget({}, {}, { model })).body;
}
const conversed = (body: object, inbound?: ChatInbound): ConverseBody =>
  JSON.parse(encoded(new BedrockOutbound(undefined), body, CLAUDE, inbound).toString()) as ConverseBody;

describe('tools that Anthropic defines and the client runs', () => {
  it('are told to Claude at Bedrock beside the others, with the betas that they need', () => {
    const { toolConfig, additionalModelRequestFields } = conversed({ tools: [BASH, G, MEMORY] });
    expect(toolConfig?.tools).toMatchObject([{ toolSpec: { name: 'g' } }]);
    expect(additionalModelRequestFields).toEqual({
      tools: [BASH, MEMORY],
      anthropic_beta: ['computer-use-2025-01-24', 'context-management-2025-06-27'],
    });
  });

  it.each([
    [[COMPUTER, BASH], 'computer-use-2025-11-24'],
    [[BASH], 'computer-use-2025-01-24'],
    [[EDITOR], 'computer-use-2024-10-22'],
  ])('%j are the beta %s', (tools, beta) => {
    expect(conversed({ tools })).toMatchObject({ additionalModelRequestFields: { anthropic_beta: [beta] } });
    expect(conversed({ tools })).not.toHaveProperty('toolConfig');
  });

  it('can be demanded, alone and one at a time, in the words of its own API', () => {
    const any = conversed({ tools: [BASH, G], tool_choice: { type: 'any' } });
    expect([any.toolConfig?.toolChoice, any.additionalModelRequestFields]).toMatchObject([undefined, { tool_choice: { type: 'any' } }]);
    const one = conversed({ tools: [BASH], tool_choice: { type: 'tool', name: 'bash', disable_parallel_tool_use: true } });
    expect(one).toMatchObject({
      additionalModelRequestFields: { tools: [BASH], tool_choice: { type: 'tool', name: 'bash', disable_parallel_tool_use: true } },
    });
    expect(conversed({ tools: [BASH, G], tool_choice: { type: 'auto' } })).toMatchObject({ toolConfig: { toolChoice: { auto: {} } } });
    expect(conversed({ tools: [BASH], tool_choice: { type: 'none' } })).not.toHaveProperty('additionalModelRequestFields');
  });

  it("go to Bedrock as LiteLLM's users write them too, with what else those ask for", () => {
    const body = { tools: [BASH], anthropic_beta: ['context-1m-2025-08-07'], additionalModelRequestFields: { top_k: 3 } };
    expect(conversed(body, new ChatInbound()).additionalModelRequestFields).toEqual({
      top_k: 3,
      tools: [BASH],
      anthropic_beta: ['computer-use-2025-01-24', 'context-1m-2025-08-07'],
    });
  });

  it("of a computer, LiteLLM's users say what it is like as the parameters of a function", () => {
    const { type, name, ...parameters } = COMPUTER;
    const tools = [{ type, function: { name, parameters } }];
    expect(conversed({ tools }, new ChatInbound())).toMatchObject({ additionalModelRequestFields: { tools: [COMPUTER] } });
  });

  it('are told to Anthropic with the betas that they need', () => {
    const call = openaiCall({ model: 'm', messages: [{ role: 'user', content: 'hi' }], tools: [MEMORY], mcp_servers: [{ type: 'url' }] });
    const { headers } = new TranslatingAdapter(new ChatInbound(), new AnthropicOutbound()).encode(call, openaiTarget());
    expect(headers['anthropic-beta']).toBe('context-management-2025-06-27,mcp-client-2025-04-04');
  });

  it.each<[string, OutboundDialect, string, object]>([
    ['openai', new ChatOutbound(), 'gpt-4o', BASH],
    ['responses', new ResponsesOutbound(), 'gpt-5', MEMORY],
    ['gemini', new GeminiOutbound(), 'gemini-2.5-flash', COMPUTER],
    ['cohere', new CohereOutbound(), 'command-a-03-2025', BASH],
    ['bedrock, another model', new BedrockOutbound(undefined), 'amazon.nova-lite-v1:0', BASH],
    ['bedrock, a tool of Anthropic’s servers', new BedrockOutbound(undefined), CLAUDE, { type: 'web_search_20250305', name: 'web_search' }],
    ['openai, its servers’ sandbox', new ChatOutbound(), 'gpt-4o', { type: 'code_execution_20250825', name: 'code_execution' }],
    ['openai, what servers of others run', new ChatOutbound(), 'gpt-4o', { type: 'mcp_toolset', mcp_server_name: 's' }],
  ])('are refused elsewhere, by their place and name: %s', (_name, outbound, model, tool) => {
    let refusal: unknown;
    try {
      encoded(outbound, { tools: [G, tool] }, model);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toMatchObject({ code: 'invalid_value', details: { param: 'tools[1].type' } });
    expect((refusal as Error).message).toContain((tool as { type: string }).type);
  });
});
