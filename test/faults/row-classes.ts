import type { RowClass } from './row.js';
import { ATTEMPTS } from './rows/attempts.js';
import { BREAKER } from './rows/breaker.js';
import { CLIENT_GONE } from './rows/client-gone.js';
import { STREAMS } from './rows/streams.js';
import { UPSTREAM } from './rows/upstream.js';

/** Every row there is, class by class. */
export const ROW_CLASSES: readonly RowClass[] = [STREAMS, UPSTREAM, CLIENT_GONE, ATTEMPTS, BREAKER];
