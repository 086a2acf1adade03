import type { KnownDifference } from './known-differences.js';

/** What clients of Messages and Responses hear otherwise than the recording's reader tells, beside what clients of chat completions do. */
export const DIFFERENCES_ELSEWHERE: readonly KnownDifference[] = [
  { ids: /^anthropic\/reported-error5/, differs: /^status 5\d\d instead of 502$/, reason: "Anthropic's refusals reach its own clients as they came" },
  { ids: /./, differs: /^usage: heard \{"prompt":0,"completion":0,"cached":0\}, recorded nothing$/, reason: 'a message always counts' },
  { ids: /toolcall-length/, differs: /^said: .*__unparsed__/, reason: 'arguments that were cut off are no object' },
  {
    ids: /^openai\/chat-.*toolcall-gpt-4/,
    differs: /^an id of a call is not/,
    reason: 'a call of a function, as it was before there were tools, has no id',
  },
  { ids: /^openai\/chat-.*toolcall-gpt-5/, differs: /^said: .*"name":"",/, reason: 'no client of Messages can offer a custom tool' },
  { ids: /^azure\/chat-.*cacheread.*grok/, differs: /^usage: /, reason: 'there cached tokens are part of the others: what is cached was sent' },
  { ids: /^openai_compatible\/.*grok/, differs: /^usage: /, reason: "the total tells that reasoning is not among the completion's tokens" },
  { ids: /^openrouter\/chat-.*reasoning/, differs: /^said: /, reason: 'thoughts that stand in blocks alone are told as thoughts' },
];
