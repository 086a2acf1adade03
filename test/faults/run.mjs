// npm run faults -- [--quick] [--class NAME] [--only NAME[,NAME]] [--json FILE] [--list]
import './typescript.mjs';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    class: { type: 'string' },
    only: { type: 'string' },
    json: { type: 'string' },
  },
});
const { Matrix } = await import('./matrix.ts');
const { ROW_CLASSES } = await import('./row-classes.ts');
const { lineOf, tableOf, withTable } = await import('./report.ts');
const only = values.only?.split(',');
const isWanted = (row, rowClass) =>
  (!values.quick || row.lane === 'quick') &&
  (values.class === undefined || rowClass.name === values.class) &&
  (only === undefined || only.includes(row.name));

if (values.list) {
  for (const rowClass of ROW_CLASSES)
    for (const row of rowClass.rows)
      if (isWanted(row, rowClass)) process.stdout.write(`${rowClass.name}  ${row.name}  ${row.lane}  ${row.expected}\n`);
  process.exit(0);
}
const results = await new Matrix((result) => process.stdout.write(`${lineOf(result)}\n`)).run(ROW_CLASSES, isWanted);
const failed = results.filter(({ passed }) => !passed);
process.stdout.write(
  `${results.length - failed.length} of ${results.length} rows hold${failed.length > 0 ? `; not: ${failed.map(({ name }) => name).join(' ')}` : ''}\n`,
);
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(results, null, 1));
// Only a whole run is worth publishing.
if (!values.quick && values.class === undefined && only === undefined)
  writeFileSync('docs/reliability.md', withTable(readFileSync('docs/reliability.md', 'utf8'), tableOf(ROW_CLASSES, results)));
process.exit(failed.length > 0 || results.length === 0 ? 1 : 0);
