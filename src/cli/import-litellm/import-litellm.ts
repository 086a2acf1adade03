import { basename } from 'node:path';
import type { Deployment } from './deployment.js';
import { freeName } from './free-name.js';
import { GENERAL_SETTINGS_ROWS } from './general-settings-rows.js';
import { ImportDraft } from './import-draft.js';
import { ImportFallbacks } from './import-fallbacks.js';
import type { ImportReport } from './import-report.js';
import { KnownVariables } from './known-variables.js';
import { LitellmConfig, UnreadableConfig } from './litellm-config.js';
import { LITELLM_SETTINGS_ROWS } from './litellm-settings-rows.js';
import { NamedUpstreams } from './named-upstreams.js';
import { ReadDeployment } from './read-deployment.js';
import { redisSetting } from './redis-setting.js';
import { setResilience } from './resilience-settings.js';
import { ROUTER_SETTINGS_ROWS } from './router-settings-rows.js';
import { LEFT_SECTIONS, READ_SECTIONS } from './section-rows.js';
import type { SettingRows } from './setting-row.js';
import { writtenSettings } from './written-settings.js';

/** A `config.yaml` of LiteLLM's proxy as our settings file, and what could not be carried over. Throws `UnreadableConfig`. */
export function importLitellm(
  path: string,
  environment: (name: string) => string | undefined,
): { readonly text: string; readonly report: ImportReport } {
  const config = LitellmConfig.read(path);
  const known = [...READ_SECTIONS, ...Object.keys(LEFT_SECTIONS)];
  if (!known.some((name) => config.sections.has(name)))
    throw new UnreadableConfig(`${basename(path)} line 1: neither model_list nor settings of LiteLLM stand there`);
  const draft = new ImportDraft(new KnownVariables(config.section('environment_variables'), environment));
  readRows(config, 'litellm_settings', LITELLM_SETTINGS_ROWS, draft);
  readRows(config, 'router_settings', ROUTER_SETTINGS_ROWS, draft);
  readRows(config, 'general_settings', GENERAL_SETTINGS_ROWS, draft);

  const { deployments, defaultFields } = readModels(config, draft);
  const named = new NamedUpstreams(deployments, draft.groups, draft.report);
  const fallbacks = new ImportFallbacks(draft, named);
  named.name(fallbacks.circular());
  const written = fallbacks.written();
  const plans = named.names.map((name) => named.leadsTo(name).length + (written.get(name)?.length ?? 0));
  setResilience(draft, Math.max(1, ...plans), Math.max(1, ...named.names.map((name) => named.leadsTo(name).length)));

  const upstreams = new Map(named.upstreams);
  const settings = new Map<string, unknown>();
  const hasModels = upstreams.size > 0 || defaultFields !== undefined;
  if (defaultFields !== undefined) {
    const name = freeName('default', new Set([...named.names, ...upstreams.keys()]));
    upstreams.set(name, defaultFields);
    settings.set('default_upstream', name);
  }
  if (hasModels) settings.set('upstreams', new Map([...upstreams].map(([name, fields]) => [name, fields.size === 1 ? fields.get('url') : fields])));
  const routes = [...named.routes].map(([name, targets]) => [name, { strategy: 'weighted', targets }] as const);
  if (routes.length > 0) settings.set('route_policies', new Map(routes));
  if (written.size > 0) settings.set('fallbacks', written);
  settings.set('rate_limit_per_minute', 0);
  const redis = redisSetting(draft);
  if (redis !== undefined) settings.set('redis_url', redis);
  for (const [name, value] of draft.settings) settings.set(name, value);

  tellSections(config, draft);
  tellVariables(config, draft);
  return { text: writtenSettings(basename(path), settings, draft.report), report: draft.report };
}

function readRows(config: LitellmConfig, section: string, rows: SettingRows, draft: ImportDraft): void {
  for (const value of config.section(section)?.children ?? []) {
    const row = Object.hasOwn(rows, value.key) ? rows[value.key] : undefined;
    if (row === undefined) draft.report.leave(value, 'this setting is not known here', 'nexus schema tells what there is');
    else if ('carry' in row) row.carry(value, draft);
    else if ('instead' in row && value.value !== false) draft.report.leave(value, '', row.instead);
  }
}

function readModels(
  config: LitellmConfig,
  draft: ImportDraft,
): { deployments: Deployment[]; defaultFields: ReadonlyMap<string, string | number> | undefined } {
  const reading = new ReadDeployment(draft, config.itemsOf('credential_list'));
  const deployments: Deployment[] = [];
  let defaultFields: ReadonlyMap<string, string | number> | undefined;
  for (const entry of config.itemsOf('model_list')) {
    if (entry.at('model_name')?.text?.includes('*')) {
      const fields = reading.readPattern(entry);
      if (fields !== undefined && defaultFields !== undefined)
        draft.report.leave(entry, 'a pattern of that name stands there before', 'there is one default upstream');
      else defaultFields ??= fields;
    } else {
      const deployment = reading.read(entry);
      if (deployment !== undefined) deployments.push(deployment);
    }
  }
  return { deployments, defaultFields };
}

function tellSections(config: LitellmConfig, { report, hasMasterKey }: ImportDraft): void {
  const read: readonly string[] = READ_SECTIONS;
  for (const [name, sections] of config.sections) {
    if (read.includes(name)) continue;
    for (const section of sections) report.leave(section, '', LEFT_SECTIONS[name] ?? 'nexus schema tells what there is');
  }
  const models = config.section('model_list');
  if (models !== undefined && !models.isList) report.leave(models, 'it is no list', 'write entries with model_name and litellm_params');
  const first = models ?? [...config.sections.values()][0]?.[0];
  if (!hasMasterKey && first !== undefined)
    report.remind(first, 'no master_key stands in the file; here every call needs a key: dev-key on loopback, until GATEWAY_API_KEYS is set');
}

function tellVariables(config: LitellmConfig, { report }: ImportDraft): void {
  for (const value of config.section('environment_variables')?.children ?? []) {
    if (report.variables.has(value.key)) report.remind(value, 'a settings file sets no variables here; set it in the environment, or in .env');
    else report.leave(value, 'a settings file sets no variables here', 'set it in the environment if something reads it');
  }
}
