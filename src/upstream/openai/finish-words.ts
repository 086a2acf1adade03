/** How some providers call an end that has a word of OpenAI's. */
export const FINISH_WORDS: ReadonlyMap<unknown, 'length' | 'tool_calls' | 'content_filter'> = new Map([
  ['tool_call', 'tool_calls'],
  ['tool_use', 'tool_calls'],
  ['max_tokens', 'length'],
  ['model_length', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['safety', 'content_filter'],
  ['sensitive', 'content_filter'],
  ['refusal', 'content_filter'],
]);
