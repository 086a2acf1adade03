import fc from 'fast-check';
import { AnthropicOutbound } from '../../src/upstream/anthropic/anthropic-outbound.js';
import { MessagesInbound } from '../../src/upstream/anthropic/messages-inbound.js';
import { BedrockOutbound } from '../../src/upstream/bedrock/bedrock-outbound.js';
import { CohereOutbound } from '../../src/upstream/cohere/cohere-outbound.js';
import { GeminiOutbound } from '../../src/upstream/gemini/gemini-outbound.js';
import type { InboundDialect } from '../../src/upstream/neutral/inbound-dialect.js';
import type { OutboundDialect } from '../../src/upstream/neutral/outbound-dialect.js';
import { TranslatingAdapter } from '../../src/upstream/neutral/translating-adapter.js';
import { ChatInbound } from '../../src/upstream/openai/chat-inbound.js';
import { ChatOutbound } from '../../src/upstream/openai/chat-outbound.js';
import { ResponsesInbound } from '../../src/upstream/responses/responses-inbound.js';
import { ResponsesOutbound } from '../../src/upstream/responses/responses-outbound.js';
import type { StreamTranslator } from '../../src/upstream/upstream-adapter.js';
import { openaiCall, openaiTarget } from '../doubles/openai-call.js';
import { type RecordedCase, RecordedTraffic } from '../doubles/recorded-traffic.js';
import { HEARD_CLIENTS } from './heard-clients.js';
import { MIXED_ANSWER, type MixedAnswer } from './mixed-answer.js';
import { MIXED_WIRES } from './mixed-wires.js';

const CLIENTS = { chat: new ChatInbound(), messages: new MessagesInbound(), responses: new ResponsesInbound() } satisfies Record<
  string,
  InboundDialect
>;
const PROVIDERS = { chat: new ChatOutbound(), messages: new AnthropicOutbound() } satisfies Record<string, OutboundDialect>;
const RECORDED: Readonly<Record<string, OutboundDialect>> = {
  ...PROVIDERS,
  gemini_stream: new GeminiOutbound(),
  converse_stream: new BedrockOutbound(undefined),
  cohere_chat: new CohereOutbound(),
  responses: new ResponsesOutbound(),
};
const RUNS = { numRuns: 150, seed: 20_261_125 };

function told({ calls, said }: MixedAnswer): object {
  const words = (kind: 'text' | 'reasoning'): string => said.flatMap((one) => (one.kind === kind ? one.words : [])).join('');
  return {
    calls: calls.map(({ name, pieces }, index) => ({ id: `call_${index}`, name, json: pieces.length === 0 ? '{}' : pieces.join('') })),
    text: words('text'),
    reasoning: words('reasoning'),
  };
}

const byId = (one: { readonly id: string }, other: { readonly id: string }): number => (one.id < other.id ? -1 : 1);

describe.each(['chat', 'messages'] as const)('a stream of %s in which calls and words come mixed', (provider) => {
  it.each(['chat', 'messages', 'responses'] as const)(
    'is told to a client of %s in the order of its wire, each call with its own arguments',
    (client) => {
      fc.assert(
        fc.property(MIXED_ANSWER, fc.integer({ min: 1, max: 400 }), (answer, size) => {
          const translator = translatorOf(client, PROVIDERS[provider]);
          const bytes = MIXED_WIRES[provider](answer);
          let stream = '';
          for (let at = 0; at < bytes.length; at += size) stream += translator.write(Buffer.from(bytes.subarray(at, at + size))).toString();
          stream += translator.end().toString();
          expect([translator.failure, translator.progress]).toEqual([undefined, 'done']);
          const heard = HEARD_CLIENTS[client](stream);
          expect({ ...heard, calls: heard.calls.toSorted(byId) }).toEqual(told(answer));
        }),
        RUNS,
      );
    },
  );
});

const traffic = RecordedTraffic.open();
const isStream = ({ framing, status, endpoint }: RecordedCase): boolean =>
  (framing === 'sse' || framing === 'aws-eventstream') && status === 200 && RECORDED[endpoint] !== undefined;

(traffic === undefined ? it.skip.each : it.each)(['chat', 'messages', 'responses'] as const)(
  'every stream that was recorded is told to a client of %s in the order of its wire',
  (client) => {
    const cases = traffic?.cases(isStream) ?? [];
    expect(cases.length).toBeGreaterThan(100);
    for (const recorded of cases) {
      const translator = translatorOf(client, RECORDED[recorded.endpoint] as OutboundDialect);
      const stream = translator.write((traffic as RecordedTraffic).response(recorded)).toString() + translator.end().toString();
      if (translator.failure === undefined) expect(() => HEARD_CLIENTS[client](stream)).not.toThrow();
    }
  },
);

function translatorOf(client: keyof typeof CLIENTS, outbound: OutboundDialect): StreamTranslator {
  const call = openaiCall({ model: 'outer', stream: true }, {}, client === 'chat' ? 'chat_completions' : client);
  return new TranslatingAdapter(CLIENTS[client], outbound).translator(call, openaiTarget(), 1024 * 1024);
}
