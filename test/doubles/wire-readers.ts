type Json = Readonly<Record<string, unknown>>;

/** What a client makes of the first answer it gets. */
export interface Said {
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly arguments: unknown }[];
}

/** What is no JSON is told as it stands: models break off in the midst of it. */
function given(json: string): unknown {
  if (json === '') return {};
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return json;
  }
}

/** Clients that know nothing but the wire: what they send for a prompt, and what they read in the JSON that comes back, whole or event by event. */
export const WIRE_READERS = {
  messages: {
    path: '/v1/messages',
    request: (prompt: string): object => ({ max_tokens: 1_000, messages: [{ role: 'user', content: prompt }] }),
    read(events: readonly Json[]): Said {
      const blocks: { type: string; text?: string; name?: string; input?: unknown; json?: string }[] = [];
      for (const event of events as readonly {
        type: string;
        content?: typeof blocks;
        index?: number;
        content_block?: (typeof blocks)[number];
        delta?: { text?: string; partial_json?: string };
      }[]) {
        if (event.type === 'message') blocks.push(...(event.content ?? []));
        if (event.content_block !== undefined) blocks[event.index ?? 0] = { ...event.content_block };
        const block = event.type === 'content_block_delta' ? blocks[event.index ?? 0] : undefined;
        if (block === undefined) continue;
        block.text = (block.text ?? '') + (event.delta?.text ?? '');
        block.json = (block.json ?? '') + (event.delta?.partial_json ?? '');
      }
      return {
        text: blocks.map((block) => (block.type === 'text' ? (block.text ?? '') : '')).join(''),
        calls: blocks.flatMap(({ type, name = '', json, input }) => (type === 'tool_use' ? [{ name, arguments: json ? given(json) : input }] : [])),
      };
    },
  },
  responses: {
    path: '/v1/responses',
    request: (prompt: string): object => ({ input: prompt }),
    read(events: readonly Json[]): Said {
      const last = events.at(-1) as { response?: Json } | undefined;
      const { output = [] } = (last?.response ?? last ?? {}) as {
        output?: { type: string; name?: string; arguments?: string; content?: { type: string; text?: string }[] }[];
      };
      return {
        text: output
          .flatMap(({ type, content = [] }) =>
            type === 'message' ? content.map((part) => (part.type === 'output_text' ? (part.text ?? '') : '')) : [],
          )
          .join(''),
        calls: output.flatMap((item) => (item.type === 'function_call' ? [{ name: item.name ?? '', arguments: given(item.arguments ?? '') }] : [])),
      };
    },
  },
} as const;
