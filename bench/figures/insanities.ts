import type { Figure, Findings } from './findings.ts';

/** What cannot be true of a profile's findings, in words: figures that are no numbers above zero, or none at all and nothing said of it. */
export function insanities({ figures, notes = [] }: Findings): readonly string[] {
  if (figures.length === 0 && notes.length === 0) return ['it found nothing out'];
  return figures.filter((figure) => !isSane(figure)).map(({ what, spread }) => `${what} came out as ${Object.values(spread).join(', ')}`);
}

function isSane({ spread, isDifference }: Figure): boolean {
  const values = Object.values(spread);
  return values.every((value) => Number.isFinite(value)) && (isDifference === true || (values.every((value) => value >= 0) && spread.max > 0));
}
