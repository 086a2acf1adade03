/** What a recording's independent reader tells otherwise, and why the gateway is right, or may be: by recordings, and by what differs. */
export interface KnownDifference {
  readonly ids: RegExp;
  readonly differs: RegExp;
  readonly reason: string;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  { ids: /^cohere\/.*reasoning/, differs: /^usage: .*"reasoning":0}$/, reason: 'Cohere counts how much was thought; the reader passes over it' },
  { ids: /^(cohere|writer)\/.*stream/, differs: /^502 /, reason: "streams of Cohere's first version are not spoken: the second is asked for" },
  { ids: /^databricks\/chat-stream/, differs: /^usage\.\w+ is no count$/, reason: 'usage before the end has nulls in it, and passes as it came' },
  {
    ids: /^(gemini|vertex_ai)\/.*error400/,
    differs: /^status 502 instead of 400$/,
    reason: "a refused key is 400 at Google; it is the gateway's, not the client's",
  },
  {
    ids: /^(gemini|vertex_ai)\/generate-stream/,
    differs: /^502 .* where a stream was asked\.$/,
    reason: 'recorded as a list of JSON; the gateway asks for events, and gets them',
  },
  {
    ids: /^github_copilot\/chat-stream/,
    differs: /^(id is no text|object is undefined)$/,
    reason: "a first chunk of Azure's filter, from a server that is not configured as Azure's",
  },
  { ids: /^ollama\/embeddings/, differs: /^502 /, reason: "Ollama's own wire is not spoken: its OpenAI face is" },
  { ids: /^openai\/chat-.*toolcall-gpt-5/, differs: /^(tool_calls\.|a call has no)/, reason: 'a call of a custom tool has no function' },
  { ids: /^openai\/chat-.*namedtool/, differs: /^said: .*"finish":"stop"/, reason: 'a call that was demanded ends with "stop" at OpenAI itself' },
  {
    ids: /^openrouter\/chat-.*error403/,
    differs: /^status 403 instead of 502$/,
    reason: 'OpenRouter refuses with 403 what was said, not who says it',
  },
  {
    ids: /^perplexity\/chat-stream/,
    differs: /^object is "chat\.completion\.done"$/,
    reason: 'the last chunk has a name of its own, and passes as it came',
  },
  { ids: /^snowflake\//, differs: /./, reason: "a wire of its own, which resembles OpenAI's, and is not spoken" },
  {
    ids: /^tgi\/chat-/,
    differs: /^(id is no text$|said: )/,
    reason: 'no ids of answers, and an end that names no call or is missing, pass as they came',
  },
  { ids: /^together_ai\/chat-/, differs: /^(finish_reason is "eos"$|said: .*"finish":"eos")/, reason: 'an elder word for "stop" passes as it came' },
  { ids: /^vertex_ai\/.*blocked/, differs: /^usage: heard nothing, .*"prompt":0,/, reason: 'zeros for a refused prompt are not told' },
];
