import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { GatewayError } from '../../contracts/gateway-error.js';
import { AnthropicOutbound } from '../anthropic/anthropic-outbound.js';
import { BedrockOutbound } from '../bedrock/bedrock-outbound.js';
import { CohereOutbound } from '../cohere/cohere-outbound.js';
import { GeminiOutbound } from '../gemini/gemini-outbound.js';
import { ChatInbound } from '../openai/chat-inbound.js';
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
