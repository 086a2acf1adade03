import { resolve } from 'node:path';
import type { GatewaySettings } from '../contracts/gateway-settings.js';
import { AssembleSettings } from './assemble-settings.js';
import { checkObject } from './check-object.js';
import { Environment } from './environment.js';
import { Findings } from './findings.js';
import { GatherSettings } from './gather-settings.js';
import { Place } from './place.js';
import { SecretFiles } from './secret-files.js';
import { settingFields } from './setting.js';
import { SettingsFile } from './settings-file.js';
import { SettingsMistakes } from './settings-mistakes.js';
import { readYamlSettings } from './yaml-settings.js';

export interface SettingsSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where `.env` is looked for, and what relative paths start from. */
  readonly cwd: string;
  readonly revision?: number;
}

export interface LoadedSettings {
  readonly settings: GatewaySettings;
  readonly warnings: readonly string[];
  /** What the environment says instead of the file: told where somebody asks (`nexus check`). */
  readonly overrides: readonly string[];
  /** The YAML file as GATEWAY_CONFIG_FILE names it; undefined: there is none. */
  readonly configFile: string | undefined;
  /** Files that were read and may change: the YAML file, and files that secrets stand in. */
  readonly files: readonly string[];
}

/** Process environment before `.env` before the YAML file, checked as a whole. Throws `SettingsMistakes` with everything that is wrong. */
export function loadSettings(sources: SettingsSources): LoadedSettings {
  const findings = new Findings();
  const environment = new Environment(sources, findings);
  const path = environment.get('GATEWAY_CONFIG_FILE');
  const file = path === undefined ? undefined : readYamlSettings(path, sources.cwd, findings);
  const secretFiles = new SecretFiles(sources.cwd);
  const gathering = new GatherSettings(environment, file, secretFiles, findings);
  const gathered = gathering.gather();

  const plain = new Map<unknown, unknown>([...gathered].map(([name, { value }]) => [name, value]));
  for (const [name, value] of file?.values ?? []) if (!settingFields(SettingsFile).has(name)) plain.set(name, value);
  const placeOf = (name: string): Place => gathered.get(name)?.place ?? (file ? Place.inFile(file, name) : Place.variable(name));
  const values = checkObject(SettingsFile, plain, Place.variable('settings'), findings, undefined, placeOf);

  const settings = new AssembleSettings(values, gathered, environment, secretFiles, sources.revision ?? 1, findings).assemble();
  if (findings.mistakes.length > 0) throw new SettingsMistakes(findings.mistakes);
  return {
    settings,
    warnings: findings.warnings,
    overrides: gathering.overrides,
    configFile: path,
    files: [...(path === undefined ? [] : [resolve(sources.cwd, path)]), ...secretFiles.paths],
  };
}
