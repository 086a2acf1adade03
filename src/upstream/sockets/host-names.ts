import { type LookupAddress, type LookupOptions, promises as dns } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** The ways a name can be asked for. Both reject when the name does not exist. */
export interface NameSources {
  /** The system's way: hosts file, search domains. A name whose server is silent holds one of few threads for many seconds. */
  system(name: string): Promise<LookupAddress[]>;
  /** Straight from the name servers, holding no thread. */
  servers(name: string): Promise<LookupAddress[]>;
}

/**
 * Turns host names into addresses, anew for each connection. A name that hangs is asked for by one question at a time, so that it
 * does not hold every thread; who waits behind such names is helped out after a moment: by the name servers, or by what was last known.
 */
export class HostNames {
  private readonly questions = new Map<string, Question>();
  private readonly lastKnown = new Map<string, LookupAddress[]>();

  constructor(
    private readonly sources: NameSources = realSources,
    private readonly patienceMs = 250,
  ) {}

  /** Rejects with the system's error when nobody knows the name. */
  async addresses(name: string): Promise<LookupAddress[]> {
    const question = this.questions.get(name) ?? this.ask(name);
    const answer = await Promise.race([question.answer, question.impatience]);
    return answer ?? this.helpOut(name, question);
  }

  readonly lookup: LookupFunction = (name, options, callback) => void this.tell(name, options, callback);

  private async tell(name: string, options: LookupOptions, callback: Parameters<LookupFunction>[2]): Promise<void> {
    let addresses: LookupAddress[];
    try {
      addresses = await this.addresses(name);
    } catch (error) {
      callback(error as NodeJS.ErrnoException, '', 0);
      return;
    }
    const wanted = addresses.filter(({ family }) => isWanted(family, options.family));
    const [first] = wanted;
    if (first === undefined) callback(noAddress(), '', 0);
    else if (options.all === true) callback(null, wanted);
    else callback(null, first.address, first.family);
  }

  private ask(name: string): Question {
    let timer: NodeJS.Timeout | undefined;
    const answer = this.sources.system(name).then(
      (addresses) => {
        this.lastKnown.set(name, addresses);
        return addresses;
      },
      (error: NodeJS.ErrnoException) => {
        // The name servers are out of order, which says nothing about the name.
        const known = error.code === 'EAI_AGAIN' ? this.lastKnown.get(name) : undefined;
        if (known !== undefined) return known;
        throw error;
      },
    );
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

  private async helpOut(name: string, question: Question): Promise<LookupAddress[]> {
    const known = this.lastKnown.get(name);
    if (known !== undefined) return known;
    const fromServers = this.sources.servers(name).then((addresses) => {
      this.lastKnown.set(name, addresses);
      return addresses;
    });
    // The system's error says more than that of the name servers, which know no hosts file.
    return Promise.any([question.answer, fromServers]).catch(() => question.answer);
  }
}

interface Question {
  readonly answer: Promise<LookupAddress[]>;
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

const realSources: NameSources = {
  system: (name) => dns.lookup(name, { all: true }),
  servers: async (name) => {
    const resolver = new dns.Resolver({ timeout: 1_000, tries: 2 });
    const [four, six] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const found = [
      ...(four.status === 'fulfilled' ? four.value.map((address) => ({ address, family: 4 })) : []),
      ...(six.status === 'fulfilled' ? six.value.map((address) => ({ address, family: 6 })) : []),
    ];
    if (found.length === 0) throw four.status === 'rejected' ? four.reason : noAddress();
    return found;
  },
};
