import { bedrockName } from '../../config/bedrock-name.js';
import { httpAddress } from '../../config/http-address.js';
import { litellmUpstream } from '../../config/litellm-upstream.js';
import { nameFault } from '../../config/setting-names.js';
import { readUpstreamUrl } from '../../config/upstream-url.js';
import { checkedUpstream } from './checked-upstream.js';
import type { Deployment } from './deployment.js';
import { SHARE_WORDS } from './deployment.js';
import type { ImportDraft } from './import-draft.js';
import { KeyVariables } from './key-variables.js';
import type { LitellmValue } from './litellm-value.js';
import { PARAMETER_ROWS, SHARED_VARIABLES } from './parameter-rows.js';
import { type Provider, providerOf } from './provider-of.js';
import { servedMode } from './served-mode.js';
import { hasPlaceholder } from './has-placeholder.js';

/** What the proxy of LiteLLM can still be asked for. */
const KEEP = 'keep a LiteLLM for it and name that as an upstream: { url: http://localhost:4000/v1, model: …, api_key_env: … }';

type Fields = Map<string, string | number>;
type Parameters = ReadonlyMap<string, LitellmValue>;

/** Entries of `model_list`, one after the other, become upstreams. */
export class ReadDeployment {
  private readonly keys: KeyVariables;
  /** What was said of each variable that counts for all upstreams of a provider. */
  private readonly shared = new Map<string, string>();

  constructor(
    private readonly draft: ImportDraft,
    private readonly credentials: readonly LitellmValue[],
  ) {
    this.keys = new KeyVariables(draft.report);
  }

  /** undefined: it is left out, and that was told. */
  read(at: LitellmValue): Deployment | undefined {
    const { report } = this.draft;
    const name = at.at('model_name')?.text;
    const written = at.at('litellm_params');
    if (name === undefined || !written?.isMap) return report.leave(at, 'model_name or litellm_params is missing', 'complete the entry') as undefined;
    const fault = nameFault(name) ?? (hasPlaceholder(name) ? 'a name may not hold ${…}' : undefined);
    if (fault !== undefined) return report.leave(at, fault, 'choose another name, and let clients ask for it') as undefined;
    const served = servedMode(at, this.draft.variables);
    if (served !== undefined) return report.leave(at, served, 'let its clients call the provider') as undefined;

    const parameters = this.withCredential(written);
    const fields = this.upstream(at, name, parameters);
    if (fields === undefined) return undefined;
    const checked = checkedUpstream(name, fields);
    if ('fault' in checked) return report.leave(at, `no upstream can be made of it: ${checked.fault}`, checked.fix) as undefined;
    for (const variable of checked.needs) report.variables.add(variable);

    this.tellOthers(at, parameters);
    const shares: { -readonly [by in keyof Deployment['shares']]: number } = {};
    for (const word of SHARE_WORDS) {
      const share = parameters.get(word);
      const number = share && this.draft.within(share, 0, Number.MAX_SAFE_INTEGER);
      if (number !== undefined) shares[word] = number;
    }
    const order = parameters.get('order');
    return { at, name, fields, shares, order: order && this.draft.within(order, 0, Number.MAX_SAFE_INTEGER) };
  }

  /** `*` with one provider of OpenAI's own wire: whatever nothing else matches goes there under its own name. Other patterns are left out. */
  readPattern(at: LitellmValue): Fields | undefined {
    const { report, variables } = this.draft;
    const parameters = this.withCredential(at.at('litellm_params') ?? at);
    const written = parameters.get('model');
    const model = (written && variables.textOf(written)) ?? '';
    const prefix = parameters.get('custom_llm_provider')?.text;
    const { row, model: rest } = providerOf(prefix === undefined || model.startsWith(`${prefix}/`) ? model : `${prefix}/${model}`);
    const given = parameters.get('api_base') ?? parameters.get('base_url');
    const base = given === undefined ? row?.base : variables.textOf(given);
    const isPlain = row !== undefined && row.dialect === undefined && row.quirks === undefined && row.modelPrefix === undefined && !row.routedModel;
    const url = base === undefined ? undefined : readUpstreamUrl(base);
    const leads = url !== undefined && !('fault' in url) && url.scheme === 'http' && url.target === base?.replace(/\/+$/, '');
    if (at.at('model_name')?.text !== '*' || model === '*' || rest !== '*' || !isPlain || !leads || hasPlaceholder(base ?? ''))
      return report.leave(
        at,
        'patterns of names are not known here',
        'write an upstream for each model in use: NAME: litellm://PROVIDER/MODEL',
      ) as undefined;
    const fields: Fields = new Map([['url', base ?? '']]);
    const key = parameters.get('api_key');
    const variable = key === undefined ? row.keyEnv[0] : this.keys.nameOf(key, 'default', row.keyOptional === true);
    if (variable !== undefined && (key !== undefined || row.keyOptional !== true)) {
      report.variables.add(variable);
      fields.set('api_key_env', variable);
    }
    const checked = checkedUpstream('default', fields);
    if ('fault' in checked) return report.leave(at, `no upstream can be made of it: ${checked.fault}`, checked.fix) as undefined;
    this.tellOthers(at, parameters);
    return this.withLimits(fields, parameters);
  }

