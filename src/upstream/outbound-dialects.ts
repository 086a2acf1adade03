import type { UpstreamSettings } from '../contracts/gateway-settings.js';
import { AnthropicOutbound } from './anthropic/anthropic-outbound.js';
import { awsSigner } from './aws-signer.js';
import { AzureOutbound } from './azure/azure-outbound.js';
import { azureOptions } from './azure-options.js';
import { BedrockOutbound } from './bedrock/bedrock-outbound.js';
import { CohereOutbound } from './cohere/cohere-outbound.js';
import { GeminiOutbound } from './gemini/gemini-outbound.js';
import type { OutboundDialect } from './neutral/outbound-dialect.js';
import { ChatOutbound } from './openai/chat-outbound.js';
import { ResponsesOutbound } from './responses/responses-outbound.js';
import { VertexAnthropicOutbound } from './vertex_ai/vertex-anthropic-outbound.js';
import { VertexGeminiOutbound } from './vertex_ai/vertex-gemini-outbound.js';
import { VertexPartnerOutbound } from './vertex_ai/vertex-partner-outbound.js';
import { vertexOptions } from './vertex-options.js';
import { WatsonxOutbound } from './watsonx/watsonx-outbound.js';
import { watsonxOptions } from './watsonx-options.js';

/** The wire that an upstream is written to and read from, for clients that speak another. */
export function outboundDialect({ dialect, quirks, apiKey }: UpstreamSettings): OutboundDialect {
  switch (dialect.name) {
    case 'openai':
      return new ChatOutbound(quirks);
    case 'responses':
      return new ResponsesOutbound();
    case 'anthropic':
      return new AnthropicOutbound();
    case 'gemini':
      return new GeminiOutbound();
    case 'azure':
      return new AzureOutbound(azureOptions(dialect));
    case 'watsonx':
      return new WatsonxOutbound(watsonxOptions(dialect, apiKey));
    case 'cohere':
      return new CohereOutbound();
    case 'bedrock':
      return new BedrockOutbound(awsSigner(dialect));
    case 'vertex_ai': {
      const options = vertexOptions(dialect);
      switch (dialect.publisher) {
        case 'anthropic':
          return new VertexAnthropicOutbound(options);
        case 'partner':
          return new VertexPartnerOutbound(options);
        case 'google':
          return new VertexGeminiOutbound(options);
      }
    }
  }
}
