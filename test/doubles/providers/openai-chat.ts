import { CALL, type PlayedProvider, REFUSAL, type Scene, THOUGHT, TOKENS, wordsOf } from './scene.js';

const USAGE = { prompt_tokens: TOKENS.input, completion_tokens: TOKENS.output, total_tokens: TOKENS.input + TOKENS.output };
const FINISH = { text: 'stop', form: 'stop', thinks: 'stop', tool: 'tool_calls', both: 'tool_calls', length: 'length' } as const;
const JSON_TEXT = JSON.stringify(CALL.arguments);

export const OPENAI_CHAT: PlayedProvider = {
  upstream: (base) => `${base}?model=inner-chat`,
  environment: () => ({}),
  streamType: 'text/event-stream',
  answer: (scene) => ({
    id: 'chatcmpl-played',
    object: 'chat.completion',
    created: 1760000000,
    model: 'inner-chat',
    choices: [{ index: 0, message: { role: 'assistant', ...said(scene) }, logprobs: null, finish_reason: FINISH[scene] }],
    usage: USAGE,
  }),
  stream: (scene) => [
    chunk({ role: 'assistant', content: '' }),
    ...deltas(scene).map((delta) => chunk(delta)),
    chunk({}, FINISH[scene]),
    `data: ${JSON.stringify({ ...FRAME, choices: [], usage: USAGE })}\n\n`,
    'data: [DONE]\n\n',
  ],
  refusal: (status) => ({
    error: { message: REFUSAL, type: status === 429 ? 'requests' : 'invalid_request_error', param: 'temperature', code: 'out_of_range' },
  }),
  // In numbers, whatever was asked for, as many servers of this wire do.
  embeddings: (vectors) => ({
    object: 'list',
    data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })),
    model: 'inner-chat',
    usage: { prompt_tokens: TOKENS.input, total_tokens: TOKENS.input },
  }),
};

const FRAME = { id: 'chatcmpl-played', object: 'chat.completion.chunk', created: 1760000000, model: 'inner-chat' };

function said(scene: Scene): object {
  switch (scene) {
    case 'text':
    case 'form':
    case 'length':
      return { content: wordsOf(scene).join('') };
    case 'both':
      return { ...said('tool'), ...said('text') };
    case 'thinks':
      return { content: wordsOf(scene).join(''), reasoning_content: THOUGHT };
    case 'tool':
      return { content: null, tool_calls: [{ id: CALL.id, type: 'function', function: { name: CALL.name, arguments: JSON_TEXT } }] };
  }
}

function deltas(scene: Scene): object[] {
  const words = wordsOf(scene).map((content) => ({ content }));
  switch (scene) {
    case 'text':
    case 'form':
    case 'length':
      return words;
    case 'both':
      return [...deltas('text'), ...deltas('tool')];
    case 'thinks':
      return [{ reasoning_content: THOUGHT }, ...words];
    case 'tool':
      return [
        { tool_calls: [{ index: 0, id: CALL.id, type: 'function', function: { name: CALL.name, arguments: '' } }] },
        { tool_calls: [{ index: 0, function: { arguments: JSON_TEXT.slice(0, 9) } }] },
        { tool_calls: [{ index: 0, function: { arguments: JSON_TEXT.slice(9) } }] },
      ];
  }
}

function chunk(delta: object, finish: string | null = null): string {
  return `data: ${JSON.stringify({ ...FRAME, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
}
