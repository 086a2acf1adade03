import type { Cluster, ClusterOptions, Redis, RedisOptions } from 'ioredis';
import { type RedisAddress, redisAddress } from './redis-address.js';
import { TAKE_SCRIPT } from './take-script.js';

/** A line to Redis that mends itself for ever. It keeps no deadline of a request and no count of failures: the store does. */
export interface RedisConnection {
  /** Runs the take script, in one round trip. Rejects at once when there is no line, and when it is lost before the answer. */
  take(key: string, capacity: number, refillPerMinute: number, cost: number, debtMs: number): Promise<unknown>;
  onOpened(listener: () => void): void;
  onLost(listener: () => void): void;
  /** Never hangs, not even with Redis. */
  close(): Promise<void>;
}

/** Loads the client only here, so that a gateway without Redis never does. */
export async function openRedis(url: string): Promise<RedisConnection> {
  const { Redis, Cluster } = await import('ioredis');
  const address = redisAddress(url);
  const nodes = address.nodes.map(({ host, port }) => ({ host, port }));
  return new ClientConnection(address.kind === 'cluster' ? new Cluster(nodes, clusterOptions(address)) : new Redis(redisOptions(address)));
}

interface Taking {
  take(key: string, capacity: number, refillPerMinute: number, cost: number, debtMs: number): Promise<unknown>;
}

class ClientConnection implements RedisConnection {
  private readonly taking: Taking;
  private revival: NodeJS.Timeout | undefined;
  private isClosing = false;

  constructor(private readonly client: Redis | Cluster) {
    // The client adds a method for each script; its types cannot know.
    this.taking = client as unknown as Taking;
    // Said by onLost already, and once; a client without this listener prints each one.
    client.on('error', () => undefined);
    client.on('end', () => this.revive());
  }

  take(key: string, capacity: number, refillPerMinute: number, cost: number, debtMs: number): Promise<unknown> {
    return this.taking.take(key, capacity, refillPerMinute, cost, debtMs);
  }

  onOpened(listener: () => void): void {
    this.client.on('ready', listener);
  }

  onLost(listener: () => void): void {
    this.client.on('close', listener);
  }

  async close(): Promise<void> {
    this.isClosing = true;
    clearTimeout(this.revival);
    const { status } = this.client;
    this.client.disconnect();
    if (status === 'end' || status === 'reconnecting' || status === 'close') return;
    await new Promise<void>((resolve) => {
      const last = setTimeout(resolve, DISCONNECT_MS * 2);
      this.client.once('end', () => {
        clearTimeout(last);
        resolve();
      });
    });
  }

  /** Some failures (a master that no sentinel could name for a moment) end a client for good: it is started again. */
  private revive(): void {
    if (this.isClosing) return;
    this.revival = setTimeout(() => this.client.connect().catch(() => undefined), retryAfterMs(RETRIES_TO_CAP));
  }
}

const CONNECT_MS = 1000;
/** A peer that owes an answer for so long is given up, and the line made anew. */
const SILENCE_MS = 1500;
const DISCONNECT_MS = 200;
const RETRY_MS_MAX = 1000;
const RETRIES_TO_CAP = 5;

/** Jittered, so that the replicas do not come back in one wave; never so long that Redis' return goes unseen. */
function retryAfterMs(times: number): number {
  const ceiling = Math.min(RETRY_MS_MAX, 50 * 2 ** Math.min(times, RETRIES_TO_CAP));
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}

type LineOptions = RedisOptions & { readonly replyMapping: 'legacy' };

function redisOptions(address: RedisAddress): LineOptions {
  return { ...placeOf(address), ...lineOptions(address), retryStrategy: retryAfterMs, enableOfflineQueue: false, scripts: SCRIPTS };
}

function placeOf({ kind, nodes: [node], nodes, masterName, sentinelPassword, tls }: RedisAddress): RedisOptions {
  if (kind !== 'sentinel') return node === undefined ? {} : { host: node.host, port: node.port };
  return {
    sentinels: [...nodes],
    name: masterName,
    sentinelRetryStrategy: retryAfterMs,
    sentinelCommandTimeout: CONNECT_MS,
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(tls ? { sentinelTLS: {}, enableTLSForSentinelMode: true } : {}),
  };
}

function clusterOptions(address: RedisAddress): ClusterOptions & { redisOptions: LineOptions } {
  return {
    redisOptions: lineOptions(address),
    enableOfflineQueue: false,
    clusterRetryStrategy: retryAfterMs,
    // Failures and redirections renew the map of slots; a timer for it could outlive the client.
    slotsRefreshInterval: 0,
    slotsRefreshTimeout: CONNECT_MS,
    maxRedirections: 4,
    retryDelayOnFailover: 50,
    retryDelayOnClusterDown: 50,
    retryDelayOnTryAgain: 20,
    scripts: SCRIPTS,
  };
}

function lineOptions({ username, password, family, tls, database, kind }: RedisAddress): LineOptions {
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(family === undefined ? {} : { family }),
    ...(tls ? { tls: {} } : {}),
    db: database,
    // The older protocol does all that is needed, and every server and proxy speaks it.
    protocol: 2,
    replyMapping: 'legacy',
    disableClientInfo: true,
    // A server that is still loading refuses the probe; only behind sentinels the role must be asked for.
    enableReadyCheck: kind === 'sentinel',
    connectTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    disconnectTimeout: DISCONNECT_MS,
    // A lost take is not sent again: it would be counted twice.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  };
}

const SCRIPTS = { take: { lua: TAKE_SCRIPT, numberOfKeys: 1 } };
