/** How a provider's OpenAI face differs in what it takes from a translated request. Nothing of it is needed for OpenAI itself. */
export interface ChatHabits {
  /** undefined: by the model's name. */
  readonly limitName?: 'max_tokens' | 'max_completion_tokens';
  /** `cache_control` at parts and tools (OpenRouter, LiteLLM). */
  readonly takesCacheMarks?: true;
  /** Where earlier thoughts are taken back; undefined: they are left out, for most providers refuse them. */
  readonly thoughtsAs?: 'reasoning_content' | 'thinking_blocks' | 'reasoning_details';
}
