import type { Environment } from './environment.js';
import type { Findings } from './findings.js';
import { nearestName } from './nearest-name.js';
import { Place } from './place.js';
import type { SecretFiles } from './secret-files.js';
import { type SettingField, settingFields } from './setting.js';
import { SettingsFile } from './settings-file.js';
import { shownValue } from './shown-value.js';
import type { YamlSettings } from './yaml-settings.js';

/** A value as it was found, read but not yet checked. */
export interface GatheredSetting {
  readonly value: unknown;
  readonly place: Place;
}

interface Written {
  readonly place: Place;
  readonly value: unknown;
  /** The value is the path of a file that holds the setting. */
  readonly isPath: boolean;
}

export const variableOf = (setting: string): string => `GATEWAY_${setting.toUpperCase()}`;

/** What was written for each setting, the nearest source alone: process environment, `.env`, YAML file. Reads the files that secrets stand in. */
export class GatherSettings {
  /** What the environment says instead of the file. */
  readonly overrides: string[] = [];

  constructor(
    private readonly environment: Environment,
    private readonly file: YamlSettings | undefined,
    private readonly secretFiles: SecretFiles,
    private readonly findings: Findings,
  ) {}

  gather(): Map<string, GatheredSetting> {
    const gathered = new Map<string, GatheredSetting>();
    for (const field of settingFields(SettingsFile).values()) {
      if (field.fileOf !== undefined) continue;
      const inFile = this.fromFile(field);
      const written = this.fromEnvironment(field) ?? inFile;
      const value = written && this.read(field, written);
      if (inFile && written !== inFile)
        this.overrides.push(
          `${String(written?.place)} = ${shownValue(written?.value, field.secret)} comes before ${String(inFile.place)} = ${shownValue(inFile.value, field.secret)} (${inFile.place.line ?? 'file'})`,
        );
      if (written && value !== undefined) gathered.set(field.name, { value, place: written.place });
    }
    this.refuseUnknown();
    return gathered;
  }

  private fromEnvironment(field: SettingField): Written | undefined {
    const name = variableOf(field.name);
    const picked = field.secret ? this.environment.pick(name, `${name}_FILE`) : this.environment.pick(name, '');
    if (picked === 'both') {
      this.findings.mistake(Place.variable(name), '***', `is set beside ${name}_FILE`, 'keep one of the two');
      return undefined;
    }
    return picked && { place: Place.variable(picked.name), value: picked.value, isPath: picked.name !== name };
  }

  private fromFile(field: SettingField): Written | undefined {
    if (this.file === undefined) return undefined;
    const { values } = this.file;
    const place = Place.inFile(this.file, field.name);
    const path = field.secret ? `${field.name}_file` : undefined;
    if (path !== undefined && values.has(path)) {
      if (!values.has(field.name)) return { place: Place.inFile(this.file, path), value: values.get(path), isPath: true };
      this.findings.mistake(place, '***', `is set beside ${path}`, 'keep one of the two');
      return undefined;
    }
    return values.has(field.name) ? { place, value: values.get(field.name), isPath: false } : undefined;
  }

  private read(field: SettingField, { place, value, isPath }: Written): unknown {
    const text = isPath ? this.secretFrom(place, value) : value;
    if (text === undefined) return undefined;
    if (hasPlaceholder(text)) {
      this.findings.mistake(
        place,
        shownValue(text, field.secret),
        'holds ${…}, which is not filled in here',
        'write the value, or put it into an environment variable of its own',
      );
      return undefined;
    }
    if (typeof text !== 'string') return text;
    if (field.secret && text.trim() === '') {
      this.findings.mistake(place, '***', 'is nothing but white space', `${place.setTo(field.kind.example)}, or leave it unset`);
      return undefined;
    }
    if (!place.inEnvironment && !isPath && !field.kind.textInFile) return text;
    const before = this.findings.mistakes.length;
    const read = field.kind.fromText(text, ({ keys, found, reason, fix }) => {
      const at = keys.reduce((outer, key, index) => outer.at(key, field.secret && index === 0 ? '…' : key), place);
      this.findings.mistake(at, found === undefined ? '(not shown)' : shownValue(found, field.secret), reason, fix);
    });
    return this.findings.mistakes.length > before && !(read instanceof Map) ? undefined : read;
  }

  private secretFrom(place: Place, path: unknown): string | undefined {
    if (typeof path !== 'string') {
      this.findings.mistake(place, shownValue(path), 'must be a path', place.setTo('/run/secrets/name'));
      return undefined;
    }
    const read = this.secretFiles.read(path);
    if ('text' in read) return read.text;
    this.findings.mistake(place, shownValue(path), read.reason, 'name a readable file that holds the secret alone');
    return undefined;
  }

  private refuseUnknown(): void {
    const known = new Set([...settingFields(SettingsFile).keys()].map(variableOf).concat('GATEWAY_CONFIG_FILE'));
    for (const name of this.environment.names('GATEWAY_')) {
      if (known.has(name)) continue;
      const near = nearestName(
        name.slice('GATEWAY_'.length),
        [...known].map((candidate) => candidate.slice('GATEWAY_'.length)),
      );
      this.findings.mistake(
        Place.variable(name),
        '(not shown)',
        'is no known setting',
        near === undefined ? 'remove it; `nexus schema` lists every setting' : `did you mean GATEWAY_${near}?`,
      );
    }
  }
}

/** Templates that nobody filled in would otherwise become keys that anybody can guess. */
function hasPlaceholder(value: unknown): boolean {
  if (typeof value === 'string') return /\$\{[^}]*\}/.test(value);
  if (Array.isArray(value)) return value.some(hasPlaceholder);
  return value instanceof Map && [...value].some(([key, inner]) => hasPlaceholder(key) || hasPlaceholder(inner));
}
