import { MockRefusal } from './mock-refusal.js';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The request's body; refuses what is no JSON object. */
export function readBody(bytes: Buffer): JsonObject {
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString());
  } catch {
    throw new MockRefusal('The body of this request is not valid JSON.', null, null);
  }
  if (!isObject(body)) throw new MockRefusal('The body of this request must be a JSON object.', null, null);
  return body;
}

export function requiredString(body: JsonObject, name: string): string {
  const value = body[name];
  if (value === undefined || value === null) throw MockRefusal.missing(name);
  if (typeof value !== 'string') throw MockRefusal.wrongKind(name, 'a string', value);
  return value;
}

export function optionalBoolean(body: JsonObject, name: string): boolean {
  const value = body[name] ?? false;
  if (typeof value !== 'boolean') throw MockRefusal.wrongKind(name, 'a boolean', value);
  return value;
}

/** An integer of at least `min` and at most `max`, or what stands for its absence. */
export function optionalInteger<Absent>(body: JsonObject, name: string, min: number, max: number, absent: Absent): number | Absent {
  const value = body[name];
  if (value === undefined || value === null) return absent;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw MockRefusal.wrongKind(name, 'an integer', value);
  if (value < min || value > max) throw MockRefusal.wrongValue(name, `an integer from ${min} to ${max}`);
  return value;
}

/** The client wants the usage chunk at the end of a stream. */
export function wantsUsage(body: JsonObject): boolean {
  const options = body['stream_options'] ?? {};
  if (!isObject(options)) throw MockRefusal.wrongKind('stream_options', 'an object', options);
  return optionalBoolean(options, 'include_usage');
}

/** Strings at which the answer stops. */
export function stopStrings(body: JsonObject): readonly string[] {
  const value = body['stop'] ?? [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((one) => {
    if (typeof one !== 'string') throw MockRefusal.wrongKind('stop', 'a string or an array of strings', value);
    return one;
  });
}
