import { Registry } from 'prom-client';
import { GENERAL_SETTINGS_ROWS } from '../../src/cli/import-litellm/general-settings-rows.js';
import { LITELLM_SETTINGS_ROWS } from '../../src/cli/import-litellm/litellm-settings-rows.js';
import { PARAMETER_ROWS } from '../../src/cli/import-litellm/parameter-rows.js';
import { ROUTER_SETTINGS_ROWS } from '../../src/cli/import-litellm/router-settings-rows.js';
import { LEFT_SECTIONS } from '../../src/cli/import-litellm/section-rows.js';
import { LITELLM_PROVIDERS, OTHER_DIALECTS, type ProviderRow } from '../../src/config/litellm-providers.js';
import { KeyPolicyFile } from '../../src/config/key-policy-file.js';
import { CanaryRouteFile, WeightedRouteFile, WeightedTargetFile } from '../../src/config/route-file.js';
import type { SettingClass } from '../../src/config/setting-kind.js';
import { settingFields } from '../../src/config/setting.js';
import { SettingsFile } from '../../src/config/settings-file.js';
import { settingsTable } from '../../src/config/settings-table.js';
import { UpstreamFile } from '../../src/config/upstream-file.js';
import { UPSTREAM_OPTIONS } from '../../src/config/upstream-url.js';
import { ERRORS } from '../../src/contracts/gateway-error.js';
import { metricFamilies } from '../../src/metrics/metric-families.js';
import { withSilentWorkers } from '../../src/metrics/silent-workers.js';
import { licencesOfProduct } from '../packaging/bill-of-materials.js';
import { PUBLISHED_METRICS } from '../packaging/published-metrics.js';
import { roomMap } from './room-map.js';

/** Tables of the documentation that are made from the code, by the name that stands in their mark. */
export const TABLES: Readonly<Record<string, () => string>> = {
  settings: () =>
    table(
      ['name', 'default', 'meaning'],
      settingsTable().map((row) => [code(row.name), code(row.default), row.meaning]),
    ),
  'settings-reference': () =>
    table(
      ['environment', 'file', 'must be', 'example'],
      [...settingFields(SettingsFile).values()].map(({ name, kind }) => [
        code(`GATEWAY_${name.toUpperCase()}`),
        code(name),
        kind.reason,
        code(kind.example),
      ]),
    ),
  'upstream-options': () =>
    table(
      ['option', 'for', 'must be', 'example', 'meaning'],
      [...settingFields(UpstreamFile).values()]
        .filter(({ name }) => name !== 'url')
        .map(({ name, kind, means }) => [code(name), schemesOf(name), kind.reason, code(unquoted(kind.example)), means]),
    ),
  'policy-fields': () => fieldTable(KeyPolicyFile),
  'weighted-fields': () => fieldTable(WeightedRouteFile),
  'weighted-target-fields': () => fieldTable(WeightedTargetFile),
  'canary-fields': () => fieldTable(CanaryRouteFile),
  errors: () => {
    const rows = new Map<string, string[]>();
    for (const [name, { status, type }] of Object.entries(ERRORS)) {
      const key = `${status}|${type}`;
      rows.set(key, [...(rows.get(key) ?? []), code(name)]);
    }
    return table(
      ['status', 'type', 'code'],
      [...rows].map(([key, codes]) => [...key.split('|').map((part, index) => (index === 0 ? part : code(part))), codes.join(', ')]),
    );
  },
  metrics: () => {
    const helps = metricHelps();
    return table(
      ['name', 'kind', 'labels', 'meaning'],
      Object.entries(PUBLISHED_METRICS).map(([name, { kind, labels }]) => [
        code(name),
        kind,
        labels.map(code).join(', '),
        helps.get(name) ?? nobodyHelps(name),
      ]),
    );
  },
  providers: () =>
    table(
      ['prefix', 'key', 'address from', 'else'],
      Object.entries<ProviderRow>(LITELLM_PROVIDERS).map(([prefix, { base, baseEnv, keyEnv, keyOptional }]) => [
        code(`${prefix}/`),
        `${keyEnv.map(code).join(', ')}${keyOptional ? ' (may be absent)' : ''}`,
        baseEnv.map(code).join(', '),
        base === undefined ? 'must be set' : code(base),
      ]),
    ),
  'litellm-parameters': () => importTable(PARAMETER_ROWS),
  'litellm-settings': () => importTable(LITELLM_SETTINGS_ROWS),
  'litellm-router': () => importTable(ROUTER_SETTINGS_ROWS),
  'litellm-general': () => importTable(GENERAL_SETTINGS_ROWS),
  'litellm-sections': () =>
    table(
      ['section', 'here'],
      Object.entries(LEFT_SECTIONS).map(([name, instead]) => [code(name), `left out: ${instead}`]),
    ),
  rooms: roomMap,
  licences: () =>
    table(
      ['package', 'version', 'licence'],
      licencesOfProduct().map(({ name, version, licence }) => [code(name), version, licence]),
    ),
  'other-dialects': () =>
    table(
      ['prefix', 'speaks'],
      Object.entries(OTHER_DIALECTS).map(([prefix, speaks]) => [code(`${prefix}/`), speaks]),
    ),
};

const MARK = /<!-- table: ([a-z-]+) -->\n[\s\S]*?<!-- end of table -->/g;

/** The text with every marked table made anew. */
export function withTables(markdown: string): string {
  return markdown.replace(MARK, (_whole, name: string) => {
    const made = TABLES[name];
    if (made === undefined) throw new Error(`there is no table ${name}`);
    return `<!-- table: ${name} -->\n\n${made()}\n\n<!-- end of table -->`;
  });
}

export function tablesIn(markdown: string): string[] {
  return [...markdown.matchAll(MARK)].map(([, name = '']) => name);
}

function fieldTable(shape: SettingClass): string {
  const rows = [...settingFields(shape).values()].map(({ name, kind, means, required }) => [code(name), required ? 'yes' : 'no', kind.reason, means]);
  return table(['field', 'needed', 'must be', 'meaning'], rows);
}

function importTable(
  rows: Readonly<Record<string, { readonly becomes: string } | { readonly same: string } | { readonly instead: string }>>,
): string {
  return table(
    ['there', 'here'],
    Object.entries(rows).map(([name, row]) => [
      code(name),
      'becomes' in row ? row.becomes : 'same' in row ? `nothing to set: ${row.same.replace(/^nothing to set: /, '')}` : `left out: ${row.instead}`,
    ]),
  );
}

function schemesOf(option: string): string {
  const schemes = Object.entries(UPSTREAM_OPTIONS).filter(([, options]) => (options as readonly string[]).includes(option));
  return schemes.length === Object.keys(UPSTREAM_OPTIONS).length ? 'all' : schemes.map(([scheme]) => code(`${scheme}://`)).join(', ');
}

function metricHelps(): Map<string, string> {
  const registry = new Registry();
  metricFamilies(registry, () => 0);
  const helps = new Map<string, string>();
  for (const metric of registry.getMetricsAsArray() as unknown as { readonly name: string; readonly help: string }[])
    helps.set(metric.name, metric.help);
  const [, name = '', help = ''] = /^# HELP (\S+) (.+)$/m.exec(withSilentWorkers('', 0)) ?? [];
  return helps.set(name, help);
}

function nobodyHelps(name: string): never {
  throw new Error(`${name} is published, and no metric of that name is made`);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => (cell === '' ? '–' : cell)).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function code(text: string): string {
  return text === '' ? '' : `\`${text.replaceAll('|', '\\|')}\``;
}

function unquoted(text: string): string {
  return text.replace(/^"(.*)"$/, '$1');
}
