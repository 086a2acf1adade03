import type { ExecutionContext } from '@nestjs/common';
import { HandClock } from '../../test/doubles/hand-clock.js';
import { RecordingMeter } from '../../test/doubles/recording-meter.js';
import { requestContext } from '../../test/doubles/request-context.js';
import { GatewayError } from '../contracts/gateway-error.js';
import type { Principal } from '../contracts/principal.js';
import type { Charge, RateDecision, StoreUnavailable } from '../contracts/rate-limit.js';
import { MemoryRateLimitStore } from './memory-rate-limit-store.js';
import { RateLimitStore } from './rate-limit-store.js';
import { ThrottleGuard } from './throttle.guard.js';

/** Answers what it is told to, and remembers what it was asked. */
class ScriptedStore extends RateLimitStore {
  readonly charges: Charge[] = [];

  constructor(private readonly answer: RateDecision | StoreUnavailable | Promise<RateDecision | StoreUnavailable>) {
    super();
  }
  override take(charge: Charge): RateDecision | StoreUnavailable | Promise<RateDecision | StoreUnavailable> {
    this.charges.push(charge);
    return this.answer;
  }
  override async close(): Promise<void> {}
}

const ALLOWED: RateDecision = { allowed: true, remaining: 59, resetMs: 1_000, retryAfterMs: 0 };
const REFUSED: RateDecision = { allowed: false, remaining: 0, resetMs: 60_000, retryAfterMs: 1_400 };

function house(store: RateLimitStore, part: Partial<Principal> = {}) {
  const meter = new RecordingMeter();
  const guard = new ThrottleGuard(store, meter);
  const gateway = requestContext({ principal: { kind: 'key', id: 'a'.repeat(32), allowedModels: undefined, rateLimitPerMinute: 60, ...part } });
  const context = { switchToHttp: () => ({ getRequest: () => ({ gateway }) }) } as unknown as ExecutionContext;
  const enter = (): boolean | Promise<boolean> => guard.canActivate(context);
  const refusal = async (): Promise<GatewayError> => {
    try {
      await enter();
    } catch (error) {
      if (error instanceof GatewayError) return error;
      throw error;
    }
    throw new Error('was let in');
  };
  return { gateway, meter, enter, refusal };
}

it('charges one call to the bucket of the caller, of the size of its limit, without a promise', () => {
  const store = new ScriptedStore(ALLOWED);
  const { enter, gateway, meter } = house(store);
  expect(enter()).toBe(true);
  expect(store.charges).toEqual([{ bucket: `calls:${'a'.repeat(32)}`, capacity: 60, refillPerMinute: 60, cost: 1 }]);
  expect(gateway.rateLimitHeaders).toEqual({
    'x-ratelimit-limit-requests': '60',
    'x-ratelimit-remaining-requests': '59',
    'x-ratelimit-reset-requests': '1s',
  });
  expect(meter.lines).toEqual([]);
});

it('an unlimited caller is neither charged nor told', () => {
  const store = new ScriptedStore('store_unavailable');
  const { enter, gateway } = house(store, { rateLimitPerMinute: 0 });
  expect(enter()).toBe(true);
  expect([store.charges, gateway.rateLimitHeaders]).toEqual([[], undefined]);
});

it.each([
  ['at once', REFUSED],
  ['later', Promise.resolve(REFUSED)],
])('a refusal %s is a 429 that names the limit, the wait and the three headers', async (_when, answer) => {
  const { refusal, gateway, meter } = house(new ScriptedStore(answer));
  const error = await refusal();
  expect(error).toMatchObject({ code: 'rate_limit_exceeded', status: 429, details: { retryAfterMs: 1_400 } });
  expect(error.message).toMatch(/requests.*\b60 a minute.*Please try again in 2s\.$/);
  expect(gateway.rateLimitHeaders).toEqual({
    'x-ratelimit-limit-requests': '60',
    'x-ratelimit-remaining-requests': '0',
    'x-ratelimit-reset-requests': '1m0s',
  });
  expect(meter.lines).toEqual(['rateLimited requests']);
});

it('the wait told is a whole second at least', async () => {
  expect((await house(new ScriptedStore({ ...REFUSED, retryAfterMs: 3 })).refusal()).message).toMatch(/in 1s\.$/);
});

it.each([
  ['at once', 'store_unavailable' as const],
  ['later', Promise.resolve('store_unavailable' as const)],
])('a store that cannot say, where the operator chose so, is a 503 and no rate limit: %s', async (_when, answer) => {
  const { refusal, gateway, meter } = house(new ScriptedStore(answer));
  expect(await refusal()).toMatchObject({ code: 'rate_limit_store_unavailable', status: 503, details: { retryAfterMs: expect.any(Number) } });
  expect([gateway.rateLimitHeaders, meter.lines]).toEqual([undefined, []]);
});

it('of a burst exactly the limit is let in, and one more when a call has been refilled', async () => {
  const clock = new HandClock();
  const { enter, refusal } = house(new MemoryRateLimitStore(clock), { rateLimitPerMinute: 30 });
  for (let call = 0; call < 30; call++) expect(enter()).toBe(true);
  expect((await refusal()).details.retryAfterMs).toBeCloseTo(2_000);
  clock.advance(2_000);
  expect(enter()).toBe(true);
  expect((await refusal()).code).toBe('rate_limit_exceeded');
});

it('two callers have two buckets', () => {
  const store = new MemoryRateLimitStore(new HandClock());
  const one = house(store, { rateLimitPerMinute: 1 });
  const other = house(store, { rateLimitPerMinute: 1, id: 'b'.repeat(32) });
  expect([one.enter(), other.enter()]).toEqual([true, true]);
  expect(() => one.enter()).toThrow(GatewayError);
});

it('nobody is charged before it is known who calls', () => {
  const { gateway, enter } = house(new ScriptedStore(ALLOWED));
  gateway.principal = undefined;
  expect(enter).toThrow(/after the auth guard/);
});
