import { OPENAI_CHAT } from './openai-chat.js';
import { CALL, type PlayedProvider, type Scene, THOUGHT, TOKENS, wordsOf } from './scene.js';

const USAGE = {
  input_tokens: TOKENS.input,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: TOKENS.output,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: TOKENS.input + TOKENS.output,
};
const JSON_TEXT = JSON.stringify(CALL.arguments);

export const OPENAI_RESPONSES: PlayedProvider = {
  upstream: () => 'litellm://openai/responses/inner-pro',
  environment: (base) => ({ OPENAI_API_BASE: base, OPENAI_API_KEY: 'sk-played' }),
  streamType: 'text/event-stream',
  answer: (scene) => response(scene, true),
  stream: (scene) => {
    const events: object[] = [
      { type: 'response.created', response: response(scene, false) },
      { type: 'response.in_progress', response: response(scene, false) },
      ...output(scene).flatMap((item, place) => told(item, place, scene)),
      { type: scene === 'length' ? 'response.incomplete' : 'response.completed', response: response(scene, true) },
    ];
    return events.map((event, index) => {
      const data = { ...event, sequence_number: index } as { type?: string };
      return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
    });
  },
  refusal: (status) => OPENAI_CHAT.refusal(status),
};

interface Item {
  readonly type: 'message' | 'function_call' | 'reasoning';
  readonly id: string;
}

function response(scene: Scene, isOver: boolean): object {
  return {
    id: 'resp_played',
    object: 'response',
    created_at: 1760000000,
    model: 'inner-pro',
    status: isOver ? (scene === 'length' ? 'incomplete' : 'completed') : 'in_progress',
    incomplete_details: isOver && scene === 'length' ? { reason: 'max_output_tokens' } : null,
    error: null,
    instructions: null,
    output: isOver ? output(scene) : [],
    parallel_tool_calls: true,
    tool_choice: 'auto',
    tools: [],
    usage: isOver ? USAGE : null,
  };
}

function output(scene: Scene): Item[] {
  const text = wordsOf(scene).join('');
  const message = {
    type: 'message',
    id: 'msg_1',
    status: 'completed',
    role: 'assistant',
    content: [{ type: 'output_text', text, annotations: [] }],
  } as const;
  switch (scene) {
    case 'text':
    case 'form':
    case 'length':
      return [message];
    case 'both':
      return [...output('text'), ...output('tool')];
    case 'thinks': {
      const reasoning = { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: THOUGHT }] } as const;
      return [reasoning, message];
    }
    case 'tool': {
      const call = { type: 'function_call', id: 'fc_1', status: 'completed', call_id: CALL.id, name: CALL.name, arguments: JSON_TEXT } as const;
      return [call];
    }
  }
}

function told(item: Item, place: number, scene: Scene): object[] {
  const at = { item_id: item.id, output_index: place };
  const part = { type: 'output_text', text: '', annotations: [] };
  switch (item.type) {
    case 'message':
      return [
        { type: 'response.output_item.added', output_index: place, item: { ...item, status: 'in_progress', content: [] } },
        { type: 'response.content_part.added', ...at, content_index: 0, part },
        ...wordsOf(scene).map((delta) => ({ type: 'response.output_text.delta', ...at, content_index: 0, delta })),
        { type: 'response.output_text.done', ...at, content_index: 0, text: wordsOf(scene).join('') },
        { type: 'response.content_part.done', ...at, content_index: 0, part: { ...part, text: wordsOf(scene).join('') } },
        { type: 'response.output_item.done', output_index: place, item },
      ];
    case 'reasoning':
      return [
        { type: 'response.output_item.added', output_index: place, item: { ...item, summary: [] } },
        { type: 'response.reasoning_summary_part.added', ...at, summary_index: 0, part: { type: 'summary_text', text: '' } },
        { type: 'response.reasoning_summary_text.delta', ...at, summary_index: 0, delta: THOUGHT },
        { type: 'response.reasoning_summary_text.done', ...at, summary_index: 0, text: THOUGHT },
        { type: 'response.reasoning_summary_part.done', ...at, summary_index: 0, part: { type: 'summary_text', text: THOUGHT } },
        { type: 'response.output_item.done', output_index: place, item },
      ];
    case 'function_call':
      return [
        { type: 'response.output_item.added', output_index: place, item: { ...item, status: 'in_progress', arguments: '' } },
        { type: 'response.function_call_arguments.delta', ...at, delta: JSON_TEXT.slice(0, 9) },
        { type: 'response.function_call_arguments.delta', ...at, delta: JSON_TEXT.slice(9) },
        { type: 'response.function_call_arguments.done', ...at, arguments: JSON_TEXT },
        { type: 'response.output_item.done', output_index: place, item },
      ];
  }
}
