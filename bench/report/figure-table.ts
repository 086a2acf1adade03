import { type Figure, meetsBar } from '../figures/findings.ts';
import { readable } from './readable.ts';

/** For a terminal. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = [['', 'min', 'median', 'max', 'bar', ''], ...figures.map(row)];
  const widths = rows[0]?.map((_cell, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0))) ?? [];
  return rows
    .map((cells) =>
      `  ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')}`.trimEnd(),
    )
    .join('\n');
}

/** Name, min, median, max, bar, verdict. */
export function row(figure: Figure): string[] {
  const { what, unit, spread, bar } = figure;
  const meets = meetsBar(figure);
  const told = bar === undefined ? '' : 'atMost' in bar ? `≤ ${readable(bar.atMost)}` : `≥ ${readable(bar.atLeast)}`;
  return [
    unit === '' ? what : `${what} (${unit})`,
    ...[spread.min, spread.median, spread.max].map(readable),
    told,
    meets === undefined ? '' : meets ? 'met' : 'missed',
  ];
}
