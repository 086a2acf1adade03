/** One fenced block of a page that is marked to be tried. */
export interface Example {
  readonly section: string;
  /** `start` starts a gateway, `run` is pasted into a shell, `module` is a program of its own. */
  readonly action: 'start' | 'run' | 'module';
  readonly needsRedis: boolean;
  /** What must stand in its output. */
  readonly prints: readonly string[];
  readonly code: string;
}

const BLOCK = /^## .*$|^### .*$|<!-- (start|run|module)(, needs: redis)?(?:, prints: (.*?))? -->\n+```(?:sh|js)\n([\s\S]*?)```/gm;

/** The marked blocks in their order: `<!-- start -->`, `<!-- run, prints: this | and that -->` before the fence. */
export function examplesIn(markdown: string): Example[] {
  let section = '';
  const examples: Example[] = [];
  for (const [whole, action, redis, prints, code = ''] of markdown.matchAll(BLOCK)) {
    if (action === undefined) section = whole.replace(/^#+ /, '');
    else {
      const texts = prints === undefined ? [] : prints.split(' | ');
      examples.push({ section, action: action as Example['action'], needsRedis: redis !== undefined, prints: texts, code });
    }
  }
  return examples;
}
