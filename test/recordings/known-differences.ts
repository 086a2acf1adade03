/** What a recording's independent reader tells otherwise, and why the gateway is right, or may be: by recordings, and by what differs. */
export interface KnownDifference {
  readonly ids: RegExp;
  readonly differs: RegExp;
  readonly reason: string;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  { ids: /^cohere\/.*reasoning/, differs: /^usage: .*"reasoning":0}$/, reason: 'Cohere counts how much was thought; the reader passes over it' },
  { ids: /^cohere\/.*stream/, differs: /^502 /, reason: "an answer of Cohere's first version, which is never asked for" },
  {
    ids: /^(gemini|vertex_ai)\/.*error400/,
    differs: /^status 502 instead of 400$/,
    reason: "a refused key is 400 at Google; it is the gateway's, not the client's",
  },
  { ids: /^ollama\/embeddings/, differs: /^502 /, reason: "an answer of Ollama's own wire, which is never asked for: its OpenAI face is" },
  {
    ids: /^openai\/chat-.*toolcall-gpt-5/,
    differs: /^said: heard .*"name":"math_exp".*"name":"",/,
    reason: 'a call of a custom tool goes on as it came; the reader passes over its name and input',
  },
  { ids: /^openai\/chat-.*namedtool/, differs: /^said: .*"finish":"stop"/, reason: 'a call that was demanded ends with "stop" at OpenAI itself' },
  {
    ids: /^openrouter\/chat-.*error403/,
    differs: /^status 403 instead of 502$/,
    reason: 'OpenRouter refuses with 403 what was said, not who says it',
  },
  {
    ids: /^snowflake\//,
    differs: /^said: .*recorded .*"calls":\[\{"name":"","arguments":\{\}\}/,
    reason: 'a call that is written out empty is none; the reader counts it',
  },
];
