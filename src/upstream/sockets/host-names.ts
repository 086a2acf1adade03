import { type LookupAddress, type LookupOptions, promises as dns } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { type Clock, monotonicClock } from '../../contracts/clock.js';
import { errorCode } from './error-code.js';
import type { KnownAddresses } from './known-addresses.js';
import { NameServers } from './name-servers.js';

/** The ways a name can be asked for. Both reject when the name does not exist. */
export interface NameSources {
  /** The hosts file and the name servers, holding no thread. */
  servers(name: string): Promise<KnownAddresses>;
  /** The system's way, which knows other places too. A name whose server is silent holds one of few threads for many seconds. */
  system(name: string): Promise<readonly LookupAddress[]>;
}

/**
 * Turns host names into addresses. However many names hang, another is answered as fast as ever: the name servers are asked without a
 * thread, and the system, which knows what they do not, by one question at a time. While a name's servers are silent, or out of order,
 * it goes by what was last known of it.
 */
export class HostNames {
  private readonly questions = new Map<string, Question>();
  private readonly systemQuestions = new Map<string, Promise<readonly LookupAddress[]>>();
  private systemTurn: Promise<unknown> = Promise.resolve();
  /** When the name servers last said anything about any name. */
  private heardAt = -Infinity;
  private turns = 0;
  private readonly lastKnown = new Map<string, { readonly addresses: readonly LookupAddress[]; holdsUntil: number }>();

  constructor(
    private readonly sources: NameSources = realSources(),
    private readonly patienceMs = 250,
    private readonly clock: Clock = monotonicClock,
  ) {}

  /** Rejects with Node's error when nobody knows the name. */
  async addresses(name: string): Promise<readonly LookupAddress[]> {
    const known = this.lastKnown.get(name);
    if (known !== undefined && this.clock.now() < known.holdsUntil) return known.addresses;
    const question = this.questions.get(name) ?? this.ask(name);
    return (await Promise.race([question.answer, question.impatience])) ?? this.helpOut(name, question);
  }

  /** Its addresses could not be reached: it is asked for anew, however long they were to hold. */
  doubt(name: string): void {
    const known = this.lastKnown.get(name);
    if (known !== undefined) known.holdsUntil = -Infinity;
  }

  /** Nobody has answered for it yet. */
  isAsking(name: string): boolean {
    return this.questions.has(name);
  }

  readonly lookup: LookupFunction = (name, options, callback) => void this.tell(name, options, callback);

  private async tell(name: string, options: LookupOptions, callback: Parameters<LookupFunction>[2]): Promise<void> {
    let addresses: readonly LookupAddress[];
    try {
      addresses = await this.addresses(name);
    } catch (error) {
      callback(error as NodeJS.ErrnoException, '', 0);
      return;
    }
    const wanted = inTurn(addresses, this.turns++).filter(({ family }) => isWanted(family, options.family));
    const [first] = wanted;
    if (first === undefined) callback(noAddress(), '', 0);
    else if (options.all === true) callback(null, wanted);
    else callback(null, first.address, first.family);
  }

  private ask(name: string): Question {
    let timer: NodeJS.Timeout | undefined;
    const answer = this.find(name);
    const impatience = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), this.patienceMs);
      timer.unref();
    });
    const question = { answer, impatience };
    this.questions.set(name, question);
    const forget = (): void => {
      clearTimeout(timer);
      this.questions.delete(name);
    };
    answer.then(forget, forget);
    return question;
  }

  private async find(name: string): Promise<readonly LookupAddress[]> {
    try {
      const { addresses, ttlMs } = await this.askServers(name);
      this.keep(name, addresses, Math.min(ttlMs, HOLDS_MS_MAX));
      return addresses;
    } catch (error) {
      // That the name servers are out of order says nothing about the name.
      const known = isOutOfOrder(error) ? this.lastKnown.get(name) : undefined;
      if (known !== undefined) return known.addresses;
      throw error;
    }
  }

  private async askServers(name: string): Promise<Pick<KnownAddresses, 'addresses' | 'ttlMs'>> {
    try {
      const found = await this.sources.servers(name);
      if (found.isFromServers) this.heardAt = this.clock.now();
      return found;
    } catch (error) {
      // Servers that have just failed to answer would not answer the system either.
      if (isOutOfOrder(error)) throw error;
      if (errorCode(error) === 'ENOTFOUND' || errorCode(error) === 'ENODATA') this.heardAt = this.clock.now();
      return { addresses: await this.askSystem(name), ttlMs: 0 };
    }
  }

  /** A name that has been silent for long. What was known of it is told again for a while, so that not each call waits in vain. */
  private async helpOut(name: string, question: Question): Promise<readonly LookupAddress[]> {
    const known = this.lastKnown.get(name);
    if (known !== undefined) {
      known.holdsUntil = this.clock.now() + STALE_HOLDS_MS;
      return known.addresses;
    }
    // They answer for other names: the system, which asks the same servers, would wait as long, and others for it.
    if (this.clock.now() - this.heardAt < HEARD_MS) return question.answer;
    const system = this.askSystem(name).then((addresses) => {
      this.keep(name, addresses, 0);
      return addresses;
    });
    return Promise.any([question.answer, system]).catch(() => question.answer);
  }

  /** One after the other: what hangs here may hang for long, and holds a thread that others need. */
  private askSystem(name: string): Promise<readonly LookupAddress[]> {
    const asked = this.systemQuestions.get(name);
    if (asked !== undefined) return asked;
    const question = this.systemTurn.then(() => this.sources.system(name));
    this.systemQuestions.set(name, question);
    this.systemTurn = question
      .catch(() => undefined)
      .then(() => {
        this.systemQuestions.delete(name);
      });
    return question;
  }

  private keep(name: string, addresses: readonly LookupAddress[], forMs: number): void {
    this.lastKnown.set(name, { addresses, holdsUntil: this.clock.now() + forMs });
  }
}

interface Question {
  readonly answer: Promise<readonly LookupAddress[]>;
  /** Settles once the answer has been waited for long enough. */
  readonly impatience: Promise<undefined>;
}

function noAddress(): NodeJS.ErrnoException {
  return Object.assign(new Error('the name has no address'), { code: 'ENOTFOUND' });
}

function isWanted(family: number, wanted: number | 'IPv4' | 'IPv6' | undefined): boolean {
  if (wanted === undefined || wanted === 0) return true;
  return family === wanted || `IPv${family}` === wanted;
}

/** No server answered, or none could: nothing was said about the name. */
function isOutOfOrder(error: unknown): boolean {
  return ['ETIMEOUT', 'ESERVFAIL', 'EREFUSED', 'EAI_AGAIN'].includes(errorCode(error));
}

/** Connections are spread over the addresses of a name, though its answer be kept: each kind begins with another one each time. */
function inTurn(addresses: readonly LookupAddress[], turn: number): readonly LookupAddress[] {
  if (addresses.length < 2) return addresses;
  const kinds = [...new Set(addresses.map(({ family }) => family))];
  return kinds.flatMap((kind) => {
    const ofKind = addresses.filter(({ family }) => family === kind);
    const first = turn % ofKind.length;
    return [...ofKind.slice(first), ...ofKind.slice(0, first)];
  });
}

function realSources(): NameSources {
  const servers = new NameServers();
  return {
    servers: (name) => servers.addresses(name),
    system: (name) => dns.lookup(name, { all: true }),
  };
}

/** However long a name holds by what its servers say, a move shows soon. */
const HOLDS_MS_MAX = 5_000;
const STALE_HOLDS_MS = 3_000;
const HEARD_MS = 30_000;
