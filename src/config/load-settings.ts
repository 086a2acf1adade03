import { resolve } from 'node:path';
import type { GatewaySettings } from '../contracts/gateway-settings.js';
import { AssembleSettings } from './assemble-settings.js';
import { checkObject } from './check-object.js';
import { Environment } from './environment.js';
import { Findings } from './findings.js';
import { type GatheredSetting, GatherSettings } from './gather-settings.js';
import { type FilePosition, Place } from './place.js';
import { SecretFiles } from './secret-files.js';
import { settingFields } from './setting.js';
import { SettingsFile } from './settings-file.js';
import { SettingsMistakes, type SettingsWarning, toldWarning } from './settings-mistakes.js';
import { type ConfigFile, readYamlSettings } from './yaml-settings.js';

export interface SettingsSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where `.env` is looked for, and what relative paths start from. */
  readonly cwd: string;
  readonly revision?: number;
  /** A settings file named as an argument: it comes before GATEWAY_CONFIG_FILE, and mistakes call it FILE. */
  readonly file?: ConfigFile | undefined;
}

export interface LoadedSettings {
  readonly settings: GatewaySettings;
  readonly warnings: readonly string[];
  /** The same, in parts. */
  readonly warned: readonly SettingsWarning[];
  /** What the environment says instead of the file: told where somebody asks (`nexus check`). */
  readonly overrides: readonly string[];
  /** The YAML file as GATEWAY_CONFIG_FILE, or an argument, names it; undefined: there is none. */
  readonly configFile: string | undefined;
  /** Files that were read and may change: the YAML file, and files that secrets stand in. */
  readonly files: readonly string[];
}

/** Process environment before `.env` before the YAML file, checked as a whole. Throws `SettingsMistakes` with everything that is wrong. */
export function loadSettings(sources: SettingsSources): LoadedSettings {
  const findings = new Findings();
  const environment = new Environment(sources, findings);
  const named = configFile(sources, environment);
  const file = named && readYamlSettings(named.file, named.place, sources.cwd, findings);
  const secretFiles = new SecretFiles(sources.cwd);
  const gathering = new GatherSettings(environment, file, secretFiles, findings);
  const gathered = gathering.gather(named !== undefined && file === undefined);

  const plain = new Map<unknown, unknown>();
  for (const [name, { value }] of gathered) if (value !== undefined) plain.set(name, value);
  for (const [name, value] of file?.values ?? []) if (!settingFields(SettingsFile).has(name)) plain.set(name, value);
  const placeOf = (name: string): Place => gathered.get(name)?.place ?? (file ? Place.inFile(file, name) : Place.variable(name));
  const values = checkObject(SettingsFile, plain, Place.variable('settings'), findings, undefined, placeOf);

  const taken = new Map<string, unknown>(Object.entries(values));
  const judged = new Map<string, GatheredSetting>();
  for (const [name, setting] of gathered) judged.set(name, { ...setting, isDoubtful: setting.isDoubtful || taken.get(name) !== setting.value });
  const settings = new AssembleSettings(values, judged, environment, secretFiles, sources.revision ?? 1, findings).assemble();
  if (findings.mistakes.length > 0) throw new SettingsMistakes(inFileOrder(findings.mistakes), inFileOrder(findings.warned));
  const path = named?.file.bytes === undefined ? named?.file.name : undefined;
  return {
    settings,
    warnings: inFileOrder(findings.warned).map(toldWarning),
    warned: inFileOrder(findings.warned),
    overrides: gathering.overrides,
    configFile: path,
    files: [...(path === undefined ? [] : [resolve(sources.cwd, path)]), ...secretFiles.paths],
  };
}

/** As one reads the file; first what does not stand there. */
function inFileOrder<T extends { readonly position?: FilePosition | undefined }>(problems: readonly T[]): T[] {
  return problems.toSorted(({ position: a }, { position: b }) => (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0));
}

function configFile({ file }: SettingsSources, environment: Environment): { readonly file: ConfigFile; readonly place: Place } | undefined {
  if (file !== undefined) return { file, place: Place.variable('FILE') };
  const name = environment.get('GATEWAY_CONFIG_FILE');
  return name === undefined ? undefined : { file: { name }, place: Place.variable('GATEWAY_CONFIG_FILE') };
}
