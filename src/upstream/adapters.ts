import type { InferenceEndpoint } from '../contracts/endpoint.js';
import { GatewayError } from '../contracts/gateway-error.js';
import type { UpstreamSettings } from '../contracts/gateway-settings.js';
import type { InferenceCall } from '../contracts/inference-call.js';
import { AnthropicPassThrough } from './anthropic/anthropic-pass-through.js';
import { MessagesInbound } from './anthropic/messages-inbound.js';
import { AzureAdapter } from './azure/azure-adapter.js';
import { azureOptions } from './azure-options.js';
import { type EmbeddingDialect, EmbeddingsAdapter } from './embeddings-adapter.js';
import type { InboundDialect } from './neutral/inbound-dialect.js';
import type { OutboundDialect } from './neutral/outbound-dialect.js';
import { TranslatingAdapter } from './neutral/translating-adapter.js';
import { ChatInbound } from './openai/chat-inbound.js';
import { CompletionsInbound } from './openai/completions-inbound.js';
import { OpenaiAdapter } from './openai/openai-adapter.js';
import { outboundDialect } from './outbound-dialects.js';
import { ResponsesInbound } from './responses/responses-inbound.js';
import { ResponsesPassThrough } from './responses/responses-pass-through.js';
import type { UpstreamAdapter } from './upstream-adapter.js';
import { VertexAnthropicPassThrough } from './vertex_ai/vertex-anthropic-pass-through.js';
import { VertexPartnerAdapter } from './vertex_ai/vertex-partner-adapter.js';
import { vertexOptions } from './vertex-options.js';

/**
 * Which translation a call to an upstream takes: none to speak of where both speak the same wire, else from the client's into the
 * neutral form and from there into the upstream's. Made once for each upstream and endpoint.
 */
export class AdapterTable {
  private readonly made = new WeakMap<UpstreamSettings, Partial<Record<InferenceEndpoint, UpstreamAdapter>>>();

  for(upstream: UpstreamSettings, { endpoint }: InferenceCall): UpstreamAdapter {
    let adapters = this.made.get(upstream);
    if (adapters === undefined) this.made.set(upstream, (adapters = {}));
    return (adapters[endpoint] ??= adapterOf(upstream, endpoint));
  }
}

const OPENAI = new OpenaiAdapter();
const MESSAGES = new AnthropicPassThrough('/messages');
const COUNT_TOKENS = new AnthropicPassThrough('/messages/count_tokens');
const RESPONSES = new ResponsesPassThrough();

/** The clients' wires, by the endpoint where they are spoken. */
const INBOUND = {
  chat_completions: new ChatInbound(),
  completions: new CompletionsInbound(),
  // Agents offer tools that only OpenAI hosts with every call: elsewhere the model does without them.
  responses: new ResponsesInbound('left_out'),
  messages: new MessagesInbound(),
} as const satisfies Partial<Record<InferenceEndpoint, InboundDialect>>;

function adapterOf(upstream: UpstreamSettings, endpoint: InferenceEndpoint): UpstreamAdapter {
  const { dialect } = upstream;
  switch (endpoint) {
    case 'chat_completions':
      return alike(upstream) ?? partner(upstream) ?? new TranslatingAdapter(INBOUND.chat_completions, outboundDialect(upstream));
    case 'completions':
      return alike(upstream) ?? new TranslatingAdapter(INBOUND.completions, outboundDialect(upstream));
    case 'embeddings':
      return alike(upstream) ?? embeddings(outboundDialect(upstream));
    case 'responses': {
      const isSpoken = dialect.name === 'responses' || (dialect.name === 'openai' && dialect.responses);
      return isSpoken ? RESPONSES : new TranslatingAdapter(INBOUND.responses, outboundDialect(upstream));
    }
    case 'messages':
      return claude(upstream, false) ?? new TranslatingAdapter(INBOUND.messages, outboundDialect(upstream));
    case 'count_tokens':
      return claude(upstream, true) ?? unspoken('/v1/messages/count_tokens', '/v1/messages');
  }
}

/** OpenAI's own wire, at its own address or at Azure's. */
function alike({ dialect }: UpstreamSettings): UpstreamAdapter | undefined {
  if (dialect.name === 'openai') return OPENAI;
  return dialect.name === 'azure' ? new AzureAdapter(azureOptions(dialect)) : undefined;
}

/** OpenAI's wire at Google's address: chat completions alone. */
function partner({ dialect }: UpstreamSettings): UpstreamAdapter | undefined {
  return dialect.name === 'vertex_ai' && dialect.publisher === 'partner' ? new VertexPartnerAdapter(vertexOptions(dialect)) : undefined;
}

/** Anthropic's own wire, at its own address or at Google's. */
function claude({ dialect }: UpstreamSettings, counts: boolean): UpstreamAdapter | undefined {
  if (dialect.name === 'anthropic') return counts ? COUNT_TOKENS : MESSAGES;
  return dialect.name === 'vertex_ai' && dialect.publisher === 'anthropic'
    ? new VertexAnthropicPassThrough(vertexOptions(dialect), counts)
    : undefined;
}

function embeddings(dialect: OutboundDialect): UpstreamAdapter {
  return 'writeEmbeddings' in dialect ? new EmbeddingsAdapter(dialect as EmbeddingDialect) : unspoken('/v1/embeddings', '/v1/chat/completions');
}

/** An endpoint that this upstream's provider has nothing like: told before anything is sent. */
function unspoken(path: string, instead: string): UpstreamAdapter {
  return {
    encode() {
      throw new GatewayError('invalid_value', `The model's provider does not serve ${path}; use ${instead}, or another model.`, { param: 'model' });
    },
    answer: unreachable,
    translator: unreachable,
    explain: unreachable,
  };
}

function unreachable(): never {
  throw new Error('nothing was sent');
}
