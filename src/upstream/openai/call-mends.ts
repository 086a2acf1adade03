import { asObject, asText, type JsonObject } from './json-value.js';

/** What a tool call needs before OpenAI's clients can take it. */
export interface CallMends {
  readonly index: number | undefined;
  readonly id: string | undefined;
  /** It calls a function, and does not say so. */
  readonly isUntyped: boolean;
  /** JSON. */
  readonly arguments: string | undefined;
}

/**
 * Of a call that came without an id it gets `id`, unless it is a piece of one that goes on (`id` undefined). Arguments that came as an object
 * become the text of it; `null` is all that a call begins with where it has none, for no object begins so. `isWhole`: nothing of it follows, so
 * that no arguments are empty ones, and its type is said. undefined: nothing has to be mended.
 */
export function callMends(toolCall: JsonObject, id: string | undefined, isWhole: boolean): Omit<CallMends, 'index'> | undefined {
  const called = asObject(toolCall['function']);
  const hasName = asText(called?.['name']) !== undefined;
  const owed = hasName && asText(toolCall['id']) === undefined ? id : undefined;
  const isUntyped = isWhole && hasName && asText(toolCall['type']) === undefined;
  const text = mendedArguments(called?.['arguments'], hasName, isWhole);
  return owed === undefined && text === undefined && !isUntyped ? undefined : { id: owed, isUntyped, arguments: text };
}

function mendedArguments(given: unknown, hasName: boolean, isWhole: boolean): string | undefined {
  if (asObject(given) !== undefined) return JSON.stringify(JSON.stringify(given));
  const isNone = given === 'null' || (isWhole && (given === undefined || given === null || given === ''));
  return hasName && isNone ? '"{}"' : undefined;
}
