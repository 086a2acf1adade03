import { BARE_NAMES, LITELLM_PROVIDERS, type ProviderRow } from '../../config/litellm-providers.js';

export interface Provider {
  readonly prefix: string;
  /** The model's name without the prefix. */
  readonly model: string;
  /** undefined: nobody here speaks to it. */
  readonly row: ProviderRow | undefined;
}

/** Whose model a name of LiteLLM's is. */
export function providerOf(name: string): Provider {
  const slash = name.indexOf('/');
  const prefix = slash < 0 ? (BARE_NAMES.find(([pattern]) => pattern.test(name))?.[1] ?? '') : name.slice(0, slash);
  const row = Object.hasOwn(LITELLM_PROVIDERS, prefix) ? LITELLM_PROVIDERS[prefix as keyof typeof LITELLM_PROVIDERS] : undefined;
  return { prefix, model: name.slice(slash + 1), row };
}
