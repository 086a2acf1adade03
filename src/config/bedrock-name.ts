/** Where at Bedrock a LiteLLM name leads. */
export interface BedrockName {
  /** `openai`: the provider's OpenAI face (`/openai/v1`). Everything else is spoken to by Converse; `agent` cannot be. */
  readonly route: 'converse' | 'openai' | 'agent';
  /** As the name or its ARN tells; undefined: as the environment does. */
  readonly region: string | undefined;
  /** As Bedrock knows it, a region's prefix (`us.`, `eu.`, `global.`) kept. */
  readonly model: string;
}

/**
 * `[converse/|converse_like/|invoke/|openai/|agent/][<region>/]<model or ARN>`, what follows `bedrock/` in a name. A word before an ARN, which
 * tells LiteLLM the model's family (`llama/arn:…`), says nothing here. A model that is imported keeps its own name.
 */
export function bedrockName(rest: string): BedrockName {
  const [, route, routed = ''] = /^(?:(converse|converse_like|invoke|openai|agent)\/)?(.*)$/s.exec(rest) ?? [];
  const [, named, unplaced = ''] = /^(?:([a-z]{2,5}(?:-[a-z]+){1,3}-\d{1,2})\/)?(.*)$/s.exec(routed) ?? [];
  const arn = /arn:aws[\w-]*:.*$/s.exec(unplaced)?.[0];
  const region = named ?? arn?.split(':')[3];
  return {
    route: route === 'openai' || route === 'agent' ? route : 'converse',
    region: region === '' ? undefined : region,
    model: arn ?? unplaced,
  };
}

/** `AWS_REGION_NAME`, then `AWS_REGION`, as LiteLLM reads them. */
export function bedrockRegion(named: string | undefined, variable: (name: string) => string | undefined): string {
  return named ?? variable('AWS_REGION_NAME') ?? variable('AWS_REGION') ?? 'us-west-2';
}

/** The region's own address; `AWS_BEDROCK_RUNTIME_ENDPOINT`, where it is set, stands in its place. */
export function bedrockAddress(region: string): string {
  return `https://bedrock-runtime.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}
