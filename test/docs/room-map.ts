import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

interface Cruise {
  readonly modules: readonly { readonly source: string; readonly dependencies: readonly { readonly resolved: string }[] }[];
}

/** What nearly every room sees: drawn as one box, without the arrows to it. */
const GROUND = ['config', 'contracts', 'json'];

export function rooms(): string[] {
  return readdirSync('src', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();
}

/** The folders of `src` and who imports whom, as dependency-cruiser finds it, for Mermaid. Tests do not count. */
export function roomMap(): string {
  const command = [
    'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
    '--config',
    '.dependency-cruiser.cjs',
    'src',
    '--output-type',
    'json',
  ];
  const cruise = JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8', maxBuffer: 64 * 2 ** 20 })) as Cruise;
  const arrows = new Set<string>();
  for (const { source, dependencies } of cruise.modules) {
    const from = source.endsWith('.spec.ts') ? undefined : roomOf(source);
    for (const { resolved } of dependencies) {
      const to = roomOf(resolved);
      if (from === undefined || to === undefined || from === to || (GROUND.includes(to) && !GROUND.includes(from))) continue;
      arrows.add(`  ${from} --> ${to}`);
    }
  }
  const ground = ['  subgraph ground [seen by the others]', ...GROUND.map((room) => `    ${room}`), '  end'];
  const others = rooms().filter((room) => !GROUND.includes(room));
  return ['```mermaid', 'flowchart TD', ...others.map((room) => `  ${room}`), ...ground, ...[...arrows].toSorted(), '```'].join('\n');
}

function roomOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}
