import type { LitellmFault } from './litellm-fault.js';
import type { ProviderRow } from './litellm-providers.js';

/** What an upstream says of its provider itself, by the name of its option; `api_key`: what `api_key_env` led to. */
export type ProviderOptions = {
  readonly [option in 'api_base' | 'api_version' | 'vertex_project' | 'vertex_location' | 'api_key']?: string | undefined;
};

/** An upstream's own options, read as if its provider's variables said so: they come before the environment. */
export class OwnVariables {
  /** An option that means nothing to this provider. */
  readonly fault: LitellmFault | undefined;
  private readonly values = new Map<string, { readonly option: string; readonly value: string }>();

  constructor(prefix: string, { baseEnv, keyEnv, dialect }: ProviderRow, options: ProviderOptions) {
    const variables: { readonly [option in keyof ProviderOptions]-?: string | undefined } = {
      api_base: baseEnv[0],
      api_key: keyEnv[0],
      api_version: dialect === 'azure' ? 'AZURE_API_VERSION' : dialect === 'watsonx' ? 'WATSONX_API_VERSION' : undefined,
      vertex_project: dialect === 'vertex_ai' ? 'VERTEXAI_PROJECT' : undefined,
      vertex_location: dialect === 'vertex_ai' ? 'VERTEXAI_LOCATION' : undefined,
    };
    for (const [option, value] of Object.entries(options) as [keyof ProviderOptions, string | undefined][]) {
      const variable = variables[option];
      if (value === undefined) continue;
      if (variable !== undefined) this.values.set(variable, { option, value });
      else if (option !== 'api_key') this.fault ??= { option, fault: `means nothing to ${prefix}`, fix: `remove ${option}` };
    }
  }

  get(variable: string): string | undefined {
    return this.values.get(variable)?.value;
  }

  /** A fault of a variable that an option stood for is the option's. */
  placed(fault: LitellmFault): LitellmFault {
    const own = fault.variable === undefined ? undefined : this.values.get(fault.variable);
    if (own === undefined) return fault;
    return { option: own.option, fault: fault.fault, fix: fault.fix.replace(`${fault.variable ?? ''}=`, `${own.option}: `) };
  }
}
