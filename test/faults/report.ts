import { cpus } from 'node:os';
import type { RowResult } from './matrix.js';
import type { RowClass } from './row.js';

/** One line of the terminal. */
export function lineOf({ name, expected, observed, figure, passed }: RowResult): string {
  return [passed ? 'holds' : 'FAILS', name, `expected: ${expected}`, `observed: ${observed}`, ...(figure === '' ? [] : [`figure: ${figure}`])].join(
    ' | ',
  );
}

const TABLE_BEGIN = '<!-- table: written by npm run faults -->';
const TABLE_END = '<!-- end of table -->';

/** The table that docs/reliability.md shows. */
export function tableOf(classes: readonly RowClass[], results: readonly RowResult[]): string {
  const held = results.filter(({ passed }) => passed).length;
  const parts = [
    `${held} of ${results.length} rows hold. Measured on Node ${process.versions.node}, ${cpus().length} cores shared by the gateway, its upstreams and its clients.`,
  ];
  for (const { name, title } of classes) {
    const own = results.filter(({ rowClass }) => rowClass === name);
    if (own.length === 0) continue;
    const lines = own.map(({ name: row, expected, observed, figure, passed }) => {
      const cells = [`\`${row}\``, expected, observed, figure, passed ? 'yes' : '**no**'];
      return `| ${cells.map(cell).join(' | ')} |`;
    });
    parts.push(`### ${title}`, ['| row | expected | observed | figure | holds |', '| --- | --- | --- | --- | --- |', ...lines].join('\n'));
  }
  return parts.join('\n\n');
}

/** The page with its table replaced: what stands between `begin` and the end of a table after it. */
export function withTable(page: string, table: string, begin = TABLE_BEGIN): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(TABLE_END, from);
  if (from < 0 || to < 0) throw new Error(`The page has no place for the table: put ${begin} and ${TABLE_END} into it.`);
  return `${page.slice(0, from)}${begin}\n\n${table}\n\n${page.slice(to)}`;
}

export function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}
