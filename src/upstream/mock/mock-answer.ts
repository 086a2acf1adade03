/** What the mock has to say, before it is timed. */
export interface MockAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly pieces: readonly Buffer[];
  /** In a stream: the piece that brings the first token, and how many tokens follow each other from there. */
  readonly tokensFrom: number;
  readonly tokens: number;
  /** Whether pieces go out as they are made (a stream), or only when the last is ready. */
  readonly stream: boolean;
}

/** A complete body; `tokens` is what it cost to make. */
export function wholeAnswer(status: number, body: unknown, tokens = 0, headers: Readonly<Record<string, string>> = {}): MockAnswer {
  const bytes = Buffer.from(JSON.stringify(body));
  return {
    status,
    headers: { 'content-type': 'application/json', 'content-length': String(bytes.length), ...headers },
    pieces: [bytes],
    tokensFrom: 0,
    tokens,
    stream: false,
  };
}
