import type { RecordedCase } from '../doubles/recorded-traffic.js';

/** Columns, by what a recording is marked with. */
const COLUMNS = [
  ['answers', ({ status, stream, endpoint }) => status === 200 && stream !== true && endpoint !== 'embeddings'],
  ['streams', ({ status, stream }) => status === 200 && stream === true],
  ['tools', ({ features }) => features.includes('tool_calls')],
  ['parallel', ({ features }) => features.includes('parallel_tools')],
  ['reasoning', ({ features }) => features.includes('reasoning') || features.includes('reasoning_tokens')],
  ['JSON', ({ features }) => features.includes('json_schema') || features.includes('json_mode')],
  ['media', ({ features }) => features.includes('vision') || features.includes('document')],
  ['cache', ({ features }) => features.includes('cache_read') || features.includes('cache_write')],
  ['log probabilities', ({ features }) => features.includes('logprobs')],
  ['errors', ({ status, features }) => status >= 400 || features.includes('midstream_error')],
  ['embeddings', ({ endpoint, status }) => endpoint === 'embeddings' && status === 200],
] as const satisfies readonly (readonly [string, (recorded: RecordedCase) => boolean])[];

/** Provider by feature: how many recordings came through as they were, of how many. */
export class PassedTable {
  private readonly rows = new Map<string, Map<string, { passed: number; all: number }>>();

  add(recorded: RecordedCase, passed: boolean): void {
    let row = this.rows.get(recorded.provider);
    if (row === undefined) this.rows.set(recorded.provider, (row = new Map()));
    for (const [column, fits] of COLUMNS) {
      if (!fits(recorded)) continue;
      const cell = row.get(column) ?? { passed: 0, all: 0 };
      row.set(column, { passed: cell.passed + (passed ? 1 : 0), all: cell.all + 1 });
    }
  }

  toString(): string {
    const lines = [
      ['provider', ...COLUMNS.map(([column]) => column)],
      ['---', ...COLUMNS.map(() => '---')],
    ];
    for (const [provider, row] of [...this.rows].toSorted(([one], [other]) => one.localeCompare(other)))
      lines.push([
        provider,
        ...COLUMNS.map(([column]) => {
          const cell = row.get(column);
          if (cell === undefined) return '';
          return cell.passed === cell.all ? String(cell.all) : `${cell.passed} of ${cell.all}`;
        }),
      ]);
    return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  }
}
