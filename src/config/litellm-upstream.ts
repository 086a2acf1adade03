import type { ProviderQuirks } from '../contracts/gateway-settings.js';
import type { UpstreamDialect } from '../contracts/upstream-dialect.js';
import { bedrockAddress, bedrockName, bedrockRegion } from './bedrock-name.js';
import { httpAddress } from './http-address.js';
import { BARE_NAMES, LITELLM_PROVIDERS, OTHER_DIALECTS, type ProviderRow } from './litellm-providers.js';
import type { LitellmFault } from './litellm-fault.js';
import { nearestName } from './nearest-name.js';
import { OwnVariables, type ProviderOptions } from './own-variables.js';
import { providerDialect } from './provider-dialect.js';
import { baseWithVersion, trimmedBase } from './upstream-url.js';

/** Where a `litellm://` name leads. */
export interface LitellmUpstream {
  /** By LiteLLM's name for it. */
  readonly provider: string;
  readonly baseUrl: string;
  readonly model: string;
  readonly apiKey: string | undefined;
  /** Variables that may hold the key; told when none is set and one is needed. */
  readonly keyVariables: readonly string[];
  readonly keyMissing: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly quirks: ProviderQuirks;
  readonly dialect: UpstreamDialect;
}

type Variables = (name: string) => string | undefined;

/** LiteLLM's mark at a model that is served at the Responses API alone. */
const RESPONSES = 'responses/';

const PROXY_FIX = 'name an OpenAI-compatible server by http://, or set GATEWAY_LITELLM_PROXY_URL to a running LiteLLM proxy, which speaks it';

/** Finds the provider of a name as LiteLLM would, and what the upstream's own options, then the environment, say of it. */
export function litellmUpstream(
  name: string,
  variable: Variables,
  proxyUrl: URL | undefined,
  options: ProviderOptions = {},
): LitellmUpstream | LitellmFault {
  if (proxyUrl !== undefined) {
    const keyVariables = ['LITELLM_PROXY_API_KEY', 'LITELLM_API_KEY'];
    const apiKey = firstSet(keyVariables, variable)?.value;
    return {
      provider: 'litellm_proxy',
      baseUrl: baseWithVersion(proxyUrl),
      model: name,
      apiKey,
      keyVariables,
      keyMissing: false,
      headers: {},
      quirks: LITELLM_PROVIDERS.litellm_proxy.quirks,
      dialect: { name: 'openai', responses: false },
    };
  }
  const slash = name.indexOf('/');
  const prefix = slash < 0 ? BARE_NAMES.find(([pattern]) => pattern.test(name))?.[1] : name.slice(0, slash);
  const rest = slash < 0 ? name : name.slice(slash + 1);
  if (prefix === undefined)
    return {
      fault: 'LiteLLM knows no provider for this name without a prefix',
      fix: `write the provider before it, such as litellm://${nearestProvider(name)}/${name}`,
    };
  if (rest === '') return { fault: 'the model after the provider is missing', fix: `"litellm://${prefix}/MODEL"` };
  if (Object.hasOwn(OTHER_DIALECTS, prefix)) {
    return { fault: `${OTHER_DIALECTS[prefix as keyof typeof OTHER_DIALECTS]} (${prefix}) is not spoken here yet`, fix: PROXY_FIX };
  }
  if (!Object.hasOwn(LITELLM_PROVIDERS, prefix)) {
    const near = nearestName(prefix, [...Object.keys(LITELLM_PROVIDERS), ...Object.keys(OTHER_DIALECTS)]);
    return {
      fault: `${JSON.stringify(prefix)} is no known provider`,
      fix: near === undefined ? PROXY_FIX : `did you mean litellm://${near}/${rest}?`,
    };
  }
  const row: ProviderRow = LITELLM_PROVIDERS[prefix as keyof typeof LITELLM_PROVIDERS];
  const own = new OwnVariables(prefix, row, options);
  if (own.fault !== undefined) return own.fault;
  const known: Variables = (named) => own.get(named) ?? variable(named);
  const bridged = bridgedModel(row, rest);
  const dialect = bridged === undefined ? providerDialect(row, rest, known) : ({ name: 'responses' } as const);
  if ('fault' in dialect) return dialect;
  const upstream = reached(prefix, row, bridged ?? rest, dialect, known);
  return 'fault' in upstream ? own.placed(upstream) : upstream;
}

/** The model's name where it is asked for by the Responses API, whatever the client speaks. */
function bridgedModel({ responsesFace, responsesAlone }: ProviderRow, model: string): string | undefined {
  if (responsesFace !== undefined && model.startsWith(RESPONSES)) return model.slice(RESPONSES.length);
  return responsesAlone?.test(model) === true ? model : undefined;
}

