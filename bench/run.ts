import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Findings } from './figures/findings.ts';
import { insanities } from './figures/insanities.ts';
import { chooseCores, pinSelf } from './machine/cores.ts';
import { FULL, QUICK, SMOKE } from './pace.ts';
import { PROFILES } from './profiles/profiles.ts';
import type { Profile } from './profiles/profile.ts';
import { figureTable } from './report/figure-table.ts';
import { lineChart } from './report/line-chart.ts';
import { performancePage } from './report/performance-page.ts';
import { Workbench } from './workbench.ts';

const HELP = `npm run bench -- [options]
  --quick        short rounds, to see that everything runs; its figures are rough
  --smoke        shorter still: figures that only tell that there are some
  --only NAME    one profile (again for more): ${PROFILES.map(({ name }) => name).join(' ')}
  --portkey      beside Portkey's gateway too, which npm installs into a temporary folder
  --build DIR    measure the build in this folder instead of dist/
  --against DIR  beside another build: the cost of a change, in the profiles json and stream
  --write        write docs/performance.md although the run was not a complete one
  --check        fail unless every profile has figures, and each is a number above zero (a difference: any number); says nothing about their size
A complete run writes docs/performance.md and its pictures.`;

const { values: wishes } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    portkey: { type: 'boolean', default: false },
    build: { type: 'string', default: fileURLToPath(new URL('../dist', import.meta.url)) },
    against: { type: 'string' },
    write: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (wishes.help) console.log(HELP);
else if (process.platform !== 'linux') fail('The bench reads CPU time and memory from /proc: it needs Linux.');
else await run();

async function run(): Promise<void> {
  const unknown = wishes.only.filter((name) => !PROFILES.some((profile) => profile.name === name));
  if (unknown.length > 0) return fail(`There is no profile named ${unknown.join(', ')}.\n${HELP}`);
  const wanted = PROFILES.filter(({ name }) => (wishes.only.length === 0 ? name !== 'portkey' || wishes.portkey : wishes.only.includes(name)));

  const cores = chooseCores();
  pinSelf(cores.measuring);
  const bench = new Workbench(wishes.smoke ? SMOKE : wishes.quick ? QUICK : FULL, cores, {
    measured: resolve(wishes.build),
    against: wishes.against && resolve(wishes.against),
  });
  const stop = (): void => void bench.close().finally(() => process.exit(130));
  process.once('SIGINT', stop).once('SIGTERM', stop);

  const found: { profile: Profile; findings: Findings }[] = [];
  let failures = 0;
  for (const profile of wanted) {
    const startedAt = performance.now();
    try {
      const findings = await profile.measure(bench);
      found.push({ profile, findings });
      console.log(`\n${profile.title} (${profile.name}, ${Math.round((performance.now() - startedAt) / 1000)} s)\n${figureTable(findings.figures)}`);
      for (const note of findings.notes ?? []) console.log(`  ${note}`);
    } catch (error) {
      failures++;
      console.error(`\n${profile.title} (${profile.name}): failed: ${error instanceof Error ? error.message : String(error)}`);
    }
    await bench.clear();
  }
  await bench.close();

  if (wishes.write || (!wishes.quick && !wishes.smoke && wishes.only.length === 0 && failures === 0)) writePage(found, cores.measured !== undefined);
  if (wishes.check)
    for (const { profile, findings } of found)
      for (const words of insanities(findings)) {
        failures++;
        console.error(`${profile.name}: ${words}`);
      }
  process.exitCode = failures > 0 ? 1 : 0;
}

function writePage(found: readonly { profile: Profile; findings: Findings }[], isPinned: boolean): void {
  const docs = fileURLToPath(new URL('../docs/', import.meta.url));
  mkdirSync(`${docs}performance`, { recursive: true });
  for (const { findings } of found)
    for (const curve of findings.curves ?? []) writeFileSync(`${docs}performance/${curve.name}.svg`, lineChart(curve));
  writeFileSync(`${docs}performance.md`, performancePage(found, isPinned));
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}
