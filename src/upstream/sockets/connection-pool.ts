import type { Clock } from '../../contracts/clock.js';
import type { SocketTools } from './open-socket.js';
import { UpstreamConnection } from './upstream-connection.js';

/**
 * The connections to one address: as many as calls need at a time; who limits calls is above. A connection that has served rests
 * before it serves again, because a server may send a second reply that nobody asked for, and whoever is next would take it for his.
 * An address that was seen to do so gets one connection per call for a while; one that never did, in many replies, is trusted. Idle connections close by themselves.
 */
export class ConnectionPool {
  private readonly all = new Set<UpstreamConnection>();
  /** Idle ones, in the order in which they came back. */
  private readonly idle: UpstreamConnection[] = [];
  private firstReplyAt = Infinity;
  private distrustedUntil = -Infinity;
  private namesCheckedAt = -Infinity;
  private replies = 0;
  private isRetired = false;
  private sweeper: NodeJS.Timeout | undefined;

  constructor(
    private readonly tools: SocketTools,
    private readonly clock: Clock,
  ) {}

  get size(): number {
    return this.all.size;
  }

  /** The one that rested last but long enough, or a new one. */
  take(): UpstreamConnection {
    const now = this.clock.now();
    this.checkAddresses(now);
    const isNew = now < this.firstReplyAt + PROBATION_MS && this.idle.length < PROBATION_CONNECTIONS_MAX;
    const restMs = isNew ? PROBATION_MS : this.replies < REPLIES_TO_TRUST ? REST_MS : 0;
    const restedBefore = now - restMs;
    for (let index = this.lastRested(restedBefore); index >= 0; index--) {
      const [connection] = this.idle.splice(index, 1);
      if (connection === undefined) break;
      if (connection.isUsable && now - connection.idleSince < connection.idleMsMax) return connection;
      this.discard(connection);
    }
    return this.fresh();
  }

  /** One that has not served yet. */
  fresh(): UpstreamConnection {
    const connection = new UpstreamConnection(this.tools, this.lost);
    connection.isLast = this.isRetired || this.clock.now() < this.distrustedUntil;
    this.all.add(connection);
    return connection;
  }

  /** Its reply is complete. */
  release(connection: UpstreamConnection): void {
    const now = this.clock.now();
    connection.served++;
    this.replies++;
    connection.idleSince = now;
    if (this.firstReplyAt === Infinity) this.firstReplyAt = now;
    if (connection.spokeUnasked) this.distrust();
    if (!this.all.has(connection)) return;
    if (!connection.isUsable) return this.discard(connection);
    this.idle.push(connection);
    this.sweepLater();
  }

  /** Its exchange ended before its reply was complete. */
  discard(connection: UpstreamConnection): void {
    this.all.delete(connection);
    connection.destroy();
  }

  /** Running exchanges go on to their end; nothing is kept from now on. */
  retire(): void {
    this.isRetired = true;
    for (const connection of this.all) connection.isLast = true;
    this.closeIdle();
  }

  /** Ends running exchanges too. */
  destroy(): void {
    this.retire();
    for (const connection of this.all) connection.destroy();
    this.all.clear();
  }

  private readonly lost = (connection: UpstreamConnection): void => {
    this.all.delete(connection);
    const index = this.idle.indexOf(connection);
    if (index >= 0) this.idle.splice(index, 1);
    if (connection.spokeUnasked) this.distrust();
  };

  /** What follows a reply may be somebody's: whoever was next would take it for his. */
  private distrust(): void {
    this.distrustedUntil = this.clock.now() + DISTRUST_MS;
    // And after that it is as good as new.
    this.firstReplyAt = this.distrustedUntil;
    this.replies = 0;
    for (const other of this.all) other.isLast = true;
    this.closeIdle();
  }

  private sweepLater(): void {
    this.sweeper ??= setTimeout(() => this.sweep(), SWEEP_EVERY_MS).unref();
  }

  private sweep(): void {
    this.sweeper = undefined;
    const now = this.clock.now();
    for (const connection of this.idle.filter(({ idleSince, idleMsMax }) => now - idleSince >= idleMsMax)) {
      this.idle.splice(this.idle.indexOf(connection), 1);
      this.discard(connection);
    }
    if (this.idle.length > 0) this.sweepLater();
  }

  /** Where the last one stands that came back before then; -1: there is none. */
  private lastRested(before: number): number {
    let index = this.idle.length - 1;
    while (index >= 0 && (this.idle[index]?.idleSince ?? 0) > before) index--;
    return index;
  }

  private closeIdle(): void {
    clearTimeout(this.sweeper);
    this.sweeper = undefined;
    for (const connection of this.idle.splice(0)) this.discard(connection);
  }

  /** A name that moved to another address is followed within a few seconds: exchanges that run there end there. */
  private checkAddresses(now: number): void {
    const { address, names } = this.tools;
    if (!address.isName || this.all.size === 0 || now - this.namesCheckedAt < ADDRESSES_CHECKED_EVERY_MS) return;
    this.namesCheckedAt = now;
    names.addresses(address.host).then(
      (found) => this.keepOnly(new Set(found.map((one) => one.address))),
      // A name that cannot be resolved now says nothing against connections that work.
      () => undefined,
    );
  }

  private keepOnly(addresses: ReadonlySet<string>): void {
    for (const connection of this.all) {
      const { remoteAddress } = connection;
      if (remoteAddress === undefined || addresses.has(remoteAddress)) continue;
      connection.isLast = true;
      const index = this.idle.indexOf(connection);
      if (index < 0) continue;
      this.idle.splice(index, 1);
      this.discard(connection);
    }
  }
}

/** How long a second reply that nobody asked for may be late and still be caught. */
const REST_MS = 25;
/** An address that has given so many replies, and never one unasked, is believed to go on like this: its connections need no rest. */
const REPLIES_TO_TRUST = 500;
/** A new address is watched more closely at first. */
const PROBATION_MS = 1_000;
const PROBATION_CONNECTIONS_MAX = 64;
const DISTRUST_MS = 60_000;
const ADDRESSES_CHECKED_EVERY_MS = 3_000;
const SWEEP_EVERY_MS = 500;