function reached(prefix: string, row: ProviderRow, model: string, dialect: UpstreamDialect, variable: Variables): LitellmUpstream | LitellmFault {
  const base = baseOf(prefix, row, model, dialect, variable);
  if (typeof base !== 'string') return base;
  const keyVariables = keysOf(row, dialect);
  const apiKey = firstSet(keyVariables, variable)?.value;
  const headers: Record<string, string> = {};
  for (const [header, name] of Object.entries(row.headerEnv ?? {})) {
    const value = variable(name);
    if (value === undefined) continue;
    if (!/^[\x20-\x7e]+$/.test(value))
      return { variable: name, fault: 'becomes a header and may hold plain ASCII only', fix: `write it in plain ASCII, or unset ${name}` };
    headers[header] = value;
  }
  return {
    provider: prefix,
    baseUrl: base,
    model: modelOf(row, model),
    apiKey,
    keyVariables,
    keyMissing: apiKey === undefined && row.keyOptional !== true && !(dialect.name === 'azure' && dialect.application !== undefined),
    headers,
    quirks: row.quirks ?? {},
    dialect,
  };
}

function baseOf(prefix: string, row: ProviderRow, model: string, dialect: UpstreamDialect, variable: Variables): string | LitellmFault {
  const given = firstSet(row.baseEnv, variable);
  if (given !== undefined) {
    const address = httpAddress(given.value);
    if ('fault' in address) return { variable: given.name, fault: address.fault, fix: `${given.name}=${address.fix.replaceAll('"', '')}` };
    if (address.url.search !== '')
      return { variable: given.name, fault: 'the base of a provider may not hold a query', fix: 'remove "?" and what follows' };
    const base = trimmedBase(address.url);
    return withFace(base, faceOf(row, dialect));
  }
  const [first = ''] = row.baseEnv;
  if (dialect.name === 'vertex_ai') return vertexBase(dialect.location);
  if (row.dialect === 'bedrock') return bedrockAddress(bedrockRegion(bedrockName(model).region, variable)) + faceOf(row, dialect);
  if (row.base === undefined)
    return { variable: first, fault: `is not set, and ${prefix} has no address of its own`, fix: `${first}=http://localhost:8001/v1` };
  const missing = /\{(\w+)\}/.exec(row.base)?.[1];
  const filled = missing === undefined ? undefined : variable(missing);
  if (missing !== undefined && filled === undefined)
    return { variable: missing, fault: `is not set, and ${prefix} needs it for its address`, fix: `set ${missing}, or ${first}` };
  return missing === undefined ? row.base : row.base.replace(`{${missing}}`, encodeURIComponent(filled ?? ''));
}

/** An address may be given with the face, with more of the path behind it, or with the beginning of it. */
function withFace(base: string, face: string): string {
  if (base.endsWith(face) || (face === ANTHROPIC && base.includes(`${face}/`))) return base;
  return base.endsWith(OPENAI) && face.startsWith(`${OPENAI}/`) ? base + face.slice(OPENAI.length) : base + face;
}

const ANTHROPIC = '/anthropic';
const OPENAI = '/openai';

/** A token of Entra's is no key of Anthropic's wire. */
function keysOf({ keyEnv, claudeFace }: ProviderRow, dialect: UpstreamDialect): readonly string[] {
  return claudeFace !== undefined && dialect.name === 'anthropic' ? keyEnv.filter((name) => !name.endsWith('_TOKEN')) : keyEnv;
}

/** What stands between the address that is given and the paths of the API. */
function faceOf(row: ProviderRow, dialect: UpstreamDialect): string {
  if (dialect.name === 'responses') return row.responsesFace ?? '';
  if (dialect.name === 'anthropic' && row.claudeFace !== undefined) return row.claudeFace;
  return row.dialect === 'bedrock' && dialect.name === 'openai' ? '/openai/v1' : (row.face ?? '');
}

/** Vertex AI has an address for each location, and one for none in particular. */
function vertexBase(location: string): string {
  return location === 'global' ? 'https://aiplatform.googleapis.com' : `https://${location}-aiplatform.googleapis.com`;
}

function modelOf(row: ProviderRow, model: string): string {
  if (row.dialect === 'bedrock') return bedrockName(model).model;
  if (row.modelPrefix !== undefined && !model.startsWith(row.modelPrefix.slice(0, row.modelPrefix.indexOf('/') + 1))) return row.modelPrefix + model;
  const [, provider, rest] = (row.routedModel && /^([^/]+)\/([^/]+\/.+)$/.exec(model)) || [];
  return provider === undefined ? model : `${rest ?? ''}:${provider}`;
}

function firstSet(names: readonly string[], variable: Variables): { readonly name: string; readonly value: string } | undefined {
  for (const name of names) {
    const value = variable(name);
    if (value !== undefined) return { name, value };
  }
  return undefined;
}

/** A provider whose word the name contains, else `openai`. */
function nearestProvider(name: string): string {
  return Object.keys(LITELLM_PROVIDERS).find((provider) => name.toLowerCase().startsWith(provider.split('_')[0] ?? provider)) ?? 'openai';
}
