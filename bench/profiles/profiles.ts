import { besidePortkey } from './beside-portkey.ts';
import { faultsOn } from './faults-on.ts';
import { growth } from './growth.ts';
import { heldStreams } from './held-streams.ts';
import { largePrompts } from './large-prompts.ts';
import { latency } from './latency.ts';
import { limitsInRedis } from './limits-in-redis.ts';
import { metricsPage } from './metrics-page.ts';
import type { Profile } from './profile.ts';
import { smallJson } from './small-json.ts';
import { startAndRest } from './start-and-rest.ts';
import { streaming } from './streaming.ts';
import { telemetry } from './telemetry.ts';
import { translation } from './translation.ts';
import { twoWorkers } from './two-workers.ts';

/** In the order they run and are told. */
export const PROFILES: readonly Profile[] = [
  smallJson,
  streaming,
  translation,
  latency,
  largePrompts,
  limitsInRedis,
  twoWorkers,
  heldStreams,
  growth,
  faultsOn,
  telemetry,
  startAndRest,
  metricsPage,
  besidePortkey,
];
