import { plainCall } from '../../test/doubles/plain-call.js';
import { RecordingMeter } from '../../test/doubles/recording-meter.js';
import { SeededRandom } from '../../test/doubles/seeded-random.js';
import { settingsFrom } from '../../test/doubles/settings-from.js';
import type { GatewaySettings } from '../contracts/gateway-settings.js';
import { type CircuitView, HealthView } from '../contracts/health-view.js';
import type { InferenceCall } from '../contracts/inference-call.js';
import { Router } from './router.js';

class Health extends HealthView {
  readonly out = new Set<string>();

  override circuits(): readonly CircuitView[] {
    return [];
  }
  override isAvailable(upstream: string): boolean {
    return !this.out.has(upstream);
  }
  override view(): never {
    throw new Error('The router asks who is available, and no more.');
  }
}

const UPSTREAMS = 'a=http://h:1/v1?model=inner-a;b=mock://local;c=mock://local;d=mock://local;e=mock://local';
const canary = (percent: number) => ({ strategy: 'canary', primary: 'a', canary: 'b', percent });
const weighted = (weights: Record<string, number>) => ({
  strategy: 'weighted',
  targets: Object.entries(weights).map(([name, weight]) => ({ name, weight })),
});

function house(routes: Record<string, object> = {}, env: Record<string, string> = {}) {
  const settings = settingsFrom({ GATEWAY_UPSTREAMS: UPSTREAMS, GATEWAY_ROUTE_POLICIES: JSON.stringify(routes), ...env });
  const health = new Health();
  const meter = new RecordingMeter();
  const random = new SeededRandom(7);
  const router = new Router(health, meter, () => random.next());
  const plan = (model: string, part: Partial<InferenceCall> = {}, inForce: GatewaySettings = settings) =>
    router.plan(plainCall({ model, ...part }), inForce);
  const names = (model: string, part: Partial<InferenceCall> = {}) => plan(model, part).map(({ upstream }) => upstream.name);
  return { settings, health, meter, plan, names };
}

const only = (...models: string[]) => ({ principal: { kind: 'key', id: 'p1', allowedModels: new Set(models), rateLimitPerMinute: 0 } }) as const;

describe('a name', () => {
  it('goes to the route of that name before the upstream, to an upstream before the default', () => {
    const { names } = house({ b: weighted({ c: 1 }) }, { GATEWAY_DEFAULT_UPSTREAM: 'd' });
    expect([names('b'), names('c'), names('what-else')]).toEqual([['c'], ['c'], ['d']]);
  });

  it.each(['nothing', 'constructor', '__proto__', 'toString', '', '../a', 'x'.repeat(10_000), 'a\n'])('%j that leads nowhere is refused', (model) => {
    expect(() => house().plan(model)).toThrow(expect.objectContaining({ code: 'model_not_found', status: 404 }));
  });

  it('that is forbidden is refused in the words of one that does not exist', () => {
    const refusal = (model: string, part?: Partial<InferenceCall>): unknown => {
      try {
        return house({ chat: canary(5) }).plan(model, part);
      } catch (error) {
        return [(error as Error).message, (error as { body: unknown }).body];
      }
    };
    expect(JSON.stringify(refusal('chat', only('other'))).replaceAll('chat', 'ghost')).toBe(JSON.stringify(refusal('ghost', only('other'))));
  });
});

describe('what is sent and what is answered', () => {
  it('a target gets its own model name, else the one asked for; the client sees the one it asked for', () => {
    const { plan } = house({ chat: weighted({ a: 1, b: 0 }) }, { GATEWAY_DEFAULT_UPSTREAM: 'c' });
    expect(plan('chat')).toMatchObject([
      { model: 'inner-a', answersAs: 'chat' },
      { model: 'chat', answersAs: 'chat' },
    ]);
    expect(plan('a')).toMatchObject([{ model: 'inner-a', answersAs: 'a' }]);
    expect(plan('gpt-9')).toMatchObject([{ upstream: { name: 'c' }, model: 'gpt-9', answersAs: 'gpt-9' }]);
  });

  it('after a fallback it sees the configured name of the upstream', () => {
    const { plan } = house({}, { GATEWAY_FALLBACKS: 'b=a,c' });
    expect(plan('b').map(({ model, answersAs }) => [model, answersAs])).toEqual([
      ['b', 'b'],
      ['inner-a', 'a'],
      ['b', 'c'],
    ]);
  });
});

