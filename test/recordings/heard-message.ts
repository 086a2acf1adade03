import type { HeardAnswer, HeardChoice } from './heard-answer.js';

type Fields = Readonly<Record<string, unknown>>;

/** What a client of Anthropic's Messages made of a reply, told in the words of OpenAI's clients. */
export async function hearMessage(response: Response, streams: boolean): Promise<HeardAnswer> {
  const heard: HeardAnswer = { status: response.status, choices: [], usage: undefined, error: undefined, faults: [] };
  const text = await response.text();
  const message = streams && response.status === 200 ? gathered(text, heard) : (JSON.parse(text) as Fields);
  if (message['type'] === 'error') {
    const { type, message: words } = message['error'] as { type: string; message: string };
    heard.error = { code: type, message: words };
  } else tell(message, heard);
  return heard;
}

/** The message that the events of a stream add up to, or the error that it broke with. */
function gathered(text: string, heard: HeardAnswer): Fields {
  const message: Record<string, unknown> = {};
  const blocks: Record<string, unknown>[] = [];
  let usage: Fields = {};
  let isOver = false;
  for (const event of text.split('\n\n')) {
    if (event === '') continue;
    const [, name, json = '{}'] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? [];
    const data = JSON.parse(json) as Fields;
    if (name !== data['type']) heard.faults.push(`an event has no name, or another: ${event.slice(0, 40)}`);
    const block = blocks[Number(data['index'])];
    const delta = (data['delta'] ?? {}) as Fields;
    if (name === 'error') return data;
    if (name === 'message_start') usage = (Object.assign(message, data['message']) as Fields)['usage'] as Fields;
    if (name === 'content_block_start') blocks.push({ ...(data['content_block'] as object), json: '' });
    if (name === 'content_block_start' && blocks.length - 1 !== data['index']) heard.faults.push('blocks are not counted');
    for (const [field, part] of PARTS) if (block !== undefined) block[field] = asText(block[field]) + asText(delta[part]);
    if (name === 'message_delta') Object.assign(message, delta, { usage: { ...usage, ...(data['usage'] as object) } });
    isOver ||= name === 'message_stop';
  }
  if (!isOver) heard.faults.push('the stream does not end with message_stop');
  return { ...message, content: blocks.map(({ json, ...block }) => ({ ...block, ...(json !== '' && { input: parsed(asText(json)) }) })) };
}

const PARTS = [
  ['text', 'text'],
  ['thinking', 'thinking'],
  ['json', 'partial_json'],
] as const;

function tell(message: Fields, heard: HeardAnswer): void {
  const choice: HeardChoice = { text: '', reasoning: '', refusal: '', calls: [], finish: FINISH[asText(message['stop_reason'])] };
  if (choice.finish === undefined) heard.faults.push(`stop_reason is ${JSON.stringify(message['stop_reason'])}`);
  for (const block of message['content'] as readonly Fields[]) {
    if (block['type'] === 'text') choice.text += asText(block['text']);
    if (block['type'] === 'thinking') choice.reasoning += asText(block['thinking']);
    if (block['type'] === 'tool_use')
      choice.calls.push({ id: asText(block['id']), name: asText(block['name']), json: JSON.stringify(block['input'] ?? {}) });
  }
  heard.choices.push(choice);
  const usage = (message['usage'] ?? {}) as Readonly<Record<string, number>>;
  const { input_tokens: fresh = 0, output_tokens: output = 0, cache_read_input_tokens: read, cache_creation_input_tokens: written } = usage;
  heard.usage = {
    prompt_tokens: fresh + (read ?? 0) + (written ?? 0),
    completion_tokens: output,
    prompt_tokens_details: { cached_tokens: read ?? 0 },
  };
}

const FINISH: Readonly<Record<string, string>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  pause_turn: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
};

function parsed(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return { __unparsed__: json };
  }
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
