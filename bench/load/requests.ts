export const BENCH_KEY = 'bench-key';
const QUESTION = 'What is the capital of France, and how many people live there?';
const MANNER = 'You are a helpful assistant. Answer briefly.';

interface RequestOptions {
  readonly path?: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A call as bytes. */
export function post(body: object, { path = '/v1/chat/completions', key = BENCH_KEY, headers = {} }: RequestOptions = {}): Buffer {
  const text = JSON.stringify(body);
  const lines = Object.entries({
    ...headers,
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
  });
  return Buffer.from(`POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${text}`);
}

/** A small chat completion: two messages, a few options. */
export function smallChat(model = 'chat'): object {
  return {
    model,
    messages: [
      { role: 'system', content: MANNER },
      { role: 'user', content: QUESTION },
    ],
    temperature: 0.2,
    max_tokens: 64,
  };
}

export function streamedChat(model = 'chat'): object {
  return { ...smallChat(model), stream: true, stream_options: { include_usage: true } };
}

/** The small chat as Anthropic's clients ask it. */
export function smallMessages(model: string, stream: boolean): object {
  return { model, system: MANNER, messages: [{ role: 'user', content: QUESTION }], temperature: 0.2, max_tokens: 64, stream };
}

/** The small chat as a client of Responses asks it. */
export function smallResponse(model: string, stream: boolean): object {
  return { model, instructions: MANNER, input: QUESTION, temperature: 0.2, max_output_tokens: 64, store: false, stream };
}

/** A prompt of so many bytes of text. */
export function longPrompt(bytes: number, model = 'chat'): object {
  const sentence = 'The quick brown fox jumps over the lazy dog, and \\"nobody\\" minds.\n';
  return { ...smallChat(model), messages: [{ role: 'user', content: sentence.repeat(Math.ceil(bytes / sentence.length)).slice(0, bytes) }] };
}

/** An image of so many bytes, as base64 in a data address. */
export function imagePrompt(bytes: number, model = 'chat'): object {
  const data = Buffer.alloc(Math.floor((bytes * 3) / 4), 'nexus image bytes').toString('base64');
  return {
    ...smallChat(model),
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is in this picture?' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } },
        ],
      },
    ],
  };
}
