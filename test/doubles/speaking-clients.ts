import Anthropic, { APIError as AnthropicError } from '@anthropic-ai/sdk';
import OpenAI, { APIError as OpenAIError } from 'openai';
import type { ResponseStreamEvent } from 'openai/resources/responses/responses';

/** What a client made of one call, in words that all clients share. */
export interface Heard {
  readonly text: string;
  readonly thought: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly arguments: unknown }[];
  readonly usage: { readonly input: number; readonly output: number } | undefined;
  readonly stop: string | null | undefined;
  readonly model: string;
  readonly error?: HeardError;
}

export interface HeardError {
  readonly status: number | undefined;
  readonly kind: string | null | undefined;
  readonly message: string;
  readonly retryAfter: string | null | undefined;
}

/** An official library at one of its endpoints; it repeats nothing by itself. */
export type SpeakingClient = (url: string, model: string, scene: string, streams: boolean) => Promise<Heard>;

const promptOf = (scene: string): string => `Please play scene:${scene} now.`;
const CITY = { type: 'object' as const, properties: { city: { type: 'string' }, days: { type: 'integer' } }, required: ['city'] };
const NOTHING = { text: '', thought: '', calls: [], usage: undefined, stop: undefined, model: '' };

const chat: SpeakingClient = async (url, model, scene, streams) => {
  const client = new OpenAI({ apiKey: 'dev-key', baseURL: `${url}/v1`, maxRetries: 0 });
  const body = {
    model,
    messages: [
      { role: 'system' as const, content: 'Be brief.' },
      { role: 'user' as const, content: promptOf(scene) },
    ],
    max_completion_tokens: 1_000,
    tools: [{ type: 'function' as const, function: { name: 'weather', description: 'The weather', parameters: CITY } }],
  };
  let text = '';
  let thought = '';
  try {
    if (streams) {
      const stream = client.chat.completions.stream({ ...body, stream_options: { include_usage: true } });
      // The library counts what an error cut off as an unhandled end of its own.
      stream.on('chunk', ({ choices: [choice] }) => {
        text += choice?.delta.content ?? '';
        thought += thoughtOf(choice?.delta);
      });
      return { ...heardChat(await stream.finalChatCompletion()), text, thought };
    }
    return heardChat(await client.chat.completions.create(body));
  } catch (thrown) {
    return { ...NOTHING, text, thought, error: openaiError(thrown) };
  }
};

function heardChat({ choices: [choice], usage, model }: OpenAI.ChatCompletion): Heard {
  return {
    text: choice?.message.content ?? '',
    thought: thoughtOf(choice?.message),
    calls: (choice?.message.tool_calls ?? []).flatMap((call) =>
      call.type === 'function' ? [{ id: call.id, name: call.function.name, arguments: JSON.parse(call.function.arguments) as unknown }] : [],
    ),
    usage: usage === undefined ? undefined : { input: usage.prompt_tokens, output: usage.completion_tokens },
    stop: choice?.finish_reason,
    model,
  };
}

function thoughtOf(part: object | undefined): string {
  return (part as { reasoning_content?: string } | undefined)?.reasoning_content ?? '';
}

const messages: SpeakingClient = async (url, model, scene, streams) => {
  const client = new Anthropic({ apiKey: 'dev-key', baseURL: url, maxRetries: 0 });
  const body: Anthropic.MessageCreateParamsNonStreaming = {
    model,
    max_tokens: 1_000,
    system: 'Be brief.',
    messages: [{ role: 'user', content: promptOf(scene) }],
    tools: [{ name: 'weather', description: 'The weather', input_schema: CITY }],
  };
  let text = '';
  try {
    if (!streams) return heardMessage(await client.messages.create(body));
    const stream = client.messages.stream(body);
    stream.on('text', (delta) => (text += delta));
    return heardMessage(await stream.finalMessage());
  } catch (thrown) {
    if (!(thrown instanceof AnthropicError)) throw thrown;
    const { status, message, headers } = thrown;
    const told = (thrown.error as { error?: { type?: string } } | undefined)?.error;
    return { ...NOTHING, text, error: { status, message, kind: told?.type, retryAfter: headers?.get('retry-after') } };
  }
};

function heardMessage({ content, usage, stop_reason, model }: Anthropic.Message): Heard {
  return {
    text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    thought: content.map((block) => (block.type === 'thinking' ? block.thinking : '')).join(''),
    calls: content.flatMap((block) => (block.type === 'tool_use' ? [{ id: block.id, name: block.name, arguments: block.input }] : [])),
    usage: { input: usage.input_tokens, output: usage.output_tokens },
    stop: stop_reason,
    model,
  };
}

const responses: SpeakingClient = async (url, model, scene, streams) => {
  const client = new OpenAI({ apiKey: 'dev-key', baseURL: `${url}/v1`, maxRetries: 0 });
  const body = {
    model,
    instructions: 'Be brief.',
    input: promptOf(scene),
    store: false,
    max_output_tokens: 1_000,
    tools: [{ type: 'function' as const, name: 'weather', description: 'The weather', parameters: CITY, strict: false }],
  };
  let text = '';
  try {
    if (!streams) return heardResponse(await client.responses.create(body));
    let last: ResponseStreamEvent | undefined;
    for await (const event of await client.responses.create({ ...body, stream: true })) {
      last = event;
      if (event.type === 'response.output_text.delta') text += event.delta;
    }
    if (last?.type === 'response.failed') {
      const { code, message } = last.response.error ?? {};
      return { ...NOTHING, text, error: { status: undefined, kind: code, message: message ?? '', retryAfter: undefined } };
    }
    if (last?.type !== 'response.completed' && last?.type !== 'response.incomplete') throw new Error(`the stream ended with ${last?.type}`);
    return { ...heardResponse(last.response), text };
  } catch (thrown) {
    return { ...NOTHING, text, error: openaiError(thrown) };
  }
};

function heardResponse({ output, usage, status, incomplete_details, model }: OpenAI.Responses.Response): Heard {
  const parts = output.flatMap((item) => (item.type === 'message' ? item.content : []));
  return {
    text: parts.map((part) => (part.type === 'output_text' ? part.text : '')).join(''),
    thought: output.flatMap((item) => (item.type === 'reasoning' ? item.summary.map((part) => part.text) : [])).join(''),
    calls: output.flatMap((item) =>
      item.type === 'function_call' ? [{ id: item.call_id, name: item.name, arguments: JSON.parse(item.arguments) as unknown }] : [],
    ),
    usage: usage === undefined ? undefined : { input: usage.input_tokens, output: usage.output_tokens },
    stop: incomplete_details?.reason ?? status,
    model,
  };
}

function openaiError(thrown: unknown): HeardError {
  if (!(thrown instanceof OpenAIError)) throw thrown;
  const { status, code, message, headers } = thrown as OpenAIError<number | undefined, Headers | undefined>;
  return { status, kind: code, message, retryAfter: headers?.get('retry-after') };
}

export const SPEAKING_CLIENTS = { chat, messages, responses } as const satisfies Record<string, SpeakingClient>;
