import { asObject, asText } from './json-value.js';

/** A call that calls nothing: some write out every field that they know. */
export function isEmptyCall(call: unknown): boolean {
  const { function: called, custom, id } = asObject(call) ?? {};
  return [called, custom].every((one) => asText(asObject(one)?.['name']) === undefined) && asText(id) === undefined;
}
