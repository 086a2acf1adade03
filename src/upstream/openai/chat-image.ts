/** An image that the model made, as OpenRouter's and LiteLLM's clients read it in `images`. `index`: counts the images of an answer from 0. */
export function chatImage(index: number, { mime, base64 }: { readonly mime: string; readonly base64: string }): object {
  return { type: 'image_url', image_url: { url: `data:${mime};base64,${base64}` }, index };
}
