import type { RowClass } from './row.js';
import { STREAMS } from './rows/streams.js';

/** Every row there is, class by class. */
export const ROW_CLASSES: readonly RowClass[] = [STREAMS];
