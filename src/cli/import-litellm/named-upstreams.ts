import { nameFault } from '../../config/setting-names.js';
import type { Deployment } from './deployment.js';
import { SHARE_WORDS } from './deployment.js';
import { freeName } from './free-name.js';
import { hasPlaceholder } from './has-placeholder.js';
import type { ImportReport } from './import-report.js';
import type { LitellmValue } from './litellm-value.js';

export interface WeightedTarget {
  readonly name: string;
  readonly weight: number;
}

const WEIGHT_MAX = 1_000_000;

/**
 * Names of LiteLLM become names here. A name with one deployment is an upstream; one with several is a weighted route to `name-1`, `name-2`, …; and
 * so is one whose fallbacks come back to it, since ours may not go round in a circle. An alias is a route to what its name leads to.
 */
export class NamedUpstreams {
  readonly upstreams = new Map<string, ReadonlyMap<string, string | number>>();
  readonly routes = new Map<string, readonly WeightedTarget[]>();
  private readonly aliases = new Map<string, string>();
  private readonly groups = new Map<string, Deployment[]>();
  private readonly led = new Map<string, readonly WeightedTarget[]>();

  constructor(
    deployments: readonly Deployment[],
    aliases: LitellmValue | undefined,
    private readonly report: ImportReport,
  ) {
    for (const deployment of deployments) this.groups.set(deployment.name, [...(this.groups.get(deployment.name) ?? []), deployment]);
    for (const alias of aliases?.isMap ? aliases.children : []) this.readAlias(alias);
    for (const alias of this.aliases.keys()) {
      for (const { at } of this.groups.get(alias) ?? [])
        report.leave(at, 'nobody reaches it: model_group_alias leads its name elsewhere', 'remove one of the two');
      this.groups.delete(alias);
    }
  }

  /** Every name that clients may ask for. */
  get names(): string[] {
    return [...this.groups.keys(), ...this.aliases.keys()];
  }

  /** The name that an alias stands for; any other name itself. */
  meant(name: string): string {
    return this.aliases.get(name) ?? name;
  }

  /** What a name leads to, the greatest share first. Empty: nowhere. */
  leadsTo(name: string): readonly WeightedTarget[] {
    return this.led.get(this.meant(name)) ?? [];
  }

  /** Gives every upstream its name; `apart`: names that must not be an upstream's. */
  name(apart: ReadonlySet<string>): void {
    const taken = new Set(this.names);
    for (const [name, deployments] of this.groups) {
      const [only] = deployments;
      if (deployments.length === 1 && only !== undefined && !apart.has(name)) {
        this.upstreams.set(name, only.fields);
        this.led.set(name, [{ name, weight: 1 }]);
        for (const word of ['rpm', 'tpm'] as const) {
          const limit = only.shares[word] === undefined ? undefined : only.at.at('litellm_params')?.at(word);
          if (limit)
            this.report.leave(
              limit,
              'an upstream has no limit of its own',
              'after a 429 it rests as long as it says; max_concurrency caps calls at a time',
            );
        }
        continue;
      }
      const weights = weightsOf(deployments);
      const targets = deployments.map(({ fields }, index) => {
        const own = freeName(`${name}-${index + 1}`, taken);
        taken.add(own);
        this.upstreams.set(own, fields);
        return { name: own, weight: weights[index] ?? 1 };
      });
      this.routes.set(name, targets);
      this.led.set(
        name,
        targets.toSorted((one, other) => other.weight - one.weight),
      );
    }
    for (const [alias, name] of this.aliases) {
      const targets = this.routes.get(name) ?? this.led.get(name) ?? [];
      if (targets.length > 0) this.routes.set(alias, targets);
    }
  }

  private readAlias(alias: LitellmValue): void {
    const name = alias.isMap ? alias.at('model')?.text : alias.text;
    const fault = nameFault(alias.key) ?? (hasPlaceholder(alias.key) ? 'a name may not hold ${…}' : undefined);
    if (fault !== undefined) this.report.leave(alias, fault, 'choose another name');
    else if (name === undefined || !this.groups.has(name))
      this.report.leave(alias, 'it leads to no entry that was carried over', 'write a route for it');
    else if (name !== alias.key) {
      this.aliases.set(alias.key, name);
      if (alias.at('hidden')?.value === true) this.report.remind(alias, 'it is hidden there; here /v1/models lists every name that a key may use');
    }
  }
}

/** By `order` the first ones alone, by the first of weight, rpm and tpm that any of them has; else alike. */
function weightsOf(deployments: readonly Deployment[]): number[] {
  const word = SHARE_WORDS.find((candidate) => deployments.some(({ shares }) => shares[candidate] !== undefined));
  const first = Math.min(...deployments.map(({ order }) => order ?? Infinity));
  const isFirst = ({ order }: Deployment): boolean => (order ?? Infinity) === first;
  const written = deployments.map((deployment) => (isFirst(deployment) ? (word === undefined ? 1 : (deployment.shares[word] ?? 0)) : 0));
  const greatest = Math.max(...written);
  if (greatest === 0) return deployments.map((deployment) => (isFirst(deployment) ? 1 : 0));
  const scale = Math.min(1, WEIGHT_MAX / greatest);
  return written.map((weight) => (weight === 0 ? 0 : Math.max(0.001, Math.round(weight * scale * 1000) / 1000)));
}