describe('shares', () => {
  it('95/5 over 20,000 calls within half a percent, each told once', () => {
    const { plan, meter } = house({ chat: canary(5) });
    let toCanary = 0;
    for (let call = 0; call < 20_000; call++) if (plan('chat')[0].upstream.name === 'b') toCanary += 1;
    expect(Math.abs(toCanary / 200 - 5)).toBeLessThan(0.5);
    expect(meter.lines.filter((line) => line === 'routed chat b')).toHaveLength(toCanary);
    expect(meter.lines).toHaveLength(20_000);
  });

  it('every target of the route is a further choice, a weight of 0 the last of them', () => {
    const { names } = house({ chat: weighted({ c: 0, a: 1, b: 1, d: 0 }) });
    for (let call = 0; call < 200; call++) {
      const order = names('chat');
      expect(order.slice(0, 2).toSorted()).toEqual(['a', 'b']);
      expect(order.slice(2)).toEqual(['c', 'd']);
    }
  });

  it.each([
    [0, 'a', 'b'],
    [100, 'b', 'a'],
  ])('a canary of %d percent is all or nothing', (percent, first, last) => {
    const { names } = house({ chat: canary(percent) });
    for (let call = 0; call < 200; call++) expect(names('chat')).toEqual([first, last]);
  });

  it('an end user stays on his side, whatever chance says, on another replica and after a reload too', () => {
    const [one, other] = [house({ chat: canary(50) }), house({ chat: canary(50) })];
    other.names('chat');
    const reloaded = settingsFrom({ GATEWAY_UPSTREAMS: UPSTREAMS, GATEWAY_ROUTE_POLICIES: JSON.stringify({ chat: canary(50) }) });
    const sides = new Set<string>();
    for (let user = 0; user < 500; user++) {
      const endUser = `user-${user}`;
      const side = one.names('chat', { endUser });
      expect(other.names('chat', { endUser })).toEqual(side);
      expect(one.plan('chat', { endUser }, reloaded).map(({ upstream }) => upstream.name)).toEqual(side);
      sides.add(side.join());
    }
    expect(sides.size).toBe(2);
  });

  it('an upstream, a default and a refused name are no decision of a route', () => {
    const { plan, meter } = house({ chat: canary(5) }, { GATEWAY_DEFAULT_UPSTREAM: 'c' });
    plan('a');
    plan('what-else');
    expect(() => plan('chat', only('a'))).toThrow();
    expect(meter.lines).toEqual([]);
  });
});

describe('health', () => {
  it('a target that is out is tried after the others, its share goes to them and comes back with it', () => {
    const { names, meter, health } = house({ chat: canary(99.9999) });
    health.out.add('b');
    expect(names('chat')).toEqual(['a', 'b']);
    health.out.delete('b');
    expect(names('chat')).toEqual(['b', 'a']);
    // The decision is the draw's, not that of the upstream's health.
    expect(meter.lines).toEqual(['routed chat b', 'routed chat b']);
  });

  it('an end user whose side is out comes back to it', () => {
    const { names, health } = house({ chat: weighted({ a: 1, b: 1, c: 1 }) });
    const before = names('chat', { endUser: 'u' });
    const [first = '', second, third] = before;
    health.out.add(first);
    expect(names('chat', { endUser: 'u' })).toEqual([second, third, first]);
    health.out.clear();
    expect(names('chat', { endUser: 'u' })).toEqual(before);
  });

  it('only within its rank: a last resort is tried before no target with a share, a fallback before no target of the route', () => {
    const { names, health } = house({ chat: weighted({ a: 1, b: 0, c: 0 }) }, { GATEWAY_FALLBACKS: 'chat=d,e' });
    health.out.add('a').add('b').add('d');
    expect(names('chat')).toEqual(['a', 'c', 'b', 'd', 'e']);
  });

  it('when all are out the order is the draw alone', () => {
    const { names, health } = house({ chat: weighted({ a: 1, b: 1, c: 1 }) });
    const before = names('chat', { endUser: 'u' });
    health.out.add('a').add('b').add('c');
    expect(names('chat', { endUser: 'u' })).toEqual(before);
  });
});

describe('fallbacks', () => {
  it('are followed as a chain, each target once', () => {
    const { names } = house({}, { GATEWAY_FALLBACKS: 'a=b,c;b=c,d;c=e' });
    expect(names('a')).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(names('b')).toEqual(['b', 'c', 'd', 'e']);
    expect(names('e')).toEqual(['e']);
  });

  it('of the name asked for come first, then those of each planned upstream', () => {
    const { names } = house({ chat: weighted({ a: 1, b: 0 }) }, { GATEWAY_FALLBACKS: 'b=e;a=d,b;chat=c' });
    expect(names('chat')).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('of a name that only the default upstream takes', () => {
    const { names } = house({}, { GATEWAY_FALLBACKS: 'gpt-9=b;a=c', GATEWAY_DEFAULT_UPSTREAM: 'a' });
    expect([names('gpt-9'), names('gpt-8')]).toEqual([
      ['a', 'b', 'c'],
      ['a', 'c'],
    ]);
  });

  it('go only to an upstream that the caller may use, or that is a target of the route it asked for', () => {
    const { names } = house({ chat: canary(0) }, { GATEWAY_FALLBACKS: 'a=b,c,d;d=e' });
    expect(names('a', only('a', 'c'))).toEqual(['a', 'c']);
    expect(names('chat', only('chat', 'd'))).toEqual(['a', 'b', 'd']);
    expect(names('chat', only('chat'))).toEqual(['a', 'b']);
    expect(names('chat')).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('what only a forbidden fallback leads to is left out', () => {
    const { names } = house({}, { GATEWAY_FALLBACKS: 'a=b;b=c' });
    expect(names('a', only('a', 'c'))).toEqual(['a']);
  });

  it('what one key may not use is not remembered for another', () => {
    const { names } = house({}, { GATEWAY_FALLBACKS: 'a=b' });
    expect([names('a', only('a')), names('a'), names('a', only('a', 'b')), names('a', only('a'))]).toEqual([['a'], ['a', 'b'], ['a', 'b'], ['a']]);
  });
});

it('a plan that needs no draw is made once, however many names clients invent', () => {
  const { plan } = house({}, { GATEWAY_DEFAULT_UPSTREAM: 'a' });
  expect(plan('b')).toBe(plan('b'));
  expect(plan('invented')).not.toBe(plan('invented'));
});

it('old calls are planned under their own settings', () => {
  const { plan } = house({ chat: canary(0) });
  const other = settingsFrom({ GATEWAY_UPSTREAMS: 'chat=mock://local' });
  expect([plan('chat', {}, other)[0].upstream.name, plan('chat')[0].upstream.name]).toEqual(['chat', 'a']);
});
