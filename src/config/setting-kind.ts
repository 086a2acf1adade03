import { ArrayMinSize } from 'class-validator/cjs/decorator/array/ArrayMinSize.js';
import { IsIn } from 'class-validator/cjs/decorator/common/IsIn.js';
import { ValidateBy } from 'class-validator/cjs/decorator/common/ValidateBy.js';
import { ValidateNested } from 'class-validator/cjs/decorator/common/ValidateNested.js';
import { Max } from 'class-validator/cjs/decorator/number/Max.js';
import { Min } from 'class-validator/cjs/decorator/number/Min.js';
import { Matches } from 'class-validator/cjs/decorator/string/Matches.js';
import { IsArray } from 'class-validator/cjs/decorator/typechecker/IsArray.js';
import { IsBoolean } from 'class-validator/cjs/decorator/typechecker/IsBoolean.js';
import { IsInt } from 'class-validator/cjs/decorator/typechecker/IsInt.js';
import { IsNumber } from 'class-validator/cjs/decorator/typechecker/IsNumber.js';
import { IsString } from 'class-validator/cjs/decorator/typechecker/IsString.js';
import { Type } from 'class-transformer/cjs/decorators/type.decorator.js';
import type { PartsForm } from './place.js';
import type { ReportText } from './text-values.js';
import { numberFromText } from './text-values.js';

export type SettingClass<T extends object = object> = new () => T;

/** What a map's entry may be: an object of a class, plain text, or a list of texts. */
export type EntryForm = SettingClass | 'text' | 'list';

/** One kind of value: how it is checked, how it is read from text, and how a mistake about it is told. */
export interface SettingKind {
  readonly decorators: readonly PropertyDecorator[];
  /** Completes "must be …". */
  readonly reason: string;
  /** A valid value, as it is written in an environment variable. */
  readonly example: string;
  /** The same in YAML, where that differs. */
  readonly exampleInFile?: string;
  /** The words it may be. */
  readonly choices?: readonly string[];
  /** From an environment variable or a URL's query. Text that means nothing comes back as it was, and validation refuses it. */
  readonly fromText: (text: string, report: ReportText) => unknown;
  /** The YAML file may use the text form too. */
  readonly textInFile: boolean;
  /** How parts are written in the text form. */
  readonly parts?: PartsForm;
  /** A list of texts. */
  readonly texts?: true;
  /** Objects in a list: their class. */
  readonly item?: SettingClass;
  /** Entries of a map. */
  readonly forms?: () => readonly EntryForm[];
  readonly unit?: 'seconds' | 'milliseconds' | 'bytes' | 'percent';
}

/** Longest time a setting may name: a day. Node's timers turn anything over 24 days into none at all. */
const DAY_SECONDS = 86_400;

export function whole(from: number, to: number, example: number, unit?: SettingKind['unit']): SettingKind {
  const reason = `a whole number from ${from} to ${to}`;
  return kind({ decorators: [IsInt(), Min(from), Max(to)], reason, example: String(example), fromText: numberFromText, ...(unit && { unit }) });
}

export function fraction(from: number, to: number, example: number): SettingKind {
  return kind({
    decorators: [IsNumber(), Min(from), Max(to)],
    reason: `a number from ${from} to ${to}`,
    example: String(example),
    fromText: numberFromText,
  });
}

/** Seconds, fractions allowed, without a unit: the setting's name carries it. */
export function seconds(example: number, from = 0.001): SettingKind {
  return kind({
    decorators: [IsNumber(), Min(from), Max(DAY_SECONDS)],
    reason: `a number of seconds from ${from} to ${DAY_SECONDS}, without a unit`,
    example: String(example),
    fromText: numberFromText,
    unit: 'seconds',
  });
}

/** A time in an upstream's options: seconds, or text with a unit (`200ms`, `2s`). Becomes seconds. */
export function duration(example: string, from = 0.001): SettingKind {
  return kind({
    decorators: [IsNumber(), Min(from), Max(DAY_SECONDS)],
    reason: `a time such as 2.5, 2s or 200ms, at most ${DAY_SECONDS} s`,
    example,
    fromText: (text) => {
      const [, amount, unit] = /^(.+?)(ms|s)$/.exec(text.trim()) ?? [];
      const value = numberFromText(amount ?? text);
      return typeof value === 'number' && unit === 'ms' ? value / 1000 : typeof value === 'number' ? value : text;
    },
    textInFile: true,
    unit: 'seconds',
  });
}

export function text(what: string, example: string, pattern = /\S/): SettingKind {
  return kind({ decorators: [IsString(), Matches(pattern)], reason: what, example, fromText: (value) => value });
}

export function choice(...choices: readonly [string, ...string[]]): SettingKind {
  return kind({
    decorators: [IsIn([...choices])],
    reason: `one of ${choices.join(', ')}`,
    example: choices[0],
    choices,
    fromText: (value) => value.trim(),
  });
}

export function flag(example: boolean): SettingKind {
  return kind({
    decorators: [IsBoolean()],
    reason: 'true or false',
    example: String(example),
    fromText: (value) => ({ true: true, false: false, 1: true, 0: false })[value.trim()] ?? value,
  });
}

/** How many, or `auto`. */
export function wholeOrAuto(from: number, to: number): SettingKind {
  const valid = (value: unknown): boolean => value === 'auto' || (Number.isInteger(value) && Number(value) >= from && Number(value) <= to);
  return kind({
    decorators: [ValidateBy({ name: 'wholeOrAuto', constraints: [from, to], validator: { validate: valid } })],
    reason: `a whole number from ${from} to ${to}, or auto`,
    example: 'auto',
    fromText: numberFromText,
  });
}

/** Texts, comma-separated where written as text. */
export function list(what: string, example: string, split = /,/): SettingKind {
  return kind({
    decorators: [IsArray(), IsString({ each: true }), Matches(/\S/, { each: true })],
    reason: `a list of ${what}`,
    example,
    exampleInFile: example.startsWith('[') ? example : `[${example.replaceAll(',', ', ')}]`,
    fromText: (value) =>
      value
        .split(split)
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    textInFile: true,
    texts: true,
  });
}

/** Objects of one class, at least one. */
export function items(item: SettingClass, what: string, example: string, exampleInFile: string): SettingKind {
  return kind({
    decorators: [IsArray(), ArrayMinSize(1), ValidateNested({ each: true }), Type(() => item)],
    reason: `a list of ${what}`,
    example,
    exampleInFile,
    fromText: (value) => value,
    item,
  });
}

/** Entries by name. Their shape is checked by whoever resolves them, since one may have several forms. */
export function mapOf(
  forms: () => readonly EntryForm[],
  what: string,
  written: Pick<SettingKind, 'example' | 'exampleInFile' | 'fromText' | 'parts'>,
): SettingKind {
  return kind({
    ...written,
    decorators: [ValidateBy({ name: 'mapOf', constraints: [forms], validator: { validate: (value) => value instanceof Map } })],
    reason: `a map from ${what}`,
    textInFile: true,
    forms,
  });
}

function kind(made: Omit<SettingKind, 'textInFile'> & { readonly textInFile?: boolean }): SettingKind {
  return { textInFile: false, ...made };
}
