/** What a client has at the end of a stream, put together as its wire asks; throws where the order is not the wire's. */
export interface Heard {
  readonly calls: { readonly id: string; readonly name: string; json: string }[];
  text: string;
  reasoning: string;
}

interface Told {
  readonly type?: string;
  readonly [name: string]: unknown;
}

export const HEARD_CLIENTS: Readonly<Record<'chat' | 'messages' | 'responses', (stream: string) => Heard>> = {
  chat(stream) {
    const heard = nothing();
    for (const { choices } of eventsOf(stream) as unknown as { choices: Chunk['choices'] }[]) {
      const { content, reasoning_content: thought, tool_calls: calls = [] } = choices[0]?.delta ?? {};
      heard.text += content ?? '';
      heard.reasoning += thought ?? '';
      for (const { index, id, function: called } of calls) {
        if (id !== undefined) heard.calls[index] = { id, name: called.name ?? '', json: '' };
        (heard.calls[index] as Heard['calls'][number]).json += called.arguments ?? '';
      }
    }
    return heard;
  },

  messages(stream) {
    const heard = nothing();
    let open: { readonly index: number; readonly type: string } | undefined;
    let blocks = 0;
    for (const told of eventsOf(stream) as unknown as Block[]) {
      switch (told.type) {
        case 'content_block_start':
          ensure(open === undefined && told.index === blocks, 'a block begins while another is open');
          blocks += 1;
          open = { index: told.index, type: told.content_block.type };
          if (told.content_block.type === 'tool_use') heard.calls.push({ id: told.content_block.id, name: told.content_block.name, json: '' });
          break;
        case 'content_block_delta': {
          ensure(open?.index === told.index, 'a piece of a block that is not open');
          const { type, text, thinking, partial_json: json } = told.delta;
          ensure(
            (json !== undefined) === (open.type === 'tool_use') && (text !== undefined || type === 'citations_delta') === (open.type === 'text'),
            'a piece of another kind',
          );
          heard.text += text ?? '';
          heard.reasoning += thinking ?? '';
          if (json !== undefined) (heard.calls.at(-1) as Heard['calls'][number]).json += json;
          break;
        }
        case 'content_block_stop':
          ensure(open?.index === told.index, 'a block ends that is not open');
          open = undefined;
          break;
        case 'message_stop':
          ensure(open === undefined, 'the message ends before its block');
      }
    }
    return heard;
  },

  responses(stream) {
    const heard = nothing();
    const items = new Map<number, { json: string; done?: unknown }>();
    const events = eventsOf(stream);
    for (const [at, told] of events.entries()) {
      ensure(told['sequence_number'] === at, 'a number is left out');
      const place = told['output_index'] as number;
      const item = items.get(place);
      switch (told.type) {
        case 'response.output_item.added':
          ensure(item === undefined && place === items.size, 'an item is added out of its order');
          items.set(place, { json: '' });
          break;
        case 'response.output_item.done':
          ensure(item !== undefined && item.done === undefined, 'an item is done twice');
          item.done = told['item'];
          break;
        case 'response.completed':
          ensure(at === events.length - 1, 'something is told after the end');
          ensure(
            JSON.stringify((told['response'] as { output: unknown }).output) === JSON.stringify([...items.values()].map(({ done }) => done)),
            'the end repeats other items',
          );
          break;
        default:
          ensure(place === undefined || (item !== undefined && item.done === undefined), 'a piece of an item that is not open');
          if (told.type === 'response.function_call_arguments.delta' && item !== undefined) item.json += told['delta'] as string;
          if (told.type === 'response.output_text.delta') heard.text += told['delta'] as string;
          if (told.type === 'response.reasoning_summary_text.delta') heard.reasoning += told['delta'] as string;
      }
    }
    for (const { json, done } of items.values()) {
      const item = done as { readonly type: string; readonly call_id: string; readonly name: string; readonly arguments: string };
      if (item.type !== 'function_call') continue;
      ensure(json === item.arguments, 'the pieces of a call are not the call');
      heard.calls.push({ id: item.call_id, name: item.name, json });
    }
    return heard;
  },
};

interface Chunk {
  readonly choices: readonly {
    readonly delta: {
      readonly content?: string | null;
      readonly reasoning_content?: string;
      readonly tool_calls?: readonly {
        readonly index: number;
        readonly id?: string;
        readonly function: { readonly name?: string; readonly arguments?: string };
      }[];
    };
  }[];
}

type Block =
  | {
      readonly type: 'content_block_start';
      readonly index: number;
      readonly content_block: { readonly type: 'text' | 'thinking' | 'tool_use'; readonly id: string; readonly name: string };
    }
  | {
      readonly type: 'content_block_delta';
      readonly index: number;
      readonly delta: { readonly type: string; readonly text?: string; readonly thinking?: string; readonly partial_json?: string };
    }
  | { readonly type: 'content_block_stop'; readonly index: number }
  | { readonly type: 'message_stop' };

function nothing(): Heard {
  return { calls: [], text: '', reasoning: '' };
}

function eventsOf(stream: string): Told[] {
  return stream
    .split('\n\n')
    .map((event) => event.slice(event.indexOf('data: ') + 'data: '.length))
    .filter((data) => data !== '' && data !== '[DONE]' && data.startsWith('{'))
    .map((data) => JSON.parse(data) as Told);
}

function ensure(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}
