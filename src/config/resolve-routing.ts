import type { RouteSettings } from '../contracts/gateway-settings.js';
import { checkObject } from './check-object.js';
import type { Findings } from './findings.js';
import { nearestName } from './nearest-name.js';
import type { Place } from './place.js';
import { CanaryRouteFile, WeightedRouteFile } from './route-file.js';
import { settingFields } from './setting.js';
import { nameFault } from './setting-names.js';
import { shownValue } from './shown-value.js';

const STRATEGIES = ['weighted', 'canary'] as const;

/** Routes and fallbacks, checked against the names of the upstreams there are; `upstreams` undefined: nobody knows which were meant. */
export class ResolveRouting {
  constructor(
    private readonly upstreams: ReadonlySet<string> | undefined,
    private readonly findings: Findings,
  ) {}

  routes(entries: ReadonlyMap<unknown, unknown>, map: Place): Map<string, RouteSettings> {
    const routes = new Map<string, RouteSettings>();
    for (const [name, entry] of entries) {
      const place = map.at(String(name));
      const fault = nameFault(name);
      if (fault !== undefined) this.findings.mistake(place, shownValue(name), fault, 'choose another name, such as "chat"');
      const before = this.findings.mistakes.length;
      const route = this.route(entry, place);
      if (route !== undefined && this.findings.mistakes.length === before) routes.set(String(name), route);
    }
    return routes;
  }

  /** What is made of a route with a mistake is as good as can be, and nobody uses it. */
  private route(entry: unknown, place: Place): RouteSettings | undefined {
    if (!(entry instanceof Map)) {
      this.findings.mistake(
        place,
        shownValue(entry),
        'must be a map with a strategy',
        place.setTo(
          '{"strategy":"weighted","targets":[{"name":"primary","weight":90}]}',
          '{ strategy: weighted, targets: [{ name: primary, weight: 90 }] }',
        ),
      );
      return undefined;
    }
    const strategy = entry.get('strategy') as unknown;
    if (strategy === 'weighted') return this.weighted(entry, place);
    if (strategy === 'canary') return this.canary(entry, place);
    const at = place.at('strategy');
    const near = typeof strategy === 'string' ? nearestName(strategy, STRATEGIES) : undefined;
    this.findings.mistake(
      at,
      shownValue(strategy),
      'must be weighted or canary',
      near === undefined ? at.setTo('weighted') : `did you mean ${near}?`,
    );
    this.asMeant(near, entry, place);
    return undefined;
  }

  /** The other fields of a route without a valid strategy, by the strategy that they look like. What the other one has is not called unknown. */
  private asMeant(near: string | undefined, entry: ReadonlyMap<unknown, unknown>, place: Place): void {
    const names = new Set([...entry.keys()].map(String));
    const has = (shape: typeof CanaryRouteFile | typeof WeightedRouteFile): boolean =>
      [...settingFields(shape).keys()].some((field) => field !== 'strategy' && names.has(field));
    const isCanary = near === undefined ? has(CanaryRouteFile) : near === 'canary';
    if (near === undefined && !isCanary && !has(WeightedRouteFile)) return;
    const other = settingFields(isCanary ? WeightedRouteFile : CanaryRouteFile);
    const fields = new Map([...entry].filter(([name]) => !other.has(String(name))));
    if (isCanary) this.canary(fields.set('strategy', 'canary'), place);
    else this.weighted(fields.set('strategy', 'weighted'), place);
  }

  private weighted(entry: ReadonlyMap<unknown, unknown>, place: Place): RouteSettings {
    const { targets = [] } = checkObject(WeightedRouteFile, entry, place, this.findings) as Partial<WeightedRouteFile>;
    const targetsAt = place.at('targets');
    for (const [index, target] of targets.entries()) {
      const { name } = target as Partial<typeof target>;
      if (name === undefined) continue;
      this.upstream(name, targetsAt.at(index).at('name'));
      if (targets.findIndex((other) => other.name === name) < index)
        this.findings.mistake(targetsAt.at(index), shownValue(name), 'this target stands there twice', 'keep one, with the sum of the weights');
    }
    if (targets.length > 0 && targets.every(({ weight }) => weight === 0)) {
      const fix = `give the first target ${targetsAt.at(0).at('weight').setTo('100')}`;
      this.findings.mistake(targetsAt, 'weights of 0', 'at least one weight must be over 0', fix);
    }
    return { strategy: 'weighted', targets: targets.map(({ name, weight }) => ({ name, weight })) };
  }

