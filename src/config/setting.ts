import 'reflect-metadata';
import { IsOptional } from 'class-validator/cjs/decorator/common/IsOptional.js';
import type { SettingClass, SettingKind } from './setting-kind.js';

export interface SettingField {
  readonly name: string;
  readonly kind: SettingKind;
  /** One sentence for documentation and for the JSON Schema. */
  readonly means: string;
  /** Its value is never shown. */
  readonly secret: boolean;
  readonly required: boolean;
  /** This field names a file that holds the value of that one. */
  readonly fileOf: string | undefined;
}

const fieldsByClass = new Map<unknown, Map<string, SettingField>>();

/** Declares a setting: its checks (class-validator's), its meaning, its traits. The default is the property's initial value. */
export function Setting(
  kind: SettingKind,
  means: string,
  traits: { readonly secret?: true; readonly required?: true; readonly fileOf?: string } = {},
): PropertyDecorator {
  return (target, key) => {
    // Last first, as TypeScript applies decorators: the JSON Schema keeps what came last, `integer` over `number`.
    for (const decorate of kind.decorators.toReversed()) decorate(target, key);
    if (!traits.required) IsOptional()(target, key);
    const fields = fieldsByClass.get(target.constructor) ?? new Map<string, SettingField>();
    fieldsByClass.set(target.constructor, fields);
    const name = String(key);
    fields.set(name, { name, kind, means, secret: traits.secret ?? false, required: traits.required ?? false, fileOf: traits.fileOf });
  };
}

export function settingFields(of: SettingClass): ReadonlyMap<string, SettingField> {
  return fieldsByClass.get(of) ?? new Map();
}
