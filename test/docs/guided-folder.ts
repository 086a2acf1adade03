import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';

/** One thing that the guide for Kubernetes tells one to write. */
export interface GuidedStep {
  readonly path: string;
  /** A file that is named in this list of the kustomization beside it: an addition. */
  readonly under?: string;
  /** Lines for a file that stands already: an addition too. */
  readonly isLines: boolean;
  readonly text: string;
}

const BLOCK = /<!-- (file|lines of): ([^,\s]+)(?:, under (\w+))? -->\n+```yaml\n([\s\S]*?)```/g;

/** By its marks: `<!-- file: PATH -->`, `<!-- file: PATH, under LIST -->`, `<!-- lines of: PATH -->`, each before a block of YAML. */
export function guidedSteps(markdown: string): GuidedStep[] {
  return [...markdown.matchAll(BLOCK)].map(([, what, path = '', under, text = '']) => ({
    path,
    ...(under === undefined ? {} : { under }),
    isLines: what === 'lines of',
    text,
  }));
}

export const isAddition = ({ under, isLines }: GuidedStep): boolean => isLines || under !== undefined;

/** Follows the guide in a copy of the manifests: the files it begins with, and the additions that are given. */
export function followGuide(folder: string, steps: readonly GuidedStep[]): void {
  cpSync('deploy', join(folder, 'deploy'), { recursive: true });
  for (const { path, under, isLines, text } of steps) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    if (isLines) writeFileSync(file, stringify(merged(parse(readFileSync(file, 'utf8')), parse(text))));
    else writeFileSync(file, text);
    if (under === undefined) continue;
    const kustomization = join(dirname(file), 'kustomization.yaml');
    const name = path.slice(path.lastIndexOf('/') + 1);
    const entry = { [under]: [under === 'patches' ? { path: name } : name] };
    writeFileSync(kustomization, stringify(merged(parse(readFileSync(kustomization, 'utf8')), entry)));
  }
}

/** Lists grow, everything else is put in. */
function merged(into: unknown, more: unknown): unknown {
  const whole = { ...(into as Record<string, unknown>) };
  for (const [name, value] of Object.entries(more as Record<string, unknown>)) {
    const former = whole[name];
    whole[name] = Array.isArray(former) && Array.isArray(value) ? [...(former as unknown[]), ...(value as unknown[])] : value;
  }
  return whole;
}
