import type { NeutralRequest } from '../neutral/neutral-request.js';
import { asArray, asObject, asText, type JsonObject } from '../openai/json-value.js';

/** In `generationConfig`: that images are wanted (`modalities`), and how they shall look (`imageConfig` as Google's clients write it, `image_config` as OpenRouter's do). */
export function imageWishes({ unsaid }: NeutralRequest): JsonObject {
  const modalities = asArray(unsaid.get('modalities'));
  const config = asObject(unsaid.get('imageConfig')) ?? spelled(asObject(unsaid.get('image_config')));
  return {
    ...(modalities?.includes('image') === true && { responseModalities: modalities.map((modality) => String(modality).toUpperCase()) }),
    ...(config !== undefined && { imageConfig: config }),
  };
}

/** `aspect_ratio` is `aspectRatio`. */
function spelled(config: JsonObject | undefined): JsonObject | undefined {
  if (config === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [name.replaceAll(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase()), value]),
  );
}

/** What `modalities` may hold here: sound is made by none of the models that chat. */
export function isMakeable(modalities: unknown): boolean {
  return asArray(modalities)?.every((modality) => ['text', 'image'].includes(asText(modality) ?? '')) === true;
}
