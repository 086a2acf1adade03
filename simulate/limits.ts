import { MemoryRateLimitStore, RedisRateLimitStore, type RateDecision, type RateLimitStore, StandIn, type StoreUnavailable } from './product.ts';
import { Random } from './random.ts';
import { SimulatedRedis, type Weather } from './simulated-redis.ts';
import { VirtualTime } from './virtual-time.ts';

export interface LimitsScenario {
  readonly name: string;
  readonly replicas: number;
  readonly weather: Weather;
  readonly onRedisDown: 'local' | 'deny' | 'allow';
}

export interface Load {
  readonly keys: number;
  readonly limitPerMinute: number;
  /** So long calls come. */
  readonly forMs: number;
  /** What each key asks for, in calls a minute, on average; in bursts of about `burst` calls within `burstMs`. */
  readonly askedPerMinute: number;
  readonly burst: number;
  readonly burstMs: number;
}

export interface LimitsFound {
  readonly scenario: LimitsScenario;
  readonly calls: number;
  /** What a bucket that all could ask at once would have admitted of the same calls. */
  readonly exact: number;
  readonly admitted: number;
  /** Keys that got more than their limit allows in that time. */
  readonly keysAbove: number;
  /** The greediest key: what it got, as a part of what its limit allows. */
  readonly worstKey: number;
  /** Answered `rate_limit_store_unavailable`. */
  readonly unavailable: number;
  readonly waitMsP50: number;
  readonly waitMsP99: number;
  readonly waitMsMax: number;
}

interface Calls {
  readonly at: Float64Array;
  readonly key: Uint32Array;
  readonly replica: Uint32Array;
}

/** Every replica with the product's own store, stand-in and watch over a line to one Redis; the load balancer deals calls out at random. */
export async function limitsHold(scenario: LimitsScenario, load: Load, seed: number): Promise<LimitsFound> {
  const random = new Random(seed);
  const time = new VirtualTime();
  const redis = new SimulatedRedis(time, random, scenario.weather);
  const calls = arrivals(load, scenario.replicas, new Random(seed + 1));
  const admitted = new Uint32Array(load.keys);
  const waits: number[] = [];
  let unavailable = 0;

  const decided = (key: number, at: number, decision: RateDecision | StoreUnavailable): void => {
    waits.push(time.now() - at);
    if (decision === 'store_unavailable') unavailable += 1;
    else if (decision.allowed) admitted[key] = (admitted[key] ?? 0) + 1;
  };
  let stores: RateLimitStore[] = [];
  time.after(0, () => {
    stores = Array.from({ length: scenario.replicas }, () => {
      const standIn = new StandIn(new MemoryRateLimitStore(time), () => scenario.replicas, time);
      return new RedisRateLimitStore(redis.line(), standIn, { onRedisDown: () => scenario.onRedisDown, clock: time });
    });
  });
  const next = (index: number): void => {
    const [at, key, replica] = [calls.at[index], calls.key[index], calls.replica[index]];
    if (at === undefined || key === undefined || replica === undefined) return;
    time.after(at - time.now(), () => {
      next(index + 1);
      const taken = stores[replica]?.take(chargeOf(key, load));
      if (taken instanceof Promise) void taken.then((decision) => decided(key, at, decision));
      else if (taken !== undefined) decided(key, at, taken);
    });
  };
  time.after(1, () => next(0));
  await time.run(START_MS + load.forMs + 5_000);
  for (const store of stores) void store.close();

  const allowed = load.limitPerMinute * (1 + (load.forMs + DECISION_MS) / 60_000);
  const perKey = [...admitted];
  waits.sort((one, other) => one - other);
  return {
    scenario,
    calls: calls.at.length,
    exact: exactly(calls, load),
    admitted: perKey.reduce((sum, count) => sum + count, 0),
    keysAbove: perKey.filter((count) => count > allowed).length,
    worstKey: perKey.reduce((most, count) => Math.max(most, count), 0) / allowed,
    unavailable,
    waitMsP50: waits[Math.floor(waits.length * 0.5)] ?? 0,
    waitMsP99: waits[Math.floor(waits.length * 0.99)] ?? 0,
    waitMsMax: waits.at(-1) ?? 0,
  };
}

/** Lines are open and Redis has answered its first probe before the first call. */
const START_MS = 3_000;
/** So much later than its call a decision may fall. */
const DECISION_MS = 100;

function chargeOf(key: number, { limitPerMinute }: Load): { bucket: string; capacity: number; refillPerMinute: number; cost: number } {
  return { bucket: `k:${key}`, capacity: limitPerMinute, refillPerMinute: limitPerMinute, cost: 1 };
}

function exactly(calls: Calls, load: Load): number {
  let now = 0;
  const store = new MemoryRateLimitStore({ now: () => now });
  let admitted = 0;
  calls.at.forEach((at, index) => {
    now = at;
    if (store.take(chargeOf(calls.key[index] ?? 0, load)).allowed) admitted += 1;
  });
  return admitted;
}

function arrivals({ keys, forMs, askedPerMinute, burst, burstMs }: Load, replicas: number, random: Random): Calls {
  const calls: [at: number, key: number][] = [];
  const pauseMs = (burst / askedPerMinute) * 60_000;
  for (let key = 0; key < keys; key++)
    for (let from = random.exponential(pauseMs); from < forMs; from += random.exponential(pauseMs)) {
      const size = Math.ceil(random.exponential(burst));
      for (let call = 0; call < size; call++) {
        const at = from + random.next() * burstMs;
        if (at < forMs) calls.push([START_MS + at, key]);
      }
    }
  calls.sort(([one], [other]) => one - other);
  return {
    at: Float64Array.from(calls, ([at]) => at),
    key: Uint32Array.from(calls, ([, key]) => key),
    replica: Uint32Array.from(calls, () => random.below(replicas)),
  };
}
