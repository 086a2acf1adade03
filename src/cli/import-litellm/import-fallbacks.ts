import type { ImportDraft } from './import-draft.js';
import type { LitellmValue } from './litellm-value.js';
import type { NamedUpstreams } from './named-upstreams.js';

/**
 * LiteLLM's fallbacks are names of `model_list`, each with fallbacks of its own, tried in depth; ours are upstreams. Every chain is therefore written
 * out whole.
 */
export class ImportFallbacks {
  private readonly edges = new Map<string, readonly string[]>();
  private readonly defaults: readonly string[];

  constructor(
    private readonly draft: ImportDraft,
    private readonly named: NamedUpstreams,
  ) {
    const { general, defaults } = draft;
    const known = new Set(named.names);
    let others: readonly string[] = defaults === undefined ? [] : this.listed(defaults, known);
    for (const [from, to] of entriesOf(general)) {
      if (from === '*') others = [...others, ...this.listed(to, known)];
      else if (!known.has(from)) draft.report.leave(to, 'no entry of that name was carried over', 'write the entry, and its fallbacks');
      else this.edges.set(from, this.listed(to, known));
    }
    this.defaults = others;
  }

  /** Names that their own fallbacks lead back to. */
  circular(): Set<string> {
    return new Set(this.named.names.filter((name) => this.chain(name, true).has(this.named.meant(name))).map((name) => this.named.meant(name)));
  }

  /** After the upstreams have their names: every name's fallbacks, in order. */
  written(): Map<string, string[]> {
    const written = new Map<string, string[]>();
    for (const name of this.named.names) {
      const own = new Set(this.named.leadsTo(name).map((target) => target.name));
      const upstreams = [...this.chain(name, false)].flatMap((next) => this.named.leadsTo(next).map((target) => target.name));
      const fallbacks = [...new Set(upstreams)].filter((upstream) => !own.has(upstream));
      if (fallbacks.length > 0) written.set(name, fallbacks);
    }
    this.judgeContext();
    return written;
  }

  /** Names in the order LiteLLM tries them. */
  private chain(name: string, returns: boolean): Set<string> {
    const start = this.named.meant(name);
    const reached = new Set<string>();
    const walk = (from: string): void => {
      for (const next of this.after(from).map((to) => this.named.meant(to))) {
        if (reached.has(next) || (next === start && !returns)) continue;
        reached.add(next);
        if (next !== start) walk(next);
      }
    };
    walk(name);
    return reached;
  }

  private after(name: string): readonly string[] {
    const meant = this.named.meant(name);
    return this.edges.get(name) ?? this.edges.get(meant) ?? this.defaults.filter((other) => this.named.meant(other) !== meant);
  }

  private listed(list: LitellmValue, known: ReadonlySet<string>): string[] {
    const names: string[] = [];
    for (const item of list.isList ? list.children : [list]) {
      if (item.text !== undefined && known.has(item.text)) names.push(item.text);
      else this.draft.report.leave(item, 'this fallback is no entry that was carried over', 'write an upstream for it, and name it in fallbacks');
    }
    return names;
  }

  private judgeContext(): void {
    for (const [from, to] of entriesOf(this.draft.context)) {
      const chain = this.chain(from, false);
      const names = (to.isList ? to.children : [to]).map(({ text }) => text ?? '');
      if (names.some((name) => !chain.has(this.named.meant(name))))
        this.draft.report.leave(
          to,
          'fallbacks are not told apart by the reason',
          'name them in fallbacks if they may serve other failures too; a prompt that is too long goes on to those',
        );
    }
  }
}

/** `[{a: [b]}, {c: [d]}]`, or one map. */
function entriesOf(list: LitellmValue | undefined): (readonly [from: string, to: LitellmValue])[] {
  const maps = list === undefined ? [] : list.isList ? list.children : [list];
  return maps.flatMap((map) => (map.isMap ? map.children.map((child) => [child.key, child] as const) : []));
}
