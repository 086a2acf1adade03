import { Validator } from 'class-validator/cjs/validation/Validator.js';
import type { Findings } from './findings.js';
import { nearestName } from './nearest-name.js';
import type { Place } from './place.js';
import { settingFields } from './setting.js';
import type { SettingClass, SettingKind } from './setting-kind.js';
import { shownValue } from './shown-value.js';

/**
 * A map of plain values as an instance of a settings class: unknown names and values that its validators refuse become
 * mistakes, and the fields in question keep their defaults, so that whoever goes on can find further mistakes.
 */
export function checkObject<T extends object>(
  shape: SettingClass<T>,
  plain: ReadonlyMap<unknown, unknown>,
  place: Place,
  findings: Findings,
  allowed: Iterable<string> = settingFields(shape).keys(),
  placeOf = (name: string): Place => place.at(name),
): T {
  const fields = settingFields(shape);
  const known = new Set(allowed);
  const values: Record<string, unknown> = {};
  const misspelt = new Set<string>();
  for (const [key, value] of plain) {
    const name = String(key);
    const field = known.has(name) ? fields.get(name) : undefined;
    if (field === undefined) {
      const near = nearestName(name.replace(/^GATEWAY_/i, ''), known);
      if (near !== undefined) misspelt.add(near);
      const nested = value instanceof Map ? [...value.keys()].find((inner) => known.has(String(inner))) : undefined;
      const fix =
        near !== undefined
          ? `did you mean ${near}?`
          : nested !== undefined
            ? `move ${String(nested)} one level up`
            : known.size > 20
              ? '`nexus schema` lists every setting'
              : `known here: ${[...known].join(', ')}`;
      findings.mistake(placeOf(name), '(not shown)', 'is no known setting', fix);
    } else if (value === null) {
      findings.mistake(placeOf(name), 'null', `must be ${field.kind.reason}`, placeOf(name).setTo(field.kind.example, field.kind.exampleInFile));
    } else if (field.kind.item !== undefined && Array.isArray(value)) {
      values[name] = value.map((item: unknown, index) => itemOf(field.kind.item as SettingClass, item, placeOf(name).at(index), findings));
    } else if (field.kind.texts && Array.isArray(value)) {
      values[name] = textsOf(value, placeOf(name), field.secret, findings);
    } else values[name] = value;
  }

  const instance = Object.assign(new shape(), values);
  const defaults = new shape() as Record<string, unknown>;
  for (const error of new Validator().validateSync(instance, { forbidUnknownValues: false })) {
    const field = fields.get(error.property);
    // Objects in a list have told of their own mistakes already.
    if (field === undefined || (error.constraints === undefined && error.children?.length)) continue;
    const at = placeOf(field.name);
    if (plain.get(field.name) === null) continue;
    const found = values[field.name];
    const isMissing = !(field.name in values);
    // A name that was written wrongly is told once.
    if (!isMissing || !misspelt.has(field.name))
      findings.mistake(at, shownValue(found, field.secret), isMissing ? 'is missing' : `must be ${field.kind.reason}`, mend(field.kind, found, at));
    (instance as Record<string, unknown>)[field.name] = defaults[field.name];
  }
  return instance;
}

/** A valid value, the nearest where it is one of some words. */
function mend({ example, exampleInFile, choices }: SettingKind, found: unknown, place: Place): string {
  const near = choices === undefined || typeof found !== 'string' ? undefined : nearestName(found, choices);
  return near === undefined ? place.setTo(example, exampleInFile) : place.setTo(near);
}

function itemOf(shape: SettingClass, item: unknown, place: Place, findings: Findings): unknown {
  if (item instanceof Map) return checkObject(shape, item, place, findings);
  const fields = [...settingFields(shape).values()].map(({ name, kind }) => place.at(name).setTo(kind.example, kind.exampleInFile));
  const fix = `{ ${fields.join(', ')} }`;
  findings.mistake(place, shownValue(item), `must be a map with ${[...settingFields(shape).keys()].join(', ')}`, fix);
  return new shape();
}

/** The list itself when all of it is text; else a text stands for each item that is none, so that the others keep their numbers. */
function textsOf(list: readonly unknown[], place: Place, secret: boolean, findings: Findings): readonly unknown[] {
  const isText = (item: unknown): boolean => typeof item === 'string' && /\S/.test(item);
  if (list.every(isText)) return list;
  return list.map((item, index) => {
    if (isText(item)) return item;
    const at = place.at(index);
    const isPlain = typeof item === 'number' || typeof item === 'boolean';
    const fix = !isPlain ? 'write a text, or remove it' : secret ? 'put it into quotes' : `put it into quotes: ${JSON.stringify(String(item))}`;
    findings.mistake(at, shownValue(item, secret), 'must be text', fix);
    findings.settle(at);
    return STAND_IN;
  });
}

const STAND_IN = '-';
