import type { RowClass } from './row.js';
import { ATTEMPTS } from './rows/attempts.js';
import { AUTH } from './rows/auth.js';
import { BREAKER } from './rows/breaker.js';
import { CLIENT_GONE } from './rows/client-gone.js';
import { INPUT } from './rows/input.js';
import { LIFE_CYCLE } from './rows/life-cycle.js';
import { NAMES } from './rows/names.js';
import { OVERLOAD } from './rows/overload.js';
import { RATE_LIMITS } from './rows/rate-limits.js';
import { REACH } from './rows/reach.js';
import { SHARES } from './rows/shares.js';
import { STREAMS } from './rows/streams.js';
import { UPSTREAM } from './rows/upstream.js';
import { WORKERS } from './rows/workers.js';
import { YARDSTICK } from './rows/yardstick.js';

/** Every row there is, class by class. */
export const ROW_CLASSES: readonly RowClass[] = [
  STREAMS,
  UPSTREAM,
  NAMES,
  CLIENT_GONE,
  ATTEMPTS,
  BREAKER,
  SHARES,
  OVERLOAD,
  RATE_LIMITS,
  LIFE_CYCLE,
  INPUT,
  AUTH,
  REACH,
  WORKERS,
  YARDSTICK,
];
