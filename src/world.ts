import type { Logger } from 'pino';
import type { LiveSettings } from './config/live-settings.js';
import type { CircuitSharing } from './contracts/circuit-sharing.js';
import type { Telemetry } from './contracts/telemetry.js';
import type { WorkerLink } from './contracts/worker-link.js';
import { LogDestination } from './metrics/log-destination.js';
import { createLogger } from './metrics/logger.js';
import { LinkedCircuits } from './resilience/linked-circuits.js';

/** What a serving process has before the house is put together: its log, and its line to the other workers. */
export interface World {
  readonly destination: LogDestination;
  readonly logger: Logger;
  readonly link?: WorkerLink;
  readonly circuits?: CircuitSharing;
  /** false: another worker tells of changes of state. */
  readonly speaks: boolean;
  /** Who listens to each call; undefined: nobody. */
  readonly telemetry?: Telemetry;
}

export function createWorld(live: LiveSettings, link?: WorkerLink, speaks = true, telemetry?: Telemetry): World {
  const destination = new LogDestination();
  const logger = createLogger(destination, live.current.observability.logLevel);
  const linked = link === undefined ? {} : { link, circuits: new LinkedCircuits(link) };
  return { destination, logger, speaks, ...linked, ...(telemetry === undefined ? {} : { telemetry }) };
}
