import { CALL, type PlayedProvider, REFUSAL, type Scene, SIGNATURE, THOUGHT, TOKENS, wordsOf } from './scene.js';

const STOP = { text: 'end_turn', form: 'end_turn', thinks: 'end_turn', tool: 'tool_use', both: 'tool_use', length: 'max_tokens' } as const;
const FRAME = { id: 'msg_played', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5-20250929' };
const JSON_TEXT = JSON.stringify(CALL.arguments);
const TYPES: Readonly<Record<number, string>> = { 429: 'rate_limit_error', 500: 'api_error', 529: 'overloaded_error' };

export const ANTHROPIC: PlayedProvider = {
  upstream: () => 'litellm://anthropic/claude-sonnet-4-5',
  environment: (base) => ({ ANTHROPIC_API_BASE: base, ANTHROPIC_API_KEY: 'sk-ant-played' }),
  streamType: 'text/event-stream; charset=utf-8',
  answer: (scene) => ({
    ...FRAME,
    content: blocks(scene),
    stop_reason: STOP[scene],
    stop_sequence: null,
    usage: { input_tokens: TOKENS.input, output_tokens: TOKENS.output },
  }),
  stream: (scene) => [
    event('message_start', {
      message: { ...FRAME, content: [], stop_reason: null, stop_sequence: null, usage: { input_tokens: TOKENS.input, output_tokens: 1 } },
    }),
    ...blocks(scene).flatMap((block, index) => told(block, index, scene)),
    event('message_delta', { delta: { stop_reason: STOP[scene], stop_sequence: null }, usage: { output_tokens: TOKENS.output } }),
    event('message_stop', {}),
  ],
  refusal: (status) => ({ type: 'error', error: { type: TYPES[status] ?? 'invalid_request_error', message: REFUSAL }, request_id: 'req_played' }),
};

type Block = ReturnType<typeof blocks>[number];

function blocks(
  scene: Scene,
): (
  | { type: 'text'; text: string }
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'tool_use'; id: string; name: string; input: object }
)[] {
  const text = wordsOf(scene).join('');
  switch (scene) {
    case 'text':
    case 'form':
    case 'length':
      return [{ type: 'text', text }];
    case 'thinks':
      return [
        { type: 'thinking', thinking: THOUGHT, signature: SIGNATURE },
        { type: 'text', text },
      ];
    case 'tool':
      return [{ type: 'tool_use', id: CALL.id, name: CALL.name, input: CALL.arguments }];
    case 'both':
      return [...blocks('text'), ...blocks('tool')];
  }
}

function told(block: Block, index: number, scene: Scene): string[] {
  const delta = (words: object): string => event('content_block_delta', { index, delta: words });
  const around = (start: object, ...deltas: string[]): string[] => [
    event('content_block_start', { index, content_block: start }),
    event('ping', {}),
    ...deltas,
    event('content_block_stop', { index }),
  ];
  switch (block.type) {
    case 'text':
      return around({ type: 'text', text: '' }, ...wordsOf(scene).map((text) => delta({ type: 'text_delta', text })));
    case 'thinking':
      return around(
        { type: 'thinking', thinking: '', signature: '' },
        delta({ type: 'thinking_delta', thinking: THOUGHT }),
        delta({ type: 'signature_delta', signature: SIGNATURE }),
      );
    case 'tool_use':
      return around(
        { ...block, input: {} },
        delta({ type: 'input_json_delta', partial_json: '' }),
        delta({ type: 'input_json_delta', partial_json: JSON_TEXT.slice(0, 9) }),
        delta({ type: 'input_json_delta', partial_json: JSON_TEXT.slice(9) }),
      );
  }
}

function event(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}
