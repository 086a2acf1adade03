import { type Agent, type IncomingHttpHeaders, request } from 'node:http';

export interface OpenStream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** What came so far. */
  text(): string;
  /** Everything, once the answer has ended as HTTP ends one; rejects when the connection was cut instead. */
  readonly whole: Promise<string>;
}

/** A streamed chat completion, as soon as its first event is here. */
export function openStream(url: string, { model = 'mock', agent }: { readonly model?: string; readonly agent?: Agent } = {}): Promise<OpenStream> {
  const body = JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'hello' }] });
  const headers = { 'x-api-key': 'dev-key', 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/v1/chat/completions`, { method: 'POST', headers, agent: agent ?? false });
    sent.once('error', reject);
    sent.once('response', (response) => {
      let text = '';
      const whole = new Promise<string>((end, cut) => {
        response.once('end', () => end(text));
        response.once('error', cut);
      });
      // Whoever waits for it hears of it.
      whole.catch(() => undefined);
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.once('data', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: () => text, whole }));
    });
    sent.end(body);
  });
}
