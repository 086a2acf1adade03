import type { LookupAddress } from 'node:dns';

export interface KnownAddresses {
  readonly addresses: readonly LookupAddress[];
  /** For how long they hold, by what was said of them. */
  readonly ttlMs: number;
  /** false: a file of this machine says so. */
  readonly isFromServers: boolean;
}
