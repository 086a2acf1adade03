/** A fault put into the product on purpose: rows that must notice, and one that must not, so that they notice this and not just anything. */
export interface Mutant {
  readonly name: string;
  readonly what: string;
  /** A path under `src`. */
  readonly file: string;
  /** Text that stands there, each piece once, and what takes its place. */
  readonly changes: readonly (readonly [from: string, to: string])[];
  readonly red: readonly string[];
  readonly green: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'redis-client-defaults',
    what: 'the Redis client as it comes: commands wait for a line, and lost ones are sent again',
    file: 'policy/redis-connection.ts',
    changes: [
      ['retryStrategy: retryAfterMs, enableOfflineQueue: false, scripts: SCRIPTS', 'scripts: SCRIPTS'],
      ['    maxRetriesPerRequest: 0,\n    autoResendUnfulfilledCommands: false,\n', ''],
      ['    connectTimeout: CONNECT_MS,\n    socketTimeout: SILENCE_MS,\n    disconnectTimeout: DISCONNECT_MS,\n', ''],
      ["    reconnectOnError: (error) => error.message.startsWith('READONLY'),\n", ''],
    ],
    red: ['redis-resends-nothing'],
    green: 'redis-shared-exactly',
  },
  {
    name: 'no-abort',
    what: 'the upstream goes on when the client has left',
    file: 'upstream/sockets/http-exchange.ts',
    changes: [['  cancel(): void {\n    this.close();', '  cancel(): void {']],
    red: ['client-leaves'],
    green: 'failed-once',
  },
  {
    name: 'silent-stream-end',
    what: 'a broken stream ends without a word',
    file: 'http/reply-writer.ts',
    changes: [
      ['this.body?.end(this.live?.farewell(error.body) ?? Buffer.from(this.shape.event(error, this.context)));', 'this.body?.end(Buffer.alloc(0));'],
    ],
    red: ['stream-broken-endings', 'provider-cut-midway', 'provider-silent-midway'],
    green: 'stream-dialects',
  },
  {
    name: 'retry-after-output',
    what: 'a stream that breaks after its first content is tried again, into the same answer',
    file: 'resilience/call-runner.ts',
    changes: [
      [
        '      delivery.stream(reply.live, target, reply.headers);',
        `      const { live, headers } = reply;
      const broke = await new Promise((resolve) =>
        delivery.stream(
          {
            follow: (sink) =>
              live.follow({
                write: (bytes) => sink.write(bytes),
                end: (tail) => (sink.end(tail), resolve(undefined)),
                fail: (failure) => resolve(new UpstreamFailure('server_error', failure.message)),
              }),
            resume: () => live.resume(),
            farewell: (error) => live.farewell(error),
            cancel: () => (live.cancel(), resolve(undefined)),
          },
          target,
          headers,
        ),
      );
      if (broke !== undefined) return broke;`,
      ],
    ],
    red: ['no-retry-after-output', 'provider-cut-midway'],
    green: 'failed-once',
  },
  {
    name: 'text-per-chunk',
    what: 'each chunk of a stream is made text by itself',
    file: 'upstream/sse-reader.ts',
    changes: [['  take(chunk: Buffer): void {\n', '  take(chunk: Buffer): void {\n    chunk = Buffer.from(chunk.toString());\n']],
    red: ['stream-sliced'],
    green: 'stream-dialects',
  },
  {
    name: 'all-probes',
    what: 'an open circuit lets every caller probe once its time is up',
    file: 'resilience/circuit-breaker.ts',
    changes: [['if (this.probing || this.retryAfterMs > 0) return undefined;', 'if (this.retryAfterMs > 0) return undefined;']],
    red: ['circuit-one-probe'],
    green: 'circuit-opens',
  },
  {
    name: 'credential-by-path',
    what: 'the credential is asked for at the paths as they are usually spelled',
    file: 'auth/auth.guard.ts',
    changes: [
      ['    const { gateway } = request;\n', "    const { gateway } = request;\n    if (request.raw.url?.includes('%') === true) return true;\n"],
    ],
    red: ['hosts-methods-paths'],
    green: 'every-route-guarded',
  },
  {
    name: 'no-retry-budget',
    what: 'every failure may be repeated',
    file: 'resilience/retry-budget.ts',
    changes: [['    if (this.tokens < 1) return false;\n', '']],
    red: ['retry-budget'],
    green: 'failed-once',
  },
  {
    name: 'no-rest',
    what: 'an upstream that answered 429 is asked again at once',
    file: 'resilience/rest.ts',
    changes: [['    this.until = Math.max(this.until, now + restMs);\n', '']],
    red: ['rate-limited-upstream', 'provider-rate-limits-always'],
    green: 'fails-always',
  },
  {
    name: 'leaving-is-failing',
    what: 'a client that leaves counts against the upstream',
    file: 'upstream/upstream-failure.ts',
    changes: [["client_gone: { retry: 'never', blame: false", "client_gone: { retry: 'never', blame: true"]],
    red: ['circuit-what-must-not-open-it'],
    green: 'circuit-opens',
  },
  {
    name: 'no-backpressure',
    what: 'the upstream is read however slowly the client reads',
    file: 'http/reply-writer.ts',
    changes: [['if (this.body?.write(bytes) === true) return true;', 'if (this.body?.write(bytes) !== undefined) return true;']],
    red: ['stream-reader-that-never-reads'],
    green: 'stream-dialects',
  },
  {
    name: 'no-total-time',
    what: 'attempts keep no total time',
    file: 'resilience/deadline.ts',
    changes: [['    this.alarm.set(Math.min(ms, this.totalLeftMs()));', '    this.alarm.set(ms);']],
    red: ['stream-endless'],
    green: 'stream-stalls',
  },
  {
    name: 'no-pings',
    what: 'nothing is sent while the upstream is silent',
    file: 'http/reply-writer.ts',
    changes: [['    this.pings.set(context.settings.server.ssePingMs);\n', '']],
    red: ['stream-pings-while-silent'],
    green: 'stream-stalls',
  },
  {
    name: 'headers-cross',
    what: 'the client’s cookies and credentials go on to the upstream',
    file: 'policy/crossing-headers.ts',
    changes: [
      [
        "const crossing: Record<string, string> = { 'x-request-id': requestId };",
        "const crossing: Record<string, string> = { 'x-request-id': requestId };\n  for (const name of ['cookie', 'x-api-key', 'x-forwarded-for']) if (typeof headers[name] === 'string') crossing[name] = headers[name];",
      ],
    ],
    red: ['headers-upwards'],
    green: 'addresses-in-requests',
  },
  {
    name: 'tls-unverified',
    what: 'any certificate of an upstream will do',
    file: 'upstream/sockets/open-socket.ts',
    changes: [['rejectUnauthorized: true', 'rejectUnauthorized: false']],
    red: ['tls-upstream'],
    green: 'failed-once',
  },
  {
    name: 'names-hold-threads',
    what: 'names are asked for by the system first, whose threads a silent name holds',
    file: 'upstream/sockets/host-names.ts',
    changes: [
      [
        'const found = await this.sources.servers(name);',
        'const found: KnownAddresses = { addresses: await this.sources.system(name), ttlMs: 0, isFromServers: false };',
      ],
    ],
    red: ['names-that-hang'],
    green: 'name-moves',
  },
  {
    name: 'no-redirection',
    what: 'a node of a Redis Cluster that names another one is not believed',
    file: 'policy/redis-connection.ts',
    changes: [['maxRedirections: 4', 'maxRedirections: 0']],
    red: ['redis-cluster-slot-moves'],
    green: 'redis-shared-exactly',
  },
  {
    name: 'fickle-draw',
    what: 'an end user is drawn anew with each call',
    file: 'routing/draw.ts',
    changes: [['endUser === undefined ? 1 - random()', 'endUser !== null ? 1 - random()']],
    red: ['canary-share'],
    green: 'circuit-opens',
  },
  {
    name: 'blames-upstreams',
    what: 'an upstream is blamed for the time in which the gateway itself stood still',
    file: 'resilience/deadline.ts',
    changes: [['if (lateMs <= STARVED_MS || this.wasExcused)', 'if (lateMs <= STARVED_MS * 1_000 || this.wasExcused)']],
    red: ['gateway-frozen'],
    green: 'stream-stalls',
  },
  {
    name: 'dead-address-kept',
    what: 'the addresses of a name are kept for their time, though nobody is there any more',
    file: 'upstream/sockets/open-socket.ts',
    changes: [['    if (error !== undefined && address.isName) names.doubt(address.host);\n', '']],
    red: ['name-moves-from-the-dead'],
    green: 'name-moves',
  },
];
