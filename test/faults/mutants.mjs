// npm run faults:mutants -- [--only NAME[,NAME]]
// Proves that the rows bite: each mutant is put into a build of its own, and its rows are run against it.
import './typescript.mjs';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const { MUTANTS } = await import('./mutants.ts');
const { PrivateBuild } = await import('./private-build.ts');
const { cell, withTable } = await import('./report.ts');
const only = values.only?.split(',');
const wanted = MUTANTS.filter(({ name }) => only === undefined || only.includes(name));
const folder = mkdtempSync(join(tmpdir(), 'nexus-faults-mutants-'));
const build = new PrivateBuild();
let failed = 0;

/** Which of these rows hold. */
async function holding(rows) {
  const file = join(folder, 'rows.json');
  rmSync(file, { force: true });
  const run = spawn(process.execPath, ['test/faults/run.mjs', '--only', rows.join(','), '--json', file], {
    env: { ...process.env, FAULTS_GATEWAY: build.main },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await new Promise((resolve) => run.once('close', resolve));
  const results = JSON.parse(readFileSync(file, 'utf8'));
  for (const row of rows) if (!results.some(({ name }) => name === row)) throw new Error(`There is no row ${row}.`);
  return new Map(results.map(({ name, passed, observed }) => [name, { passed, observed }]));
}

function spoiled({ name, file, changes }) {
  let text = build.read(file);
  for (const [from, to] of changes) {
    if (text.split(from).length !== 2) throw new Error(`${name}: src/${file} does not have this once: ${from}`);
    text = text.replace(from, () => to);
  }
  return text;
}

const lines = [];
try {
  // The same rows hold without a mutant, or their red would say nothing.
  const sound = await holding([...new Set(wanted.flatMap(({ red, green }) => [...red, green]))]);
  for (const [row, { passed, observed }] of sound) if (!passed) process.stdout.write(`without a mutant, ${row} does not hold: ${observed}\n`);
  for (const mutant of wanted) {
    build.write(mutant.file, spoiled(mutant));
    const seen = await holding([...mutant.red, mutant.green]);
    build.write(mutant.file, build.read(mutant.file));
    const missed = mutant.red.filter((row) => seen.get(row).passed || !sound.get(row).passed);
    const isCaught = missed.length === 0 && seen.get(mutant.green).passed;
    if (!isCaught) failed++;
    const verdict = isCaught ? 'yes' : `no: ${missed.length > 0 ? `${missed.join(', ')} did not notice` : `${mutant.green} fell too`}`;
    process.stdout.write(
      `${isCaught ? 'caught' : 'MISSED'} | ${mutant.name} | ${mutant.red.map((row) => `${row}: ${seen.get(row).observed}`).join(' | ')}\n`,
    );
    if (!seen.get(mutant.green).passed) process.stdout.write(`         ${mutant.green}: ${seen.get(mutant.green).observed}\n`);
    const cells = [mutant.what, mutant.red.map((row) => `\`${row}\``).join(', '), `\`${mutant.green}\``, verdict];
    lines.push(`| ${cells.map(cell).join(' | ')} |`);
  }
} finally {
  build.remove();
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`${wanted.length - failed} of ${wanted.length} mutants are caught\n`);
if (only === undefined) {
  const head = ['| what was broken | rows that must turn red | row that must stay green | caught |', '| --- | --- | --- | --- |'];
  const table = [`${wanted.length - failed} of ${wanted.length} are caught.`, [...head, ...lines].join('\n')].join('\n\n');
  const page = readFileSync('docs/reliability.md', 'utf8');
  writeFileSync('docs/reliability.md', withTable(page, table, '<!-- mutants: written by npm run faults:mutants -->'));
}
process.exit(failed > 0 ? 1 : 0);