  private canary(entry: ReadonlyMap<unknown, unknown>, place: Place): RouteSettings {
    const { primary, canary, percent } = checkObject(CanaryRouteFile, entry, place, this.findings);
    const written: Partial<CanaryRouteFile> = { primary, canary };
    if (written.primary !== undefined) this.upstream(primary, place.at('primary'));
    if (written.canary !== undefined) this.upstream(canary, place.at('canary'));
    if (written.primary !== undefined && primary === canary)
      this.findings.mistake(place.at('canary'), shownValue(canary), 'canary and primary are the same upstream', 'name another upstream');
    return { strategy: 'canary', primary, canary, percent };
  }

  upstream(name: string, place: Place): void {
    if (this.upstreams === undefined || this.upstreams.has(name)) return;
    const near = nearestName(name, this.upstreams);
    this.findings.mistake(
      place,
      shownValue(name),
      'there is no such upstream',
      near === undefined ? `name one of ${[...this.upstreams].slice(0, 10).join(', ') || 'the upstreams'}` : `did you mean ${near}?`,
    );
  }

  /** `answers` tells whether a name that clients may ask for leads anywhere at all. */
  fallbacks(entries: ReadonlyMap<unknown, unknown>, map: Place, answers: (name: string) => boolean): Map<string, readonly string[]> {
    const fallbacks = new Map<string, readonly string[]>();
    for (const [key, entry] of entries) {
      const name = String(key);
      const place = map.at(name);
      const fault = nameFault(key);
      if (fault !== undefined) this.findings.mistake(place, shownValue(key), fault, 'choose another name, such as "llama"');
      const targets = this.fallbackTargets(entry, place);
      if (targets === undefined) continue;
      fallbacks.set(name, targets);
      if (fault === undefined && !answers(name))
        this.findings.warn(place, 'is neither a route nor an upstream, and there is no default upstream: this fallback is never taken');
    }
    this.refuseCycles(fallbacks, map);
    return fallbacks;
  }

  private fallbackTargets(entry: unknown, place: Place): readonly string[] | undefined {
    const list = typeof entry === 'string' ? textList(entry) : entry;
    if (!Array.isArray(list) || list.length === 0) {
      const fix = place.setTo('gpt-4o-mini,mock', '[gpt-4o-mini, mock]');
      this.findings.mistake(place, shownValue(entry), "must be a list of upstreams' names", fix);
      return undefined;
    }
    const targets: string[] = [];
    for (const [index, target] of (list as unknown[]).entries()) {
      const at = place.at(index);
      if (typeof target !== 'string') this.findings.mistake(at, shownValue(target), "must be an upstream's name", 'gpt-4o-mini');
      else {
        this.upstream(target, at);
        if (targets.includes(target)) this.findings.mistake(at, shownValue(target), 'stands there twice', 'keep one of them');
        targets.push(target);
      }
    }
    return targets;
  }

  private refuseCycles(fallbacks: ReadonlyMap<string, readonly string[]>, map: Place): void {
    const finished = new Set<string>();
    const walk = (name: string, trail: readonly string[]): void => {
      const start = trail.indexOf(name);
      if (start >= 0) {
        const cycle = [...trail.slice(start), name];
        this.findings.mistake(
          map.at(name),
          JSON.stringify(cycle.join(' → ')),
          'these fallbacks go round in a circle',
          `remove ${name} from the fallbacks of ${cycle.at(-2) ?? name}`,
        );
        return;
      }
      if (finished.has(name)) return;
      for (const next of fallbacks.get(name) ?? []) walk(next, [...trail, name]);
      finished.add(name);
    };
    for (const name of fallbacks.keys()) walk(name, []);
  }
}

function textList(text: string): string[] {
  return text
    .split(',')
    .map((target) => target.trim())
    .filter((target) => target !== '');
}
