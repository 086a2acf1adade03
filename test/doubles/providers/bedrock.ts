import { eventFrame } from '../event-stream-frame.js';
import { CALL, type PlayedProvider, REFUSAL, type Scene, SIGNATURE, THOUGHT, TOKENS, wordsOf } from './scene.js';

const STOP = { text: 'end_turn', form: 'end_turn', thinks: 'end_turn', tool: 'tool_use', both: 'tool_use', length: 'max_tokens' } as const;
const USAGE = { inputTokens: TOKENS.input, outputTokens: TOKENS.output, totalTokens: TOKENS.input + TOKENS.output };
const JSON_TEXT = JSON.stringify(CALL.arguments);
const TYPES: Readonly<Record<number, string>> = {
  401: 'UnrecognizedClientException',
  429: 'ThrottlingException',
  503: 'ServiceUnavailableException',
};

export const BEDROCK: PlayedProvider = {
  upstream: () => 'litellm://bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0',
  environment: (base) => ({
    AWS_BEDROCK_RUNTIME_ENDPOINT: base,
    AWS_ACCESS_KEY_ID: 'AKIAPLAYED',
    AWS_SECRET_ACCESS_KEY: 'played',
    AWS_REGION_NAME: 'eu-central-1',
  }),
  streamType: 'application/vnd.amazon.eventstream',
  answer: (scene) => ({
    output: { message: { role: 'assistant', content: blocks(scene) } },
    stopReason: STOP[scene],
    usage: USAGE,
    metrics: { latencyMs: 7 },
  }),
  stream: (scene) => [
    eventFrame('messageStart', { role: 'assistant' }),
    ...deltas(scene).flatMap((told, index) => [...told.map((part) => part(index)), eventFrame('contentBlockStop', { contentBlockIndex: index })]),
    eventFrame('messageStop', { stopReason: STOP[scene] }),
    eventFrame('metadata', { usage: USAGE, metrics: { latencyMs: 7 } }),
  ],
  refusal: (status) => ({ __type: TYPES[status] ?? 'ValidationException', message: REFUSAL }),
  embeddings: (float) => ({ id: 'played', embeddings: { float }, response_type: 'embeddings_by_type' }),
};

function blocks(scene: Scene): object[] {
  const text = wordsOf(scene).join('');
  switch (scene) {
    case 'text':
    case 'form':
    case 'length':
      return [{ text }];
    case 'thinks':
      return [{ reasoningContent: { reasoningText: { text: THOUGHT, signature: SIGNATURE } } }, { text }];
    case 'tool':
      return [{ toolUse: { toolUseId: CALL.id, name: CALL.name, input: CALL.arguments } }];
    case 'both':
      return [...blocks('text'), ...blocks('tool')];
  }
}

/** The events of each block, but for the one that ends it. */
function deltas(scene: Scene): ((contentBlockIndex: number) => Buffer)[][] {
  const delta = (words: object) => (contentBlockIndex: number) => eventFrame('contentBlockDelta', { contentBlockIndex, delta: words });
  const words = wordsOf(scene).map((text) => delta({ text }));
  switch (scene) {
    case 'text':
    case 'form':
    case 'length':
      return [words];
    case 'both':
      return [...deltas('text'), ...deltas('tool')];
    case 'thinks':
      return [[delta({ reasoningContent: { text: THOUGHT } }), delta({ reasoningContent: { signature: SIGNATURE } })], words];
    case 'tool': {
      const start = { toolUse: { toolUseId: CALL.id, name: CALL.name } };
      const pieces = [JSON_TEXT.slice(0, 9), JSON_TEXT.slice(9)];
      return [
        [
          (contentBlockIndex) => eventFrame('contentBlockStart', { contentBlockIndex, start }),
          ...pieces.map((input) => delta({ toolUse: { input } })),
        ],
      ];
    }
  }
}
