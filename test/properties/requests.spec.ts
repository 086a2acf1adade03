import fc from 'fast-check';
import { AnthropicOutbound } from '../../src/upstream/anthropic/anthropic-outbound.js';
import { MessagesInbound } from '../../src/upstream/anthropic/messages-inbound.js';
import { BedrockOutbound } from '../../src/upstream/bedrock/bedrock-outbound.js';
import { CohereOutbound } from '../../src/upstream/cohere/cohere-outbound.js';
import { GeminiOutbound } from '../../src/upstream/gemini/gemini-outbound.js';
import type { InboundDialect } from '../../src/upstream/neutral/inbound-dialect.js';
import type { OutboundDialect } from '../../src/upstream/neutral/outbound-dialect.js';
import { ChatInbound } from '../../src/upstream/openai/chat-inbound.js';
import { ChatOutbound } from '../../src/upstream/openai/chat-outbound.js';
import { ResponsesInbound } from '../../src/upstream/responses/responses-inbound.js';
import { ResponsesOutbound } from '../../src/upstream/responses/responses-outbound.js';
import { WatsonxOutbound } from '../../src/upstream/watsonx/watsonx-outbound.js';
import { openaiCall, openaiTarget } from '../doubles/openai-call.js';
import { type AskedChat, askedChat } from './asked-chat.js';
import { meaning } from './meaning.js';

const chat = new ChatInbound();
const watsonx = new WatsonxOutbound({ apiVersion: '2024-03-13', account: { project_id: 'p' }, scheme: 'Bearer', tokens: undefined });
const RUNS = { numRuns: 100, seed: 20_261_125 };

function written({ body }: AskedChat, outbound: OutboundDialect, model: string): { readonly asked: object; readonly bytes: Buffer } {
  const call = openaiCall({ model: 'outer', ...body });
  const asked = chat.read(call);
  const target = { ...openaiTarget({}, { baseUrl: 'http://127.0.0.1:9' }), model };
  return { asked: meaning(asked), bytes: outbound.write(asked, target, call).body };
}

describe('a chat that is written for another wire and read back there means the same', () => {
  it.each<[string, OutboundDialect, string, InboundDialect, 'chat_completions' | 'messages' | 'responses']>([
    ['chat completions', new ChatOutbound(), 'gpt-4o', chat, 'chat_completions'],
    ['messages', new AnthropicOutbound(), 'claude-sonnet-4-5', new MessagesInbound(), 'messages'],
    ['responses', new ResponsesOutbound(), 'gpt-5-pro', new ResponsesInbound(), 'responses'],
  ])('%s', (_wire, outbound, model, inbound, endpoint) => {
    fc.assert(
      fc.property(askedChat(true), (one) => {
        const { asked, bytes } = written(one, outbound, model);
        expect(meaning(inbound.read(openaiCall(bytes.toString(), {}, endpoint)))).toEqual(asked);
      }),
      RUNS,
    );
  });
});

describe('a chat that is written for a wire that no client speaks keeps every word, picture and call', () => {
  it.each<[string, OutboundDialect, string, calls: string, results: string]>([
    ['gemini', new GeminiOutbound(), 'gemini-2.5-flash', 'functionCall', 'functionResponse'],
    ['bedrock', new BedrockOutbound(undefined), 'us.anthropic.claude-sonnet-4-20250514-v1:0', 'toolUse', 'toolResult'],
    ['cohere', new CohereOutbound(), 'command-a-03-2025', 'arguments', 'tool_call_id'],
    ['watsonx', watsonx, 'ibm/granite-3-3-8b-instruct', 'arguments', 'tool_call_id'],
  ])('%s', (_wire, outbound, model, calls, results) => {
    fc.assert(
      fc.property(askedChat(false), (one) => {
        const body = JSON.parse(written(one, outbound, model).bytes.toString()) as unknown;
        const leaves = leavesOf(body);
        for (const text of [...one.texts, ...one.images]) expect(leaves.some(({ value }) => value.includes(text))).toBe(true);
        expect(members(body, calls)).toBe(one.calls);
        expect(members(body, results)).toBe(one.calls);
      }),
      RUNS,
    );
  });
});

function leavesOf(value: unknown, name = ''): { readonly name: string; readonly value: string }[] {
  if (typeof value === 'string') return [{ name, value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, key));
}

/** How often a member of this name stands in the conversation, outside of what was given to a tool. */
function members(value: unknown, name: string): number {
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce((count, [key, inner]) => {
    if (GIVEN.has(key)) return count;
    return count + (key === name ? 1 : 0) + members(inner, name);
  }, 0);
}

const GIVEN = new Set(['args', 'input', 'properties']);
