import { plainCall } from '../../test/doubles/plain-call.js';
import { RecordingMeter } from '../../test/doubles/recording-meter.js';
import { settingsFrom } from '../../test/doubles/settings-from.js';
import { HealthView } from '../contracts/health-view.js';
import { type AskedPlan, type ExplainedPlan, explainPlan } from './explained-plan.js';
import { Router } from './router.js';

class Health extends HealthView {
  readonly out = new Set<string>();

  override circuits(): never {
    throw new Error('A plan asks who is available, and no more.');
  }
  override view(): never {
    throw new Error('A plan asks who is available, and no more.');
  }
  override isAvailable(upstream: string): boolean {
    return !this.out.has(upstream);
  }
}

const settings = settingsFrom({
  GATEWAY_UPSTREAMS: 'a=http://h:1/v1?model=inner-a;b=mock://local;c=mock://local;d=mock://local;e=mock://local',
  GATEWAY_FALLBACKS: 'chat=d;a=e;b=e;d=e;c=a,b',
  GATEWAY_DEFAULT_UPSTREAM: 'e',
  GATEWAY_ROUTE_POLICIES: JSON.stringify({
    chat: { strategy: 'weighted', targets: Object.entries({ a: 1, b: 3, c: 0 }).map(([name, weight]) => ({ name, weight })) },
    half: { strategy: 'canary', primary: 'a', canary: 'b', percent: 50 },
    sole: { strategy: 'weighted', targets: [{ name: 'a', weight: 1 }] },
  }),
});
const health = new Health();
beforeEach(() => health.out.clear());

const principal = (...models: string[]): AskedPlan['principal'] => ({
  kind: 'key',
  id: 'p1',
  allowedModels: models.length > 0 ? new Set(models) : undefined,
  rateLimitPerMinute: 60,
});
const asked = (model: string, part: Partial<AskedPlan> = {}): AskedPlan => ({ model, principal: principal(), endUser: undefined, ...part });
const explain = (model: string, part: Partial<AskedPlan> = {}): ExplainedPlan => {
  const plan = explainPlan(asked(model, part), settings, health);
  if (plan === undefined) throw new Error(`${model} leads nowhere`);
  return plan;
};
const told = ({ targets }: ExplainedPlan): string[] =>
  targets.map(({ target, reason, share, fallbackOf }) => [target.upstream.name, reason, share, fallbackOf].filter((part) => part !== null).join(' '));

it('a name of an upstream, and one that only the default takes', () => {
  expect(explain('c')).toMatchObject({ route: undefined, order: 'fixed', forbidden: [] });
  expect(told(explain('c'))).toEqual(['c upstream_of_that_name', 'a fallback c', 'b fallback c', 'e fallback a']);
  expect(told(explain('gpt-9'))).toEqual(['e default_upstream']);
  expect(explain('a').targets[0]?.target).toMatchObject({ model: 'inner-a', answersAs: 'a' });
});

it("a route's targets by their shares, then its last resorts, then fallbacks", () => {
  expect(explain('chat')).toMatchObject({ route: { strategy: 'weighted' }, order: 'by_share' });
  expect(told(explain('chat'))).toEqual(['b share 0.75', 'a share 0.25', 'c last_resort 0', 'd fallback chat', 'e fallback a']);
  expect(explain('sole')).toMatchObject({ order: 'fixed' });
});

it('those that would turn the call away stand behind the others of their kind, fallbacks where they are', () => {
  for (const name of ['b', 'd']) health.out.add(name);
  expect(told(explain('chat'))).toEqual(['a share 0.25', 'b share 0.75', 'c last_resort 0', 'd fallback chat', 'e fallback a']);
});

it('for an end user, and where nothing is drawn, it is the very plan that the router makes', () => {
  const router = new Router(health, new RecordingMeter());
  const names = (plan: readonly { readonly upstream: { readonly name: string } }[]): string[] => plan.map(({ upstream }) => upstream.name);
  const sides = new Set<string | undefined>();
  for (const out of [[], ['a'], ['b', 'd']]) {
    health.out.clear();
    for (const name of out) health.out.add(name);
    for (let user = 0; user < 50; user++) {
      for (const model of ['chat', 'half', 'sole', 'a', 'c', 'other']) {
        const endUser = `user-${user}`;
        const plan = explain(model, { endUser });
        expect(names(plan.targets.map(({ target }) => target))).toEqual(names(router.plan(plainCall({ model, endUser }), settings)));
        expect(plan.order).toBe(model === 'chat' || model === 'half' ? 'by_user' : 'fixed');
        if (model === 'half') sides.add(plan.targets[0]?.target.upstream.name);
      }
    }
  }
  expect(sides).toEqual(new Set(['a', 'b']));
});

it('what the caller may not use leads nowhere, or is left out by name', () => {
  const narrow = principal('chat', 'd');
  expect(told(explain('chat', { principal: narrow }))).toEqual(['b share 0.75', 'a share 0.25', 'c last_resort 0', 'd fallback chat']);
  expect(explain('chat', { principal: narrow }).forbidden).toEqual(['e']);
  for (const model of ['a', 'half', 'gpt-9']) expect(explainPlan(asked(model, { principal: narrow }), settings, health)).toBeUndefined();
  expect(explainPlan(asked('a\n'), settings, health)).toBeUndefined();
});
