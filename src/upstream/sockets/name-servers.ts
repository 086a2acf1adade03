import { type LookupAddress, promises as dns, type RecordWithTtl } from 'node:dns';
import { setTimeout as wait } from 'node:timers/promises';
import { ChangingFile } from './changing-file.js';
import { errorCode } from './error-code.js';
import { HOSTS_PATH, hostsFile } from './hosts-file.js';
import type { KnownAddresses } from './known-addresses.js';
import { type SearchList, searchList, wholeNames } from './search-list.js';

export interface NamePlaces {
  readonly hostsPath?: string;
  readonly searchPath?: string;
  /** In place of those that the system names. */
  readonly servers?: readonly string[];
  /** After so long without a word the next server is asked, or the same one again. */
  readonly silenceMs?: number;
}

/**
 * Asks the hosts file and then the name servers, as the system would, but without a thread that waits. Rejects with Node's error:
 * ENOTFOUND and ENODATA mean that there is no such name, ETIMEOUT that no server said a word about it.
 */
export class NameServers {
  private readonly hosts: ChangingFile<ReturnType<typeof hostsFile>>;
  private readonly search: ChangingFile<SearchList>;
  private readonly servers: readonly string[] | undefined;
  private readonly silenceMs: number;

  constructor({ hostsPath = HOSTS_PATH, searchPath = '/etc/resolv.conf', servers, silenceMs = 1_000 }: NamePlaces = {}) {
    this.hosts = new ChangingFile(hostsPath, hostsFile);
    this.search = new ChangingFile(searchPath, searchList);
    this.servers = servers;
    this.silenceMs = silenceMs;
  }

  async addresses(name: string): Promise<KnownAddresses> {
    const plain = name.toLowerCase();
    const here = (await this.hosts.current()).get(plain) ?? (/(^|\.)localhost\.?$/.test(plain) ? LOOPBACK : undefined);
    if (here !== undefined) return { addresses: here, ttlMs: 0, isFromServers: false };
    let refused: unknown;
    for (const whole of wholeNames(plain, await this.search.current()))
      try {
        return await this.recordsOf(whole);
      } catch (error) {
        if (!goesOn(error)) throw error;
        // A server that fails outweighs one that knows nothing.
        if (refused === undefined || !isNotFound(error)) refused = error;
      }
    throw refused;
  }

  /** Each question has a resolver of its own: what a server says of one name, or keeps from saying, is not held against it for another. */
  private async recordsOf(name: string): Promise<KnownAddresses> {
    const resolver = new dns.Resolver({ timeout: this.silenceMs, maxTimeout: this.silenceMs, tries: TRIES });
    if (this.servers !== undefined) resolver.setServers(this.servers);
    const four = resolver.resolve4(name, { ttl: true });
    const six = resolver.resolve6(name, { ttl: true });
    const both = Promise.allSettled([four, six]);
    // Some servers never answer for one of the two kinds.
    const one = Promise.any([four, six]).then(
      () => wait(SECOND_KIND_MS, undefined, { ref: false }),
      () => both,
    );
    await Promise.race([both, one]);
    resolver.cancel();
    const [fours, sixes] = await both;
    const found = [...recordsIn(fours, 4), ...recordsIn(sixes, 6)];
    if (found.length === 0) throw worst([fours, sixes]);
    const ttlMs = Math.min(...found.map(({ ttl }) => ttl)) * 1_000;
    return { addresses: found.map(({ address, family }) => ({ address, family })), ttlMs, isFromServers: true };
  }
}

function recordsIn(answer: PromiseSettledResult<RecordWithTtl[]>, family: 4 | 6): (LookupAddress & { readonly ttl: number })[] {
  return answer.status === 'fulfilled' ? answer.value.map(({ address, ttl }) => ({ address, family, ttl })) : [];
}

/** Silence about one kind says more than that there is none of the other. */
function worst(answers: readonly PromiseSettledResult<unknown>[]): unknown {
  const reasons = answers.flatMap((answer): unknown[] => (answer.status === 'rejected' ? [answer.reason] : []));
  return reasons.find((reason) => !isNotFound(reason)) ?? reasons[0];
}

function isNotFound(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOTFOUND' || code === 'ENODATA';
}

/** The next whole name may be known. */
function goesOn(error: unknown): boolean {
  return isNotFound(error) || errorCode(error) === 'ESERVFAIL';
}

const TRIES = 3;
const SECOND_KIND_MS = 50;
const LOOPBACK: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];
