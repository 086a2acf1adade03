import type { JsonObject } from './json-value.js';

/** The number of a choice; of one that has none, its place. */
export function choiceIndex({ index }: JsonObject, position: number): number {
  return typeof index === 'number' ? index : position;
}
