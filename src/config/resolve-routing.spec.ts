import { Findings } from './findings.js';
import { Place } from './place.js';
import { ResolveRouting } from './resolve-routing.js';

const told = (findings: Findings): string[] => findings.mistakes.map(({ path, found, reason }) => `${path} = ${found}: ${reason}`);
const map = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(map)
    : typeof value === 'object' && value !== null
      ? new Map(Object.entries(value).map(([key, inner]) => [key, map(inner)]))
      : value;

function routesOf(entries: Record<string, unknown>): { routes: unknown; told: string[] } {
  const findings = new Findings();
  const routes = new ResolveRouting(new Set(['a', 'b']), findings).routes(map(entries) as Map<string, unknown>, Place.variable('R'));
  return { routes: Object.fromEntries(routes), told: told(findings) };
}
function fallbacksOf(entries: Record<string, unknown>, answers = true): { fallbacks: unknown; told: string[]; warnings: string[] } {
  const findings = new Findings();
  const fallbacks = new ResolveRouting(new Set(['a', 'b', 'c', 'd']), findings).fallbacks(
    map(entries) as Map<string, unknown>,
    Place.variable('F'),
    () => answers,
  );
  return { fallbacks: Object.fromEntries(fallbacks), told: told(findings), warnings: findings.warnings };
}

describe('routes', () => {
  it('weights may be fractions, and a weight of 0 is a last resort', () => {
    const chat = {
      strategy: 'weighted',
      targets: [
        { name: 'a', weight: 0.5 },
        { name: 'b', weight: 0 },
      ],
    };
    expect(routesOf({ chat })).toEqual({ routes: { chat }, told: [] });
  });

  it.each<[string, unknown, string]>([
    [
      'a target that is no upstream',
      { strategy: 'weighted', targets: [{ name: 'aa', weight: 1 }] },
      'R.x.targets[0].name = "aa": there is no such upstream',
    ],
    [
      'a negative weight',
      { strategy: 'weighted', targets: [{ name: 'a', weight: -1 }] },
      'R.x.targets[0].weight = -1: must be a number from 0 to 1000000',
    ],
    [
      'a weight that is no number',
      { strategy: 'weighted', targets: [{ name: 'a', weight: NaN }] },
      'R.x.targets[0].weight = NaN: must be a number from 0 to 1000000',
    ],
    [
      'weights that are all zero',
      {
        strategy: 'weighted',
        targets: [
          { name: 'a', weight: 0 },
          { name: 'b', weight: 0 },
        ],
      },
      'R.x.targets = weights of 0: at least one weight must be over 0',
    ],
    ['no targets', { strategy: 'weighted', targets: [] }, 'R.x.targets = (a list): must be a list of targets, each with name and weight'],
    [
      'a target twice',
      {
        strategy: 'weighted',
        targets: [
          { name: 'a', weight: 1 },
          { name: 'a', weight: 2 },
        ],
      },
      'R.x.targets[1] = "a": this target stands there twice',
    ],
    ['targets that are names', { strategy: 'weighted', targets: ['a'] }, 'R.x.targets[0] = "a": must be a map with name, weight'],
    ['a canary without stable', { strategy: 'canary', canary: 'b', percent: 5 }, 'R.x.primary = (missing): is missing'],
    ['a percentage over 100', { strategy: 'canary', primary: 'a', canary: 'b', percent: 101 }, 'R.x.percent = 101: must be a number from 0 to 100'],
    [
      'a canary of itself',
      { strategy: 'canary', primary: 'a', canary: 'a', percent: 1 },
      'R.x.canary = "a": canary and primary are the same upstream',
    ],
    ['another strategy', { strategy: 'random' }, 'R.x.strategy = "random": must be weighted or canary'],
    ['no strategy', {}, 'R.x.strategy = (missing): must be weighted or canary'],
    ['no map', 'a', 'R.x = "a": must be a map with a strategy'],
    [
      'a field of the other strategy',
      { strategy: 'canary', primary: 'a', canary: 'b', percent: 1, targets: [] },
      'R.x.targets = (not shown): is no known setting',
    ],
  ])('%s is refused', (_, entry, expected) => {
    expect(routesOf({ x: entry }).told).toContain(expected);
  });

  it('a name that cannot be one is refused', () => {
    expect(routesOf({ constructor: { strategy: 'weighted', targets: [{ name: 'a', weight: 1 }] } }).told).toEqual([
      expect.stringContaining('R.constructor'),
    ]);
  });
});

describe('fallbacks', () => {
  it('are taken as lists or as text, and may be chained', () => {
    expect(fallbacksOf({ a: ['b'], b: 'c, d' })).toEqual({ fallbacks: { a: ['b'], b: ['c', 'd'] }, told: [], warnings: [] });
  });

  it('the same target by two ways is no circle', () => {
    expect(fallbacksOf({ a: ['b', 'c'], b: ['d'], c: ['d'] }).told).toEqual([]);
  });

  it('a circle is told in full', () => {
    expect(fallbacksOf({ a: ['b'], b: ['c'], c: ['a'] }).told).toEqual(['F.a = "a → b → c → a": these fallbacks go round in a circle']);
    expect(fallbacksOf({ a: ['a'] }).told).toEqual(['F.a = "a → a": these fallbacks go round in a circle']);
  });

  it('a target that is no upstream is refused, a name that leads nowhere only warned of', () => {
    expect(fallbacksOf({ a: ['bb'] }).told).toEqual(['F.a[0] = "bb": there is no such upstream']);
    expect(fallbacksOf({ nowhere: ['a'] }, false)).toMatchObject({
      told: [],
      warnings: [expect.stringContaining('F.nowhere is neither a route nor an upstream')],
    });
  });

  it.each<[string, unknown]>([
    ['a number', 1],
    ['an empty list', []],
    ['numbers', [1]],
    ['nothing', ' '],
  ])('%s is refused', (_, entry) => {
    expect(fallbacksOf({ a: entry }).told).toHaveLength(1);
  });
});
