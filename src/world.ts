import type { Logger } from 'pino';
import type { LiveSettings } from './config/live-settings.js';
import type { ReloadResult } from './config/settings-reload.js';
import type { CircuitSharing } from './contracts/circuit-sharing.js';
import type { WorkerLink } from './contracts/worker-link.js';
import { LogDestination } from './metrics/log-destination.js';
import { createLogger } from './metrics/logger.js';
import { StateLog } from './metrics/state-log.js';
import { LinkedCircuits } from './resilience/linked-circuits.js';

/** What a serving process has before Nest puts the house together: its log, and its line to the other workers. */
export interface World {
  readonly destination: LogDestination;
  readonly logger: Logger;
  readonly states: StateLog;
  readonly link: WorkerLink | undefined;
  readonly circuits: CircuitSharing | undefined;
}
