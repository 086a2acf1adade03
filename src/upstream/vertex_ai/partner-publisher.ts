/** Whose models have an address of their own at Vertex AI; undefined: all others share the project's OpenAI face. */
export function partnerPublisher(model: string): 'mistralai' | 'ai21' | undefined {
  if (/^(mistral|ministral|codestral)[-@]/.test(model)) return 'mistralai';
  return model.startsWith('jamba-') ? 'ai21' : undefined;
}
