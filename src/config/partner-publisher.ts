/** Of publishers other than Google and Anthropic, who has an address of his own at Vertex AI, by a model's name; undefined: none such. */
export function partnerPublisher(model: string): 'mistralai' | 'ai21' | undefined {
  if (/^(mistral|ministral|codestral)[-@]/.test(model)) return 'mistralai';
  return model.startsWith('jamba-') ? 'ai21' : undefined;
}
