import { CALL, type PlayedProvider, REFUSAL, type Scene, THOUGHT, TOKENS, wordsOf } from './scene.js';

const FINISH = { text: 'COMPLETE', form: 'COMPLETE', thinks: 'COMPLETE', tool: 'TOOL_CALL', both: 'TOOL_CALL', length: 'MAX_TOKENS' } as const;
const COUNTS = { input_tokens: TOKENS.input, output_tokens: TOKENS.output };
const USAGE = { billed_units: COUNTS, tokens: COUNTS };
const JSON_TEXT = JSON.stringify(CALL.arguments);

export const COHERE: PlayedProvider = {
  upstream: () => 'litellm://cohere/command-a-03-2025',
  environment: (base) => ({ COHERE_API_BASE: base, COHERE_API_KEY: 'played' }),
  streamType: 'text/event-stream',
  answer: (scene) => ({ id: 'played', message: { role: 'assistant', ...said(scene) }, finish_reason: FINISH[scene], usage: USAGE }),
  stream: (scene) => [
    event('message-start', { id: 'played', delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } } }),
    ...told(scene),
    event('message-end', { delta: { finish_reason: FINISH[scene], usage: USAGE } }),
    'data: [DONE]\n\n',
  ],
  refusal: () => ({ id: 'played', message: REFUSAL }),
  embeddings: (float) => ({ id: 'played', embeddings: { float }, meta: { billed_units: { input_tokens: TOKENS.input } } }),
};

function said(scene: Scene): object {
  const text = { type: 'text', text: wordsOf(scene).join('') };
  switch (scene) {
    case 'text':
    case 'form':
    case 'length':
      return { content: [text] };
    case 'both':
      return { ...said('text'), ...said('tool') };
    case 'thinks':
      return { content: [{ type: 'thinking', thinking: THOUGHT }, text] };
    case 'tool':
      return { tool_calls: [{ id: CALL.id, type: 'function', function: { name: CALL.name, arguments: JSON_TEXT } }] };
  }
}

function told(scene: Scene): string[] {
  switch (scene) {
    case 'text':
    case 'form':
    case 'length':
      return content(0, { type: 'text', text: '' }, ...wordsOf(scene).map((text) => ({ text })));
    case 'both':
      return [...told('text'), ...told('tool')];
    case 'thinks':
      return [
        ...content(0, { type: 'thinking', thinking: '' }, { thinking: THOUGHT }),
        ...content(1, { type: 'text', text: '' }, ...wordsOf(scene).map((text) => ({ text }))),
      ];
    case 'tool': {
      const call = (words: object): object => ({ index: 0, delta: { message: { tool_calls: words } } });
      return [
        event('tool-call-start', call({ id: CALL.id, type: 'function', function: { name: CALL.name, arguments: '' } })),
        event('tool-call-delta', call({ function: { arguments: JSON_TEXT.slice(0, 9) } })),
        event('tool-call-delta', call({ function: { arguments: JSON_TEXT.slice(9) } })),
        event('tool-call-end', { index: 0 }),
      ];
    }
  }
}

function content(index: number, start: object, ...deltas: object[]): string[] {
  const part = (type: string, words: object): string => event(type, { index, delta: { message: { content: words } } });
  return [part('content-start', start), ...deltas.map((delta) => part('content-delta', delta)), event('content-end', { index })];
}

function event(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}
