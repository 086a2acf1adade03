import type { LiveSettings } from '../config/live-settings.js';
import type { Meter } from '../contracts/meter.js';
import type { WorkerLink } from '../contracts/worker-link.js';
import { MemoryRateLimitStore } from './memory-rate-limit-store.js';
import type { RateLimitStore } from './rate-limit-store.js';
import { openRedis } from './redis-connection.js';
import { RedisRateLimitStore } from './redis-rate-limit-store.js';
import { SharedRateLimitStore } from './shared-rate-limit-store.js';
import { StandIn } from './stand-in.js';

/**
 * The store that the settings ask for: Redis', else the primary's (where several workers serve), else this process' own. Waits a
 * second at most for Redis and then starts without it. Another Redis needs a restart; all else is read from the settings in force.
 */
export async function createRateLimitStore(
  live: LiveSettings,
  meter: Meter,
  link: WorkerLink | undefined,
  log: (line: string) => void,
): Promise<RateLimitStore> {
  const machine = machineStore(live, link);
  const { redisUrl } = live.current.limits;
  if (redisUrl === undefined) return machine;
  let wasUp = true;
  const store = new RedisRateLimitStore(await openRedis(redisUrl), new StandIn(machine, () => live.current.limits.replicas), {
    onRedisDown: () => live.current.limits.onRedisDown,
    onState: (up) => {
      meter.redisIsUp(up);
      if (up !== wasUp)
        log(up ? 'Redis answers again: rate limits are shared' : `Redis does not answer: ${MEANWHILE[live.current.limits.onRedisDown]}`);
      wasUp = up;
    },
  });
  await store.opened(START_WITHIN_MS);
  return store;
}

function machineStore(live: LiveSettings, link: WorkerLink | undefined): RateLimitStore {
  const own = new MemoryRateLimitStore();
  return link === undefined ? own : new SharedRateLimitStore(link, new StandIn(own, () => live.current.server.workers));
}

const START_WITHIN_MS = 1000;
const MEANWHILE = {
  local: 'each replica keeps its own share of the rate limits',
  deny: 'calls of limited keys are refused',
  allow: 'calls are not limited',
} as const;
