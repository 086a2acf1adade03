import type { Environment } from './environment.js';
import type { Findings } from './findings.js';
import { nearestName } from './nearest-name.js';
import { Place } from './place.js';
import type { SecretFiles } from './secret-files.js';
import { type SettingField, settingFields } from './setting.js';
import { SettingsFile } from './settings-file.js';
import { toldPosition } from './settings-mistakes.js';
import { shownValue } from './shown-value.js';
import type { YamlSettings } from './yaml-settings.js';

/** A value as it was found, read but not yet checked. */
export interface GatheredSetting {
  /** undefined: it was refused already. */
  readonly value: unknown;
  readonly place: Place;
  /** A part was refused, or could not be read: what is in force is not what was meant, and nothing can be held against it. */
  readonly isDoubtful: boolean;
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

  /** `fileIsLost`: there is a file, but nothing could be read of it: it may have said whatever the environment does not. */
  gather(fileIsLost: boolean): Map<string, GatheredSetting> {
    const gathered = new Map<string, GatheredSetting>();
    for (const field of settingFields(SettingsFile).values()) {
      if (field.fileOf !== undefined) continue;
      const inFile = this.fromFile(field);
      const written = this.fromEnvironment(field) ?? inFile;
      if (written === 'refused') gathered.set(field.name, { value: undefined, place: Place.variable(variableOf(field.name)), isDoubtful: true });
      else if (written !== undefined) gathered.set(field.name, this.read(field, written, written === inFile));
      else if (fileIsLost) gathered.set(field.name, { value: undefined, place: Place.variable(variableOf(field.name)), isDoubtful: true });
      if (inFile !== undefined && inFile !== 'refused' && written !== inFile && written !== undefined && written !== 'refused')
        this.overrides.push(`${told(field, written)} comes before ${told(field, inFile)}`);
    }
    this.refuseUnknown();
    return gathered;
  }

  private fromEnvironment(field: SettingField): Written | 'refused' | undefined {
    const name = variableOf(field.name);
    const picked = field.secret ? this.environment.pick(name, `${name}_FILE`) : this.environment.pick(name, '');
    if (picked === 'both') {
      this.findings.mistake(Place.variable(name), '***', `is set beside ${name}_FILE`, 'keep one of the two');
      return 'refused';
    }
    return picked && { place: Place.variable(picked.name), value: picked.value, isPath: picked.name !== name };
  }

  private fromFile(field: SettingField): Written | 'refused' | undefined {
    if (this.file === undefined) return undefined;
    const { values } = this.file;
    const place = Place.inFile(this.file, field.name);
    const path = field.secret ? `${field.name}_file` : undefined;
    if (path !== undefined && values.has(path)) {
      if (!values.has(field.name)) return { place: Place.inFile(this.file, path), value: values.get(path), isPath: true };
      this.findings.mistake(place, '***', `is set beside ${path}`, 'keep one of the two');
      return 'refused';
    }
    return values.has(field.name) ? { place, value: values.get(field.name), isPath: false } : undefined;
  }

  private read(field: SettingField, written: Written, inFile: boolean): GatheredSetting {
    const { value, isPath } = written;
    const text = isPath ? this.secretFrom(written.place, value) : value;
    const isText = typeof text === 'string' && (!inFile || isPath || field.kind.textInFile);
    const place = isText && field.kind.parts !== undefined ? written.place.withParts(field.kind.parts) : written.place;
    const refused = { value: undefined, place, isDoubtful: true };
    if (text === undefined) return refused;
    if (field.secret && typeof text === 'string' && text.trim() === '') {
      this.findings.mistake(
        place,
        '***',
        'is nothing but white space',
        `${place.setTo(field.kind.example, field.kind.exampleInFile)}, or leave it unset`,
      );
      return refused;
    }
    // Of a secret text, no part is told apart from the others.
    if (typeof text === 'string' && (field.secret || !isText || /^\s*\$\{[^}]*\}\s*$/.test(text)) && hasPlaceholder(text)) {
      this.refusePlaceholder(place, shownValue(text, field.secret));
      return refused;
    }
    const before = this.findings.mistakes.length;
    const read = isText ? this.fromText(field, text, place) : text;
    const isWhole = read instanceof Map || this.findings.mistakes.length === before;
    if (read === undefined || !isWhole) return refused;
    const names = this.file !== undefined && this.file.doubtful.has(field.name);
    return { value: read, place, isDoubtful: this.refusePlaceholders(read, place, field.secret) || (inFile && names) };
  }

  private fromText(field: SettingField, text: string, place: Place): unknown {
    return field.kind.fromText(text, ({ keys, found, reason, fix, kept }) => {
      const at = keys.reduce((outer, key, index) => outer.at(key, field.secret && index === 0 ? '…' : key), place);
      this.findings.mistake(at, found === undefined ? '(not shown)' : shownValue(found, field.secret), reason, fix);
      if (kept !== undefined) this.findings.settle(place.at(kept));
    });
  }

  /** Templates that nobody filled in would otherwise become keys that anybody can guess. Tells whether names may be missing for it. */
  private refusePlaceholders(value: unknown, place: Place, secret: boolean): boolean {
    if (typeof value === 'string') {
      if (!hasPlaceholder(value)) return false;
      this.refusePlaceholder(place, shownValue(value, secret));
      this.findings.settle(place);
      return place.isWhole;
    }
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) this.refusePlaceholders(item, place.at(index), secret);
      return place.isWhole && value.some(hasPlaceholder);
    }
    if (!(value instanceof Map)) return false;
    let isDoubtful = false;
    for (const [index, [key, inner]] of [...value].entries()) {
      // The names in a secret map are secrets; what they name is not.
      const at = secret ? place.at(String(key), `#${index + 1}`) : place.at(String(key));
      if (hasPlaceholder(key)) {
        this.refusePlaceholder(at, '(not shown)');
        isDoubtful = true;
      }
      isDoubtful = this.refusePlaceholders(inner, at, false) || isDoubtful;
    }
    return isDoubtful;
  }

  private refusePlaceholder(place: Place, found: string): void {
    this.findings.mistake(
      place,
      found,
      'holds ${…}, which is not filled in here',
      'write the value, or put it into an environment variable of its own',
    );
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

function hasPlaceholder(value: unknown): boolean {
  return typeof value === 'string' && /\$\{[^}]*\}/.test(value);
}

function told({ secret }: SettingField, { place, value }: Written): string {
  const { position } = place;
  return `${String(place)} = ${shownValue(value, secret)}${position === undefined ? '' : ` (${toldPosition(position)})`}`;
}
