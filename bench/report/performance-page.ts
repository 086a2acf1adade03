import { cpus } from 'node:os';
import type { Findings } from '../figures/findings.ts';
import type { Profile } from '../profiles/profile.ts';
import { row } from './figure-table.ts';

interface Found {
  readonly profile: Profile;
  readonly findings: Findings;
}

/** The page that a run writes: nothing in it but what the run saw and how. */
export function performancePage(found: readonly Found[], isPinned: boolean): string {
  return `# What it costs

Written by \`npm run bench\`; do not edit. Figures are the minimum, the median and the maximum over rounds; the median is held against the bar.

**Method.** The built gateway runs as its own process${isPinned ? ', alone on one core; the load generator and the upstream share what other cores there are' : ''}. Both sides of a
comparison run in the same minute, in turn, and ratios are made round by round, so that a slow moment of the machine falls out. CPU time
is the kernel's account of the whole process (all its threads and children), divided by what was served: it bears noise better than requests
per second. The whole chain is on: a key, its policy, a limit that refuses nobody, a route with shares (where upstreams are not asked for
by their own names), circuit breakers, metrics, one log line a request (written to nowhere). A round in which any answer was not the
expected one is no round; where there are many of them, the profile fails. The
upstream answers at once, from memory; nginx is \`proxy_pass\` with one worker, kept connections and no log.

**Machine.** Linux on ${process.arch}, ${cpus().length} cores, virtual and shared: ratios carry over to other machines, microseconds do not. Node ${process.versions.node}.

${found.map(section).join('\n')}`;
}

function section({ profile, findings }: Found): string {
  const rows = findings.figures.map((figure) => `| ${row(figure).join(' | ')} |`).join('\n');
  const notes = (findings.notes ?? []).map((note) => `\n${note}\n`).join('');
  const pictures = (findings.curves ?? []).map(({ name, title }) => `\n![${title}](performance/${name}.svg)\n`).join('');
  return `## ${profile.title}

${profile.method}

| | min | median | max | bar | |
| --- | --: | --: | --: | --: | --- |
${rows}
${notes}${pictures}`;
}
