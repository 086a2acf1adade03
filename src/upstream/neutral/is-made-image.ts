import type { Part } from './neutral-request.js';

/** An image that a model made in an earlier answer: a model that makes none would refuse it, and does without. */
export function isMadeImage(part: Part): boolean {
  return part.kind === 'image' && part.isMade === true;
}