  /** The parameters, those of the credential that is named among them. */
  private withCredential(written: LitellmValue): Parameters {
    const parameters = new Map(written.children.map((child) => [child.key, child]));
    const named = parameters.get('litellm_credential_name');
    if (named === undefined) return parameters;
    const credential = this.credentials.find((one) => one.at('credential_name')?.text === named.text);
    if (credential === undefined) this.draft.report.leave(named, 'no such entry stands in credential_list', 'write api_key_env into the upstream');
    for (const value of credential?.at('credential_values')?.children ?? []) if (!parameters.has(value.key)) parameters.set(value.key, value);
    return parameters;
  }

  private upstream(at: LitellmValue, name: string, parameters: Parameters): Fields | undefined {
    const { report, variables } = this.draft;
    const mock = parameters.get('mock_response')?.text;
    const fields: Fields = new Map();
    if (mock !== undefined) {
      fields.set('url', 'mock://local');
      if (!hasPlaceholder(mock)) fields.set('reply', mock);
      return this.withLimits(fields, parameters);
    }
    const written = parameters.get('model');
    const model = written && variables.textOf(written);
    if (model === undefined)
      return report.leave(written ?? at, 'no model is named, or its variable is not set here', 'name it, and import again') as undefined;
    const prefix = parameters.get('custom_llm_provider')?.text;
    const provider = providerOf(prefix === undefined || model.startsWith(`${prefix}/`) ? model : `${prefix}/${model}`);
    const { row } = provider;
    if (row === undefined) {
      const found = litellmUpstream(`${provider.prefix === '' ? '' : `${provider.prefix}/`}${provider.model}`, () => undefined, undefined);
      return report.leave(at, 'fault' in found ? found.fault : 'this provider is not known here', KEEP) as undefined;
    }
    if (!this.address(fields, provider, parameters)) return undefined;
    const key = parameters.get('api_key');
    if (key !== undefined && row.keyEnv.length === 0)
      report.leave(key, `${provider.prefix} takes no key here`, 'see docs/providers.md for what lets in');
    else if (key === undefined || key.variable === row.keyEnv[0]) this.ownKey(fields, provider, parameters);
    else {
      const variable = this.keys.nameOf(
        key,
        name,
        row.keyOptional === true || !String(fields.get('url')).startsWith('litellm://') || fields.has('api_base'),
      );
      if (variable !== undefined) fields.set('api_key_env', variable);
    }
    const version = parameters.get('api_version');
    if (version !== undefined && row.dialect === 'azure') this.option(fields, 'api_version', version, 'AZURE_API_VERSION');
    if (row.dialect === 'vertex_ai') {
      const project = parameters.get('vertex_project') ?? parameters.get('vertex_ai_project');
      const location = parameters.get('vertex_location') ?? parameters.get('vertex_ai_location');
      if (project) this.option(fields, 'vertex_project', project, 'VERTEXAI_PROJECT');
      if (location) this.option(fields, 'vertex_location', location, 'VERTEXAI_LOCATION');
    }
    const address = [...fields.values()].find((value) => typeof value === 'string' && hasPlaceholder(value));
    if (address !== undefined) return report.leave(at, 'it holds ${…}, which is not filled in', 'write the value out, and import again') as undefined;
    return this.withLimits(fields, parameters);
  }

