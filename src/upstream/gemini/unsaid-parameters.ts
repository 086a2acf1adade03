import { GatewayError } from '../../contracts/gateway-error.js';
import type { NeutralRequest } from '../neutral/neutral-request.js';
import { asObject, type JsonObject } from '../openai/json-value.js';
import { isMakeable } from './image-wishes.js';

/**
 * What is left out without a word, because it changes nothing in the answer, or because LiteLLM's users are used to it:
 * who asks (`user`, `safety_identifier`, `metadata`), what is kept (`store`), how it is cached (`prompt_cache_key`, `prompt_cache_retention`,
 * marks at messages), how fast it is served (`service_tier`, `speed`), hints for other models (`verbosity`, `context_management`),
 * `strict` of tools.
 * Everything else that Gemini has no word for is refused by name.
 */
const LEFT_OUT = new Set([
  'user',
  'safety_identifier',
  'metadata',
  'store',
  'prompt_cache_key',
  'prompt_cache_retention',
  'service_tier',
  'speed',
  'verbosity',
  'context_management',
]);

/** What only the client's wire has a name for and Gemini knows too: its own parameters, as LiteLLM's users write them, and the search. */
export function unsaidParameters({ unsaid }: NeutralRequest, isVertex: boolean): JsonObject {
  const body: Record<string, unknown> = {};
  for (const [name, value] of unsaid) {
    switch (name) {
      case 'safety_settings':
      case 'safetySettings':
        body['safetySettings'] = value;
        break;
      case 'cached_content':
      case 'cachedContent':
        body['cachedContent'] = value;
        break;
      case 'web_search_options':
        body['tools'] = [{ googleSearch: {} }];
        break;
      case 'labels':
        if (!isVertex) throw refusal(name);
        body['labels'] = value;
        break;
      case 'logit_bias':
        if (Object.keys(asObject(value) ?? { any: 0 }).length > 0) throw refusal(name);
        break;
      case 'modalities':
        if (!isMakeable(value)) throw refusal(name);
        break;
      // Of images: see `imageWishes`.
      case 'imageConfig':
      case 'image_config':
        break;
      default:
        if (!LEFT_OUT.has(name)) throw refusal(name);
    }
  }
  return body;
}

function refusal(name: string): GatewayError {
  return new GatewayError('invalid_value', `${name} cannot be used with this model, which does not know it. Leave it out.`, { param: name });
}
