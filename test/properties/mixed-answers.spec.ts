import fc from 'fast-check';
import { AnthropicOutbound } from '../../src/upstream/anthropic/anthropic-outbound.js';
import { MessagesInbound } from '../../src/upstream/anthropic/messages-inbound.js';
import type { InboundDialect } from '../../src/upstream/neutral/inbound-dialect.js';
import type { OutboundDialect } from '../../src/upstream/neutral/outbound-dialect.js';
import { TranslatingAdapter } from '../../src/upstream/neutral/translating-adapter.js';
import { ChatInbound } from '../../src/upstream/openai/chat-inbound.js';
import { ChatOutbound } from '../../src/upstream/openai/chat-outbound.js';
import { ResponsesInbound } from '../../src/upstream/responses/responses-inbound.js';
import { openaiCall, openaiTarget } from '../doubles/openai-call.js';
import { HEARD_CLIENTS } from './heard-clients.js';
import { MIXED_ANSWER, type MixedAnswer } from './mixed-answer.js';
import { MIXED_WIRES } from './mixed-wires.js';

const CLIENTS = { chat: new ChatInbound(), messages: new MessagesInbound(), responses: new ResponsesInbound() } satisfies Record<
  string,
  InboundDialect
>;
const PROVIDERS = { chat: new ChatOutbound(), messages: new AnthropicOutbound() } satisfies Record<string, OutboundDialect>;
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
          const call = openaiCall({ model: 'outer', stream: true }, {}, client === 'chat' ? 'chat_completions' : client);
          const translator = new TranslatingAdapter(CLIENTS[client], PROVIDERS[provider]).translator(call, openaiTarget(), 1024 * 1024);
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
