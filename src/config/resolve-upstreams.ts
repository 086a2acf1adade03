import type { MockSettings, UpstreamSettings } from '../contracts/gateway-settings.js';
import { checkObject } from './check-object.js';
import type { Environment } from './environment.js';
import type { Findings } from './findings.js';
import { type LitellmUpstream, litellmUpstream } from './litellm-upstream.js';
import { nearestName } from './nearest-name.js';
import { isVariableName } from './is-variable-name.js';
import type { ProviderOptions } from './own-variables.js';
import { Place } from './place.js';
import type { SecretFiles } from './secret-files.js';
import { settingFields } from './setting.js';
import { nameFault } from './setting-names.js';
import { shownValue } from './shown-value.js';
import { UpstreamFile } from './upstream-file.js';
import { readUpstreamUrl, UPSTREAM_OPTIONS, type UpstreamUrl, type UpstreamUrlFault } from './upstream-url.js';

/** What an upstream has when its own options say nothing. */
export interface UpstreamDefaults {
  readonly firstByteTimeoutMs: number;
  readonly concurrencyMax: number;
  readonly litellmProxyUrl: URL | undefined;
}

/** Upstreams as configured become addresses, keys and options. A name whose entry is faulty is kept in `names`, so that nobody calls it unknown. */
export class ResolveUpstreams {
  readonly names = new Set<string>();
  readonly upstreams = new Map<string, UpstreamSettings>();
  private readonly secrets = new Map<string, string | undefined>();

  constructor(
    private readonly environment: Environment,
    private readonly secretFiles: SecretFiles,
    private readonly defaults: UpstreamDefaults,
    private readonly findings: Findings,
  ) {}

  add(name: unknown, entry: unknown, map: Place): void {
    const place = map.at(String(name));
    const fault = nameFault(name);
    const before = this.findings.mistakes.length;
    if (fault !== undefined) this.findings.mistake(place, shownValue(name), fault, 'choose another name, such as "llama"');
    this.names.add(String(name));
    const fields = entry instanceof Map ? entry : typeof entry === 'string' ? new Map([['url', entry]]) : undefined;
    if (fields === undefined)
      return this.findings.mistake(place, shownValue(entry), 'must be an address, or a map with url and options', '"http://localhost:8001"');
    const made = this.upstream(String(name), fields, place, entry instanceof Map ? place.at('url') : place);
    if (made !== undefined && this.findings.mistakes.length === before) this.upstreams.set(made.name, made);
  }

  private upstream(name: string, fields: ReadonlyMap<unknown, unknown>, place: Place, urlPlace: Place): UpstreamSettings | undefined {
    const address = fields.get('url');
    const url = typeof address === 'string' ? readUpstreamUrl(address) : undefined;
    if (url !== undefined && 'fault' in url) this.findings.mistake(urlPlace, shownValue(address), url.fault, url.fix);
    const known = url?.scheme === undefined ? [...settingFields(UpstreamFile).keys()] : UPSTREAM_OPTIONS[url.scheme];
    const merged = url === undefined ? fields : this.withQuery(fields, url, known, place, urlPlace);
    const options = checkObject(UpstreamFile, merged, place, this.findings, ['url', ...known], (key) =>
      key === 'url' ? urlPlace : fields.has(key) ? place.at(key) : place.at(key).withParts('text'),
    );
    const ownKey = options.api_key_env === undefined ? undefined : this.key(options.api_key_env, place.at('api_key_env'));
    if (url === undefined || 'fault' in url) return undefined;

    const timeoutMs = options.timeout === undefined ? this.defaults.firstByteTimeoutMs : Math.ceil(options.timeout * 1000);
    const common = {
      name,
      model: options.model,
      headers: {},
      quirks: {},
      dialect: OPENAI_DIALECT,
      keyMissing: false,
      apiKey: undefined,
      mock: undefined,
      firstByteTimeoutMs: timeoutMs,
      concurrencyMax: options.max_concurrency ?? this.defaults.concurrencyMax,
      passThroughErrors: options.pass_through_errors ?? false,
    } as const;
    if (url.scheme === 'mock') return { ...common, kind: 'mock', baseUrl: url.target, mock: mockOf(options) };
    if (url.scheme === 'http') return { ...common, kind: 'http', baseUrl: url.target, apiKey: ownKey };
    // An option that was refused was meant all the same.
    const meant = (option: keyof UpstreamFile & keyof ProviderOptions): string | undefined =>
      options[option] ?? (merged.has(option) ? STAND_INS[option] : undefined);
    const own: ProviderOptions = {
      api_base: meant('api_base'),
      api_version: meant('api_version'),
      vertex_project: meant('vertex_project'),
      vertex_location: meant('vertex_location'),
      api_key: ownKey,
    };
    const provider = this.provider(url.target, place, urlPlace, address, own);
    if (provider === undefined) return undefined;
    const apiKey = ownKey ?? provider.apiKey;
    const keyMissing = provider.keyMissing && apiKey === undefined;
    if (keyMissing && !merged.has('api_key_env'))
      this.findings.warn(
        place,
        `has no key: set ${provider.keyVariables[0] ?? 'api_key_env'}; until then its calls are refused as upstream_auth_failed`,
      );
    return {
      ...common,
      kind: 'http',
      provider: provider.provider,
      baseUrl: provider.baseUrl,
      model: provider.model,
      apiKey,
      keyMissing,
      headers: provider.headers,
      quirks: provider.quirks,
      dialect: provider.dialect,
    };
  }

