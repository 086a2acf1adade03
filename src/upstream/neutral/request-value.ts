import { GatewayError } from '../../contracts/gateway-error.js';
import type { JsonObject } from './neutral-request.js';

/**
 * A value in a client's request and its path there (`messages[0].content`). Each question asks for a kind and throws a 400 that names the path
 * where it is another one; the value itself is never repeated. null counts as absent.
 */
export class RequestValue {
  /** `holder`: none for the request itself. */
  constructor(
    private readonly value: unknown,
    private readonly holder?: RequestValue,
    private readonly key: string | number = '',
  ) {}

  get path(): string {
    const outer = this.holder?.path ?? '';
    if (typeof this.key === 'number') return `${outer}[${this.key}]`;
    return outer === '' ? this.key : `${outer}.${this.key}`;
  }

  get isAbsent(): boolean {
    return this.value === undefined || this.value === null;
  }

  get isText(): boolean {
    return typeof this.value === 'string';
  }

  get isList(): boolean {
    return Array.isArray(this.value);
  }

  get isObject(): boolean {
    return typeof this.value === 'object' && this.value !== null && !Array.isArray(this.value);
  }

  /** Of an object; absent where there is none. */
  member(name: string): RequestValue {
    const { value } = this;
    const member = typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as JsonObject)[name] : undefined;
    return new RequestValue(member, this, name);
  }

  text(): string {
    if (typeof this.value === 'string') return this.value;
    return this.wrong('a text');
  }

  word(): string {
    const text = this.text();
    return text === '' ? this.wrong('a text that is not empty') : text;
  }

  optionalText(): string | undefined {
    return this.isAbsent ? undefined : this.text();
  }

  flag(): boolean | undefined {
    if (this.isAbsent) return undefined;
    return typeof this.value === 'boolean' ? this.value : this.wrong('true or false');
  }

  number(min: number, max: number): number | undefined {
    if (this.isAbsent) return undefined;
    const { value } = this;
    return typeof value === 'number' && value >= min && value <= max ? value : this.wrong(`a number from ${min} to ${max}`);
  }

  integer(min: number, max: number): number | undefined {
    if (this.isAbsent) return undefined;
    const { value } = this;
    return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      ? value
      : this.wrong(max === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`);
  }

  object(): JsonObject {
    return this.isObject ? (this.value as JsonObject) : this.wrong('an object');
  }

  optionalObject(): JsonObject | undefined {
    return this.isAbsent ? undefined : this.object();
  }

  list(): RequestValue[] {
    const { value } = this;
    return Array.isArray(value) ? value.map((item, index) => new RequestValue(item, this, index)) : this.wrong('a list');
  }

  optionalList(): RequestValue[] {
    return this.isAbsent ? [] : this.list();
  }

  oneOf<const Word extends string>(words: readonly Word[]): Word {
    const { value } = this;
    return words.find((word) => word === value) ?? this.wrong(`one of ${words.join(', ')}`);
  }

  /** As it came. */
  raw(): unknown {
    return this.value;
  }

  /** `kind`: what would have been right. */
  wrong(kind: string): never {
    if (this.isAbsent) throw new GatewayError('missing_required_parameter', `${this.path} is missing: it must be ${kind}.`, { param: this.path });
    throw new GatewayError('invalid_value', `${this.path} must be ${kind}.`, { param: this.path });
  }

  refuse(message: string): never {
    throw new GatewayError('invalid_value', `${this.path}: ${message}`, { param: this.path });
  }
}
