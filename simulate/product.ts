// The product's own code, as built: what is simulated here is the world around it.
import type { Clock } from '../src/contracts/clock.js';

type Draw = typeof import('../src/routing/draw.js');
type Memory = typeof import('../src/policy/memory-rate-limit-store.js');
type Redis = typeof import('../src/policy/redis-rate-limit-store.js');
type Standing = typeof import('../src/policy/stand-in.js');

/** Sources hold more than Node can strip, so they are taken from `dist/`; the compiler reads their types from `src/`. */
const built = (path: string): Promise<unknown> => import(new URL(`../dist/${path}`, import.meta.url).href);

export const { drawOrder } = (await built('routing/draw.js')) as Draw;
export const { MemoryRateLimitStore } = (await built('policy/memory-rate-limit-store.js')) as Memory;
export const { RedisRateLimitStore } = (await built('policy/redis-rate-limit-store.js')) as Redis;
export const { StandIn } = (await built('policy/stand-in.js')) as Standing;

export type { Clock };
export type { Charge, RateDecision, StoreUnavailable } from '../src/contracts/rate-limit.js';
export type { RedisConnection } from '../src/policy/redis-connection.js';
export type RateLimitStore = InstanceType<Redis['RedisRateLimitStore']>;
export type BucketStore = InstanceType<Memory['MemoryRateLimitStore']>;
