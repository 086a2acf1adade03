import type { RowClass } from './row.js';
import { ATTEMPTS } from './rows/attempts.js';
import { CLIENT_GONE } from './rows/client-gone.js';
import { STREAMS } from './rows/streams.js';

/** Every row there is, class by class. */
export const ROW_CLASSES: readonly RowClass[] = [STREAMS, CLIENT_GONE, ATTEMPTS];
