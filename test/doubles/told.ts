/** What a client was told, whole: an answer, a refusal or a stream with its words, its error and its end. */
export interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly error: { readonly message: string; readonly type: string; readonly param: string | null; readonly code: string | null } | undefined;
  /** The content of a chat, streamed or not. */
  readonly words: string;
  readonly isDone: boolean;
}

interface Part {
  readonly error?: Told['error'];
  readonly choices?: readonly { readonly delta?: { readonly content?: string }; readonly message?: { readonly content?: string } }[];
}

/** One chat for the key `dev-key`, read to its end. */
export async function chat(url: string, body: Readonly<Record<string, unknown>>, headers: Readonly<Record<string, string>> = {}): Promise<Told> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer dev-key', 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'Hello' }], ...body }),
  });
  const text = await response.text();
  const events = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  const data = events ? text.split(/(?:\r\n|\n|\r){2}/).map(dataOf) : [text];
  const parts = data.filter((one) => one !== '[DONE]' && one !== '').map((one) => JSON.parse(one) as Part);
  const words = parts.map(({ choices }) => choices?.[0]?.delta?.content ?? choices?.[0]?.message?.content ?? '').join('');
  const error = parts.find((part) => part.error !== undefined)?.error;
  return { status: response.status, headers: response.headers, text, error, words, isDone: data.findLast((one) => one !== '') === '[DONE]' };
}

/** What an event says: its data lines, joined as a browser would. */
function dataOf(event: string): string {
  const lines = event.split(/\r\n|\n|\r/).filter((line) => line.startsWith('data:'));
  return lines.map((line) => line.slice('data:'.length).trim()).join('\n');
}
