import type { RouteSettings } from '../contracts/gateway-settings.js';
import { checkObject } from './check-object.js';
import type { Findings } from './findings.js';
import { nearestName } from './nearest-name.js';
import type { Place } from './place.js';
import { CanaryRouteFile, WeightedRouteFile } from './route-file.js';
import { nameFault } from './setting-names.js';
import { shownValue } from './shown-value.js';

/** Routes and fallbacks, checked against the names of the upstreams there are. */
export class ResolveRouting {
  constructor(
    private readonly upstreams: ReadonlySet<string>,
    private readonly findings: Findings,
  ) {}

  routes(entries: ReadonlyMap<unknown, unknown>, map: Place): Map<string, RouteSettings> {
    const routes = new Map<string, RouteSettings>();
    for (const [name, entry] of entries) {
      const place = map.at(String(name));
      const fault = nameFault(name);
      if (fault !== undefined) this.findings.mistake(place, shownValue(name), fault, 'choose another name, such as "chat"');
      else {
        const route = this.route(entry, place);
        if (route !== undefined) routes.set(String(name), route);
      }
    }
    return routes;
  }

  private route(entry: unknown, place: Place): RouteSettings | undefined {
    const strategy = entry instanceof Map ? (entry.get('strategy') as unknown) : undefined;
    const before = this.findings.mistakes.length;
    if (!(entry instanceof Map))
      this.findings.mistake(
        place,
        shownValue(entry),
        'must be a map with a strategy',
        '{"strategy":"weighted","targets":[{"name":"primary","weight":90}]}',
      );
    else if (strategy === 'weighted') {
      const { targets } = checkObject(WeightedRouteFile, entry, place, this.findings);
      if (this.findings.mistakes.length > before) return undefined;
      for (const [index, target] of targets.entries()) {
        this.upstream(target.name, place.at('targets').at(index).at('name'));
        if (targets.findIndex(({ name }) => name === target.name) < index)
          this.findings.mistake(
            place.at('targets').at(index),
            shownValue(target.name),
            'this target stands there twice',
            'keep one, with the sum of the weights',
          );
      }
      if (targets.every(({ weight }) => weight === 0))
        this.findings.mistake(place.at('targets'), 'weights of 0', 'at least one weight must be over 0', 'give the first target "weight": 100');
      return { strategy, targets: targets.map(({ name, weight }) => ({ name, weight })) };
    } else if (strategy === 'canary') {
      const { primary, canary, percent } = checkObject(CanaryRouteFile, entry, place, this.findings);
      if (this.findings.mistakes.length > before) return undefined;
      this.upstream(primary, place.at('primary'));
      this.upstream(canary, place.at('canary'));
      if (primary === canary)
        this.findings.mistake(place.at('canary'), shownValue(canary), 'canary and primary are the same upstream', 'name another upstream');
      return { strategy, primary, canary, percent };
    } else this.findings.mistake(place.at('strategy'), shownValue(strategy), 'must be weighted or canary', '"strategy": "weighted"');
    return undefined;
  }

  upstream(name: string, place: Place): void {
    if (this.upstreams.has(name)) return;
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
      const targets =
        typeof entry === 'string'
          ? entry
              .split(',')
              .map((target) => target.trim())
              .filter((target) => target !== '')
          : entry;
      if (fault !== undefined) this.findings.mistake(place, shownValue(key), fault, 'llama=gpt-4o-mini,mock');
      else if (!Array.isArray(targets) || targets.length === 0 || !targets.every((target) => typeof target === 'string'))
        this.findings.mistake(place, shownValue(entry), "must be a list of upstreams' names", 'llama=gpt-4o-mini,mock');
      else {
        const list = targets as string[];
        for (const [index, target] of list.entries()) {
          this.upstream(target, place.at(index));
          if (list.indexOf(target) < index) this.findings.mistake(place.at(index), shownValue(target), 'stands there twice', 'keep one of them');
        }
        fallbacks.set(name, list);
        if (!answers(name))
          this.findings.warn(place, 'is neither a route nor an upstream, and there is no default upstream: this fallback is never taken');
      }
    }
    this.refuseCycles(fallbacks, map);
    return fallbacks;
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
