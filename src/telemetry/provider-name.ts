import type { UpstreamSettings } from '../contracts/gateway-settings.js';

/** Providers that OpenTelemetry's conventions call by another name than LiteLLM does. */
const NAMES = new Map<string, string>([
  ['text-completion-openai', 'openai'],
  ['custom_openai', 'openai'],
  ['openai_like', 'openai'],
  ['anthropic_text', 'anthropic'],
  ['azure', 'azure.ai.openai'],
  ['azure_text', 'azure.ai.openai'],
  ['azure_ai', 'azure.ai.inference'],
  ['bedrock', 'aws.bedrock'],
  ['bedrock_converse', 'aws.bedrock'],
  ['vertex_ai', 'gcp.vertex_ai'],
  ['vertex_ai_beta', 'gcp.vertex_ai'],
  ['gemini', 'gcp.gemini'],
  ['mistral', 'mistral_ai'],
  ['codestral', 'mistral_ai'],
  ['moonshot', 'moonshot_ai'],
  ['xai', 'x_ai'],
  ['cohere_chat', 'cohere'],
  ['hosted_vllm', 'vllm'],
  ['ollama_chat', 'ollama'],
  ['ai21_chat', 'ai21'],
]);

/** `gen_ai.provider.name`. Of a server that was named by its address only its wire is known. */
export function providerName({ kind, provider }: UpstreamSettings): string {
  if (kind === 'mock') return 'mock';
  return provider === undefined ? 'openai' : (NAMES.get(provider) ?? provider);
}
