import { claudeModel } from '../anthropic/claude-model.js';

/**
 * What a model on Bedrock can be asked for through Converse, by its id: with or without a region's prefix, or an ARN that ends in it. Of an id
 * that tells no family nothing special is asked.
 */
export interface BedrockModel {
  readonly family: 'claude' | 'nova' | 'gpt-oss' | 'other';
  /** `outputConfig.textFormat`, or a tool that must be called, or words alone. */
  readonly schemas: 'native' | 'tool' | 'any-tool' | 'words';
  /** Prompt caching: none, of instructions and messages, or of tools as well. */
  readonly caches: 'nothing' | 'messages' | 'all';
  /** `strict` tools. */
  readonly takesStrict: boolean;
}

export function bedrockModel(id: string): BedrockModel {
  if (id.includes('anthropic.claude')) return claude(id);
  if (id.includes('amazon.nova'))
    return { family: 'nova', schemas: 'tool', caches: id.includes('nova-premier') ? 'nothing' : 'messages', takesStrict: false };
  if (id.includes('openai.gpt-oss')) return { family: 'gpt-oss', schemas: 'native', caches: 'nothing', takesStrict: false };
  return { family: 'other', schemas: NATIVE.test(id) ? 'native' : ANY_TOOL.test(id) ? 'any-tool' : 'words', caches: 'nothing', takesStrict: false };
}

const NATIVE =
  /\b(qwen\.qwen3|deepseek\.v3|minimax\.|moonshot(ai)?\.|google\.gemma-3|nvidia\.|mistral\.(ministral-3|magistral|mistral-large-3|voxtral))/;
const ANY_TOOL = /\bmistral\.(mistral-(large|small)|pixtral)/;

function claude(id: string): BedrockModel {
  const { structuredOutputs } = claudeModel(id);
  const isOld = /claude-(v\d|instant|3-(opus|sonnet|haiku))/.test(id);
  return {
    family: 'claude',
    schemas: structuredOutputs !== 'no' ? 'native' : /claude-(v\d|instant)/.test(id) ? 'words' : 'tool',
    caches: isOld || id.includes('claude-3-5-sonnet-20240620') ? 'nothing' : 'all',
    takesStrict: structuredOutputs !== 'no',
  };
}