  /** Writes where the upstream is. false: that cannot be told, and was said. */
  private address(fields: Fields, { prefix, model, row }: Provider, parameters: Parameters): boolean {
    const { report, variables } = this.draft;
    const endpoint = row?.dialect === 'bedrock' ? parameters.get('aws_bedrock_runtime_endpoint') : undefined;
    const given = endpoint ?? parameters.get('api_base') ?? parameters.get('base_url');
    const variable = given?.variable;
    const byVariable = variable !== undefined && row?.baseEnv.includes(variable);
    if (byVariable) report.variables.add(variable);
    const base = given === undefined || byVariable ? undefined : variables.textOf(given);
    if (given !== undefined && !byVariable && base === undefined) {
      report.leave(given, 'its variable is not set here, so that the address is not known', 'set it and import again, or write the address');
      return false;
    }
    const place = row?.dialect === 'bedrock' ? this.inRegion(model, parameters) : model;
    const isOwn = base !== undefined && !/^https?:\/\/api\.openai\.com(\/v1)?\/*$/.test(base);
    if (isOwn && SERVERS.has(prefix) && !place.startsWith('responses/')) {
      const url = readUpstreamUrl(base);
      const path = httpAddress(base);
      if (!('fault' in url) && !('fault' in path) && url.scheme === 'http' && url.target === base.replace(/\/+$/, '')) {
        fields.set('url', base);
        fields.set('model', model);
        return true;
      }
    }
    const known = isOwn && prefix === 'openai' && !place.startsWith('responses/') ? 'custom_openai' : prefix;
    fields.set('url', `litellm://${escaped(`${known}/${place}`)}`);
    if (isOwn) fields.set('api_base', base);
    return true;
  }

  /** `bedrock/[route/]REGION/model`, unless the name tells a region itself. */
  private inRegion(model: string, parameters: Parameters): string {
    const written = parameters.get('aws_region_name');
    if (written === undefined || bedrockName(model).region !== undefined) return model;
    if (written.variable === 'AWS_REGION_NAME' || written.variable === 'AWS_REGION') {
      this.draft.report.variables.add(written.variable);
      return model;
    }
    const region = this.draft.variables.textOf(written);
    const placed = model.replace(/^(?:(?:converse|converse_like|invoke|openai|agent)\/)?/, (route) => `${route}${region}/`);
    if (region !== undefined && bedrockName(placed).region === region) return placed;
    this.draft.report.leave(written, 'no region is known by that name, or its variable is not set here', 'write litellm://bedrock/REGION/MODEL');
    return model;
  }

  /** No key is named, or the one that is read in any case. */
  private ownKey(fields: Fields, { prefix, row }: Provider, parameters: Parameters): void {
    const [first] = row?.keyEnv ?? [];
    const isServer = !String(fields.get('url')).startsWith('litellm://') || String(fields.get('url')).startsWith('litellm://custom_openai/');
    const written = parameters.get('api_key');
    if (!isServer) {
      if (first !== undefined && (written !== undefined || row?.keyOptional !== true)) this.draft.report.variables.add(first);
    } else if (written !== undefined && first !== undefined) {
      this.draft.report.variables.add(first);
      fields.set('api_key_env', first);
    } else if (prefix === 'openai') {
      const base = parameters.get('api_base') ?? parameters.get('base_url');
      if (base)
        this.draft.report.remind(
          base,
          'LiteLLM would send OPENAI_API_KEY there; if that is meant, write api_key_env: OPENAI_API_KEY into the upstream',
        );
    }
  }

  /** An option that is read from a variable anyway needs no word. */
  private option(fields: Fields, option: string, value: LitellmValue, standard: string): void {
    const text = this.draft.variables.textOf(value);
    if (value.variable === standard) this.draft.report.variables.add(standard);
    else if (text === undefined)
      this.draft.report.leave(value, 'its variable is not set here', `set it and import again, or write ${option} into the upstream`);
    else fields.set(option, text);
  }

  private withLimits(fields: Fields, parameters: Parameters): Fields {
    const timeout = parameters.get('timeout');
    const parallel = parameters.get('max_parallel_requests');
    const seconds = timeout && this.draft.secondsOf(timeout);
    const calls = parallel && this.draft.within(parallel, 1, 1_000_000);
    if (seconds !== undefined) fields.set('timeout', seconds);
    if (calls !== undefined) fields.set('max_concurrency', Math.round(calls));
    return fields;
  }

  /** Whatever else stands there: as the table of parameters says. */
  private tellOthers(at: LitellmValue, parameters: Parameters): void {
    const { report } = this.draft;
    for (const [name, value] of parameters) {
      const row = Object.hasOwn(PARAMETER_ROWS, name) ? PARAMETER_ROWS[name] : undefined;
      const variable = Object.hasOwn(SHARED_VARIABLES, name) ? SHARED_VARIABLES[name] : undefined;
      if (variable !== undefined) this.sharedVariable(variable, value);
      else if (row === undefined) report.leave(value, 'this parameter is not known here', 'if the provider wants it, clients say it in each call');
      else if ('instead' in row && value.value !== false) report.leave(value, '', row.instead);
    }
    const info = at.at('model_info');
    if (info?.at('access_groups')) report.leave(info, 'access groups are not known here', 'name the models in allowed_models of api_key_policies');
    if (info?.at('team_id')) report.leave(info, 'teams are not known here', 'name the models in allowed_models of api_key_policies');
  }

  private sharedVariable(variable: string, value: LitellmValue): void {
    const { report } = this.draft;
    const said = value.text ?? '';
    const before = this.shared.get(variable);
    this.shared.set(variable, before ?? said);
    if (before !== undefined && before !== said)
      report.leave(value, `another entry says something else, and ${variable} counts for all upstreams`, 'serve them by a gateway of their own');
    else {
      report.variables.add(variable);
      if (value.variable !== variable)
        report.remind(value, `set ${variable} to this in the environment; it counts for every upstream of the provider`);
    }
  }
}

/** Prefixes that say no more than that a server speaks OpenAI's API. */
const SERVERS: ReadonlySet<string> = new Set(['openai', 'custom_openai', 'openai_like', 'hosted_vllm', 'litellm_proxy', 'lm_studio', 'llamafile']);

/** As the path of an address: what would end it is written otherwise. */
function escaped(name: string): string {
  return name.replaceAll(/[%?#\s]/g, encodeURIComponent);
}