  /** Options of the query beside the fields of the file: either, not both. */
  private withQuery(
    fields: ReadonlyMap<unknown, unknown>,
    url: UpstreamUrl | UpstreamUrlFault,
    known: readonly string[],
    place: Place,
    urlPlace: Place,
  ): Map<unknown, unknown> {
    const merged = new Map(fields);
    for (const [key, value] of fields) {
      const field = typeof key === 'string' ? settingFields(UpstreamFile).get(key) : undefined;
      if (typeof value === 'string' && field?.kind.textInFile)
        merged.set(
          key,
          field.kind.fromText(value, () => undefined),
        );
    }
    const seen = new Set<string>();
    for (const [name, value] of url.options) {
      const field = known.includes(name) ? settingFields(UpstreamFile).get(name) : undefined;
      if (field === undefined) {
        const near = nearestName(name, known);
        this.findings.mistake(
          place.at(name),
          '(not shown)',
          url.scheme === undefined ? 'is no option of an upstream' : `is no option of a ${url.scheme} upstream`,
          near === undefined ? `known here: ${known.join(', ')}` : `did you mean ${near}?`,
        );
      } else if (seen.has(name) || fields.has(name))
        this.findings.mistake(urlPlace, shownValue(fields.get('url')), `${name} is given twice`, 'keep one of them');
      else
        merged.set(
          name,
          field.kind.fromText(value, () => undefined),
        );
      seen.add(name);
    }
    return merged;
  }

  /** Where a name leads. What keeps it from leading anywhere is told one after the other, each time as if the former were mended. */
  private provider(model: string, place: Place, urlPlace: Place, address: unknown, options: ProviderOptions): LitellmUpstream | undefined {
    const meant: Record<string, string | undefined> = { ...options };
    const variables = new Map<string, string>();
    const told = new Set<string>();
    for (;;) {
      const found = litellmUpstream(model, (name) => variables.get(name) ?? this.secret(name), this.defaults.litellmProxyUrl, meant);
      if (!('fault' in found)) return told.size === 0 ? found : undefined;
      const { option, variable, fault, fix } = found;
      const name = option ?? variable;
      if (name === undefined) {
        this.findings.mistake(urlPlace, shownValue(address), fault, fix);
        return undefined;
      }
      if (option !== undefined) {
        const at = place.at(option);
        const value = new RegExp(`^${option}: (.*)$`, 's').exec(fix)?.[1];
        if (!told.has(name)) this.findings.mistake(at, shownValue(meant[option]), fault, value === undefined ? fix : at.setTo(value));
        // Mended once, and still at fault: it means nothing here.
        meant[option] = told.has(name) ? undefined : STAND_INS[option];
      } else if (variable !== undefined) {
        if (told.has(name)) return undefined;
        this.findings.mistake(Place.variable(variable), shownValue(this.environment.get(variable)), fault, fix);
        variables.set(variable, /BASE|URL|ENDPOINT/.test(variable) ? STAND_IN_ADDRESS : STAND_IN_TEXT);
      }
      told.add(name);
    }
  }

  private key(variable: string, place: Place): string | undefined {
    const value = this.secret(variable);
    const isSet = this.environment.get(variable) !== undefined || this.environment.get(`${variable}_FILE`) !== undefined;
    if (value === undefined && !isSet)
      this.findings.mistake(
        place,
        isVariableName(variable) ? JSON.stringify(variable) : '***',
        'this environment variable is not set',
        isVariableName(variable) ? `set ${variable}, or ${variable}_FILE, or remove api_key_env` : 'name a variable that is set, not the key itself',
      );
    return value;
  }

  /** A variable, or what stands in the file that `…_FILE` names. A key that cannot stand in a header is a mistake, told once. */
  private secret(variable: string): string | undefined {
    if (!this.secrets.has(variable)) this.secrets.set(variable, this.readSecret(variable));
    return this.secrets.get(variable);
  }

  private readSecret(variable: string): string | undefined {
    const direct = this.environment.get(variable);
    const path = direct === undefined ? this.environment.get(`${variable}_FILE`) : undefined;
    if (path !== undefined) {
      const read = this.secretFiles.read(path);
      if ('reason' in read)
        this.findings.mistake(Place.variable(`${variable}_FILE`), shownValue(path), read.reason, 'name a readable file that holds the secret alone');
      else return this.sendable(`${variable}_FILE`, read.text);
    }
    return direct === undefined ? undefined : this.sendable(variable, direct);
  }

  private sendable(variable: string, value: string): string | undefined {
    if (/^[\x20-\x7e]+$/.test(value) && value.trim() !== '') return value.trim();
    this.findings.mistake(Place.variable(variable), '***', 'must be plain text on one line, not white space alone', 'write the key alone');
    return undefined;
  }
}

/** Stands for what was refused, so that the rest can be looked at; nothing that is made of it is used. */
const STAND_IN_ADDRESS = 'http://127.0.0.1:9';
const STAND_IN_TEXT = 'name';
const STAND_INS: Readonly<Record<string, string>> = {
  api_base: STAND_IN_ADDRESS,
  api_version: STAND_IN_TEXT,
  vertex_project: STAND_IN_TEXT,
  vertex_location: STAND_IN_TEXT,
};

/** What every server speaks that is named by its address. */
const OPENAI_DIALECT = { name: 'openai', responses: false } as const;

function mockOf(options: UpstreamFile): MockSettings {
  return {
    ttftMs: Math.round((options.ttft ?? 0) * 1000),
    tokensPerSecond: options.tps ?? 0,
    errorRate: options.error_rate ?? 0,
    status: options.status,
    reply: options.reply,
    hang: options.hang ?? false,
    cutAfter: options.cut_after,
  };
}
