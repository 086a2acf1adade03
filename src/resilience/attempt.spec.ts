import { LineAdapter } from '../../test/doubles/line-adapter.js';
import { plainCall } from '../../test/doubles/plain-call.js';
import { RecordingDelivery } from '../../test/doubles/recording-delivery.js';
import { type ScriptedExchange, ScriptedTransport } from '../../test/doubles/scripted-transport.js';
import { settingsFrom } from '../../test/doubles/settings-from.js';
import { monotonicClock } from '../contracts/clock.js';
import type { InferenceCall } from '../contracts/inference-call.js';
import type { StreamTranslator } from '../upstream/upstream-adapter.js';
import { type FailureKind, UpstreamFailure } from '../upstream/upstream-failure.js';
import { Attempt, type AttemptObserver, type Reply } from './attempt.js';

/** First byte 1 s, first content 20 s, between events 5 s, in all 60 s; an answer of at most 1 MiB. */
const SETTINGS = settingsFrom({
  GATEWAY_UPSTREAMS: 'a=http://127.0.0.1:9',
  GATEWAY_REQUEST_TIMEOUT_SECONDS: '1',
  GATEWAY_FIRST_CONTENT_TIMEOUT_SECONDS: '20',
  GATEWAY_STREAM_IDLE_TIMEOUT_SECONDS: '5',
  GATEWAY_TOTAL_TIMEOUT_SECONDS: '60',
  GATEWAY_RESPONSE_LIMIT_BYTES: String(1024 * 1024),
});

class RecordingObserver implements AttemptObserver {
  readonly lines: string[] = [];
  heardTimes = 0;

  heard(): void {
    this.heardTimes += 1;
  }
  proven(): void {
    this.lines.push('proven');
  }
  firstContent(): void {
    this.lines.push('firstContent');
  }
  content(): void {
    this.lines.push('content');
  }
  ended(translator: StreamTranslator, failure: UpstreamFailure | undefined): void {
    this.lines.push(`ended ${translator.deltas} ${failure?.kind ?? 'ok'}`);
  }
}

/** One attempt under way, with every end of it in hand. */
class Stand {
  readonly observer = new RecordingObserver();
  readonly transport = new ScriptedTransport();
  readonly adapter = new LineAdapter();
  readonly client = new RecordingDelivery();
  readonly attempt: Attempt;
  /** What `begin` settled with, once a time. */
  readonly settled: (Reply | UpstreamFailure)[] = [];
  readonly exchange: ScriptedExchange;

  constructor(call: Partial<InferenceCall>) {
    const upstream = SETTINGS.routing.upstreams.get('a');
    if (upstream === undefined) throw new Error('no upstream');
    const startedAt = monotonicClock.now();
    const totalLeftMs = (): number => startedAt + SETTINGS.resilience.totalTimeoutMs - monotonicClock.now();
    const tools = { adapter: this.adapter, transport: this.transport, settings: SETTINGS, totalLeftMs };
    this.attempt = new Attempt(plainCall(call), { upstream, model: 'inner', answersAs: 'chat' }, this.observer, tools);
    this.attempt.begin().then(
      (reply) => this.settled.push(reply),
      (failure: UpstreamFailure) => this.settled.push(failure),
    );
    this.exchange = this.transport.last;
  }

  /** What the caller of `begin` does with a stream, in the microtask after. */
  async followed(): Promise<this> {
    await settle();
    const [reply] = this.settled;
    if (reply === undefined || !('live' in reply)) throw new Error('no stream went live');
    reply.live.follow(this.client);
    return this;
  }

  get failure(): UpstreamFailure {
    const [failure] = this.settled;
    if (!(failure instanceof UpstreamFailure)) throw new Error('it did not fail');
    return failure;
  }

  get answer(): string {
    const [reply] = this.settled;
    if (reply === undefined || !('answer' in reply)) throw new Error('there is no answer');
    return reply.answer.body.toString();
  }
}

async function settle(): Promise<void> {
  for (let round = 0; round < 5; round++) await Promise.resolve();
}

async function pass(ms: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(ms);
}

const streaming = (): Stand => new Stand({ stream: true });
const whole = (): Stand => new Stand({ stream: false });
/** A stream whose first content was delivered. */
const flowing = (...before: readonly string[]): Promise<Stand> => {
  const it = streaming();
  it.exchange.stream(...(before.length > 0 ? before : ['role\none\n']));
  return it.followed();
};
const broke = (kind: FailureKind): UpstreamFailure => new UpstreamFailure(kind, 'The connection broke.');

let current: Stand | undefined;
beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] }));
afterEach(async () => {
  await pass(120_000);
  expect(jest.getTimerCount()).toBe(0);
  if (current !== undefined) {
    expect(current.settled).toHaveLength(1);
    expect(current.client.endings.length).toBeLessThanOrEqual(1);
    expect(current.observer.lines.filter((line) => line.startsWith('ended')).length).toBeLessThanOrEqual(1);
    expect(current.exchange.cancels).toBeLessThanOrEqual(1);
  }
  current = undefined;
  jest.useRealTimers();
});

/** Every test ends as `afterEach` says: settled once, ended once, cancelled at most once, no timer left. */
function watched(stand: Stand): Stand {
  current = stand;
  return stand;
}

describe('before the head', () => {
  it('sends what the adapter wrote, to the target it was made for', () => {
    const { exchange } = watched(whole());
    expect(exchange.upstream).toBe('a');
    expect(exchange.request.body.toString()).toBe('inner:{"model":"chat"}');
  });

  it('the upstream has its first-byte time, and no more', async () => {
    const it = watched(whole());
    await pass(990);
    expect(it.settled).toEqual([]);
    await pass(20);
    expect(it.failure.kind).toBe('first_byte_timeout');
    expect(it.failure.message).toContain('1 s (GATEWAY_REQUEST_TIMEOUT_SECONDS)');
    expect(it.exchange.cancels).toBe(1);
    expect(it.observer.heardTimes).toBe(0);
  });

  it.each(['unreachable', 'connect_timeout', 'invalid'] as const)('a transport that fails as %s fails as that', async (kind) => {
    const it = watched(streaming());
    it.exchange.sink.fail(broke(kind));
    await settle();
    expect(it.failure.kind).toBe(kind);
    expect(it.observer.lines).toEqual([]);
  });

  it('a client that leaves closes the exchange at once', async () => {
    const it = watched(streaming());
    it.attempt.cancel();
    expect(it.exchange.cancels).toBe(1);
    it.attempt.cancel();
    await settle();
    expect(it.failure.kind).toBe('client_gone');
    expect(it.observer.lines).toEqual([]);
  });

  it('an adapter that cannot write the request fails the attempt as it says, and leaves nothing behind', async () => {
    const upstream = SETTINGS.routing.upstreams.get('a');
    if (upstream === undefined) throw new Error('no upstream');
    const adapter = new LineAdapter();
    adapter.encode = () => {
      throw new UpstreamFailure('auth', 'No key is set.');
    };
    const transport = new ScriptedTransport();
    const tools = { adapter, transport, settings: SETTINGS, totalLeftMs: () => 60_000 };
    const attempt = new Attempt(plainCall(), { upstream, model: 'm', answersAs: 'm' }, new RecordingObserver(), tools);
    await expect(attempt.begin()).rejects.toMatchObject({ kind: 'auth' });
    expect(transport.exchanges).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('a refusal', () => {
  it('is explained once it is whole', async () => {
    const it = watched(streaming());
    it.exchange.head(429, { 'retry-after': '7' }).data('rate_', 'limited');
    expect(it.settled).toEqual([]);
    it.exchange.end();
    await settle();
    expect(it.failure).toMatchObject({ kind: 'rate_limited', details: { status: 429, retryAfterMs: 7_000 } });
    expect(it.observer.lines).toEqual([]);
    expect(it.observer.heardTimes).toBe(1);
  });

  it.each([100, 199, 301, 404, 500, 529, 999])('status %i is one', async (status) => {
    const it = watched(whole());
    it.exchange.head(status).end();
    await settle();
    expect(it.failure.details.status).toBe(status);
  });

  it('is cut at 64 KiB, and its connection closed', async () => {
    const it = watched(whole());
    it.exchange.head(400).data('rejected\n', 'x'.repeat(64 * 1024));
    await settle();
    expect(it.failure.kind).toBe('rejected');
    expect(it.adapter.explainedBytes).toBe(64 * 1024);
    expect(it.exchange.cancels).toBe(1);
  });

  it('that hangs is explained by what came in time', async () => {
    const it = watched(whole());
    await pass(900);
    it.exchange.head(400).data('rejected\n');
    for (let trickle = 0; trickle < 3; trickle++) {
      await pass(250);
      it.exchange.data('.');
    }
    await pass(300);
    expect(it.failure.kind).toBe('rejected');
    expect(it.exchange.cancels).toBe(1);
  });

  it('that breaks off is explained by what came', async () => {
    const it = watched(whole());
    it.exchange.head(400).data('rejected\n');
    it.exchange.sink.fail(broke('interrupted'));
    await settle();
    expect(it.failure.kind).toBe('rejected');
  });

  it('nobody waits for is closed', async () => {
    const it = watched(whole());
    it.exchange.head(500);
    it.attempt.cancel();
    await settle();
    expect(it.failure.kind).toBe('client_gone');
    expect(it.exchange.cancels).toBe(1);
  });
});

describe('a whole answer', () => {
  it('is given whole, and proves its upstream', async () => {
    const it = watched(whole());
    it.exchange.head(200, { 'content-type': 'application/json' }).data('to', 'ge', 'ther').end();
    await settle();
    expect(it.answer).toBe('together');
    expect(it.observer.lines).toEqual(['proven']);
    expect(it.exchange.cancels).toBe(0);
  });

  it('is judged by the adapter', async () => {
    const it = watched(whole());
    it.exchange.head(200).data('server_error').end();
    await settle();
    expect(it.failure.kind).toBe('server_error');
    expect(it.observer.lines).toEqual([]);
  });

  it('that breaks off is none', async () => {
    const it = watched(whole());
    it.exchange.head(200).data('half');
    it.exchange.sink.fail(broke('interrupted'));
    await settle();
    expect(it.failure.kind).toBe('invalid');
  });

  it('may take its time to begin after the head, and is told so in its own words', async () => {
    const it = watched(whole());
    it.exchange.head(200);
    await pass(19_990);
    expect(it.settled).toEqual([]);
    await pass(20);
    expect(it.failure.kind).toBe('first_byte_timeout');
    expect(it.failure.message).toContain('GATEWAY_FIRST_CONTENT_TIMEOUT_SECONDS');
  });

  it('that falls silent half-way goes to the next target, and names the setting that it was', async () => {
    const it = watched(whole());
    it.exchange.head(200).data('ha');
    await pass(4_000);
    it.exchange.data('lf');
    await pass(4_990);
    expect(it.settled).toEqual([]);
    await pass(20);
    expect(it.failure.kind).toBe('first_byte_timeout');
    expect(it.failure.message).toContain('GATEWAY_STREAM_IDLE_TIMEOUT_SECONDS');
  });

  it('is heard of at each piece of it: a long answer is life', () => {
    const it = watched(whole());
    it.exchange.head(200).data('a', 'b', 'c');
    expect(it.observer.heardTimes).toBe(4);
    it.exchange.end();
  });

  it('that never ends is over when the total time is', async () => {
    const it = watched(whole());
    it.exchange.head(200);
    for (let second = 0; second < 61; second++) {
      it.exchange.data('.');
      await pass(1_000);
    }
    expect(it.failure.kind).toBe('first_byte_timeout');
    expect(it.failure.message).toContain('60 s (GATEWAY_TOTAL_TIMEOUT_SECONDS)');
  });

  it('over the size is none, and is not read on', async () => {
    const it = watched(whole());
    it.exchange.head(200).data('x'.repeat(1024 * 1024), 'y');
    await settle();
    expect(it.failure.kind).toBe('invalid');
    expect(it.failure.message).toContain('GATEWAY_RESPONSE_LIMIT_BYTES');
    expect(it.exchange.cancels).toBe(1);
  });

  it('is closed at once when its client leaves', async () => {
    const it = watched(whole());
    it.exchange.head(200).data('ha');
    it.attempt.cancel();
    expect(it.exchange.cancels).toBe(1);
    await settle();
    expect(it.failure.kind).toBe('client_gone');
    expect(it.observer.lines).toEqual([]);
  });
});

describe('of the wrong kind', () => {
  it('an answer where a stream was asked is none', async () => {
    const it = watched(streaming());
    it.exchange.head(200, { 'content-type': 'application/json' }).data('fine').end();
    await settle();
    expect(it.failure.kind).toBe('invalid');
    expect(it.observer.lines).toEqual([]);
  });

  it('an answer where a stream was asked is read as one where a provider sends streams so', async () => {
    const it = watched(streaming());
    Object.assign(it.adapter, { streamsAsJson: true });
    it.exchange.head(200, { 'content-type': 'application/json' }).data('hello\nstop\n').end();
    await settle();
    expect(it.settled[0]).toHaveProperty('live');
  });

  it('an error in it keeps its own verdict', async () => {
    const it = watched(streaming());
    it.exchange.head(200, { 'content-type': 'application/json' }).data('context_length').end();
    await settle();
    expect(it.failure.kind).toBe('context_length');
  });

  it('a stream where an answer was asked is none, and is closed', async () => {
    const it = watched(whole());
    it.exchange.stream();
    await settle();
    expect(it.failure.kind).toBe('invalid');
    expect(it.exchange.cancels).toBe(1);
  });
});

describe('a stream before its first content', () => {
  it('owes its first event within the time that began with the sending', async () => {
    const it = watched(streaming());
    await pass(900);
    it.exchange.stream();
    await pass(110);
    expect(it.failure.kind).toBe('first_byte_timeout');
    expect(it.failure.message).toContain('GATEWAY_REQUEST_TIMEOUT_SECONDS');
  });

  it('half an event is no event', async () => {
    const it = watched(streaming());
    it.exchange.stream('ro');
    await pass(1_010);
    expect(it.failure.message).toContain('GATEWAY_REQUEST_TIMEOUT_SECONDS');
    expect(it.observer.lines).toEqual([]);
  });

  it('is held back; with its content everything comes, in order and once', async () => {
    const it = watched(streaming());
    it.exchange.stream('ping\n', 'role\n');
    await settle();
    expect(it.settled).toEqual([]);
    expect(it.observer.lines).toEqual(['proven']);
    it.exchange.data('one\n');
    await it.followed();
    expect(it.client.text).toBe('ping\nrole\none\n');
    expect(it.observer.lines).toEqual(['proven', 'firstContent']);
    it.exchange.data('two\n', 'stop\n', 'done\n').end();
    expect(it.client.text).toBe('ping\nrole\none\ntwo\nstop\ndone\n');
    expect(it.client.endings).toEqual(['end']);
  });

  it('with life and no content it has the longer time, from its first event', async () => {
    const it = watched(streaming());
    it.exchange.stream('ping\n');
    for (let second = 0; second < 19; second++) {
      await pass(1_000);
      it.exchange.data('ping\n');
    }
    expect(it.settled).toEqual([]);
    await pass(1_010);
    expect(it.failure.kind).toBe('first_byte_timeout');
    expect(it.failure.message).toContain('20 s (GATEWAY_FIRST_CONTENT_TIMEOUT_SECONDS)');
    expect(it.exchange.cancels).toBe(1);
  });

  it.each<[string, FailureKind, (it: Stand) => unknown]>([
    ['an error event', 'server_error', (it) => it.exchange.data('error\n')],
    ['a reset', 'invalid', (it) => it.exchange.sink.fail(broke('interrupted'))],
    ['a cut by its framing', 'invalid', (it) => it.exchange.sink.fail(broke('invalid'))],
    ['an end', 'invalid', (it) => it.exchange.end()],
  ])('%s after a role alone can still be tried elsewhere', async (_what, kind, then) => {
    const it = watched(streaming());
    it.exchange.stream('role\n');
    then(it);
    await settle();
    expect(it.failure.kind).toBe(kind);
    expect(it.observer.lines).toEqual(['proven']);
  });

  it('an error event as the first proves nothing', async () => {
    const it = watched(streaming());
    it.exchange.stream('error\n');
    await settle();
    expect(it.failure.kind).toBe('server_error');
    expect(it.observer.lines).toEqual([]);
  });

  it('an empty body is no stream', async () => {
    const it = watched(streaming());
    it.exchange.stream().end();
    await settle();
    expect(it.failure.kind).toBe('invalid');
  });

  it('a prefix without content is not held without bound', async () => {
    const it = watched(streaming());
    it.exchange.stream();
    for (let chunk = 0; chunk < 5 && it.exchange.cancels === 0; chunk++) it.exchange.data(`${'ping\n'.repeat(200_000)}`);
    await settle();
    expect(it.failure.kind).toBe('invalid');
    expect(it.exchange.cancels).toBe(1);
  });

  it('a first event may be as large as an image where one was asked for', async () => {
    const it = watched(new Stand({ stream: true, fields: new Map([['modalities', { start: 0, end: 0 }]]) }));
    it.exchange.stream();
    for (let chunk = 0; chunk < 5; chunk++) it.exchange.data(`${'ping\n'.repeat(200_000)}`);
    await settle();
    expect(it.exchange.cancels).toBe(0);
  });

  it("a client that leaves closes it, and is nobody's fault", async () => {
    const it = watched(streaming());
    it.exchange.stream('role\n');
    it.attempt.cancel();
    expect(it.exchange.cancels).toBe(1);
    await settle();
    expect(it.failure.kind).toBe('client_gone');
  });
});

describe('a stream that flows', () => {
  it('passes each chunk on as it comes, and tells of content alone', async () => {
    const it = watched(await flowing());
    it.exchange.data('two\n');
    expect(it.client.text).toBe('role\none\ntwo\n');
    it.exchange.data('ping\n', 'three\n');
    expect(it.client.text).toBe('role\none\ntwo\nping\nthree\n');
    it.exchange.data('stop\n', 'done\n').end();
    expect(it.observer.lines).toEqual(['proven', 'firstContent', 'content', 'content', 'ended 3 ok']);
    expect(it.exchange.cancels).toBe(0);
  });

  it('waits for its reader between the first content and its following, and goes on then', async () => {
    const it = watched(streaming());
    it.exchange.stream('one\n');
    expect(it.exchange.flows).toBe(false);
    await it.followed();
    expect(it.exchange.resumes).toBe(1);
    it.exchange.data('done\n').end();
  });

  it('loses nothing that comes though it was asked to wait', async () => {
    const it = watched(streaming());
    it.exchange.stream('one\n').data('two\n');
    await it.followed();
    expect(it.client.text).toBe('one\ntwo\n');
    it.exchange.data('done\n').end();
    expect(it.client.text).toBe('one\ntwo\ndone\n');
  });

  it('silence ends it with the words of the setting', async () => {
    const it = watched(await flowing());
    await pass(4_000);
    it.exchange.data('ping\n');
    await pass(4_990);
    expect(it.client.endings).toEqual([]);
    await pass(20);
    expect(it.client.endings).toEqual(['stalled']);
    expect(it.client.failure?.message).toContain('5 s (GATEWAY_STREAM_IDLE_TIMEOUT_SECONDS)');
    expect(it.exchange.cancels).toBe(1);
    expect(it.observer.lines.at(-1)).toBe('ended 1 stalled');
  });

  it('while its client does not read, the upstream is not to blame for silence', async () => {
    const it = watched(await flowing());
    it.client.reads = false;
    it.exchange.data('two\n');
    expect(it.exchange.flows).toBe(false);
    await pass(30_000);
    expect(it.client.endings).toEqual([]);
    it.client.reads = true;
    it.attempt.resume();
    expect(it.exchange.resumes).toBe(2);
    await pass(4_990);
    expect(it.client.endings).toEqual([]);
    await pass(20);
    expect(it.client.endings).toEqual(['stalled']);
  });

  it('a client that does not take even the first bytes holds it from the start', async () => {
    const it = watched(streaming());
    it.client.reads = false;
    it.exchange.stream('one\n');
    await it.followed();
    expect(it.exchange.resumes).toBe(0);
    await pass(30_000);
    expect(it.client.endings).toEqual([]);
    it.attempt.resume();
    expect(it.exchange.resumes).toBe(1);
    it.exchange.data('done\n').end();
  });

  it('a stream without end is over when the total time is', async () => {
    const it = watched(await flowing());
    for (let second = 0; second < 61 && it.client.endings.length === 0; second++) {
      await pass(1_000);
      it.exchange.data('more\n');
    }
    expect(it.client.endings).toEqual(['stalled']);
    expect(it.client.failure?.message).toContain('60 s (GATEWAY_TOTAL_TIMEOUT_SECONDS)');
    expect(it.exchange.cancels).toBe(1);
  });

  it('a stream over the size is cut, and what came before is delivered', async () => {
    const it = watched(await flowing());
    const words = 'word\n'.repeat(10_000);
    for (let chunk = 0; chunk < 30 && it.client.endings.length === 0; chunk++) it.exchange.data(words);
    expect(it.client.endings).toEqual(['stalled']);
    expect(it.client.failure?.message).toContain('GATEWAY_RESPONSE_LIMIT_BYTES');
    expect(it.client.text.length).toBeLessThan(1024 * 1024 + 60_000);
  });

  it.each<[string, (it: Stand) => unknown]>([
    ['a reset', (it) => it.exchange.sink.fail(broke('interrupted'))],
    ['a cut by its framing', (it) => it.exchange.sink.fail(broke('invalid'))],
    ['an error event', (it) => it.exchange.data('error\n')],
    ['an end without a finish', (it) => it.exchange.end()],
  ])('%s is final: the client is told, and nothing else is', async (_what, then) => {
    const it = watched(await flowing());
    then(it);
    expect(it.client.endings).toEqual(['interrupted']);
    expect(it.observer.lines.at(-1)).toBe('ended 1 interrupted');
    expect(it.client.text).toBe('role\none\n');
  });

  it('content and what breaks it in one chunk: the content is delivered, then the client is told', async () => {
    const it = watched(await flowing('role\none\nerror\n'));
    expect(it.client.text).toBe('role\none\n');
    expect(it.client.endings).toEqual(['interrupted']);
    expect(it.exchange.cancels).toBe(1);
  });

  it('a client that leaves closes it at once, and hears nothing more', async () => {
    const it = watched(await flowing());
    it.attempt.cancel();
    expect(it.exchange.cancels).toBe(1);
    expect(it.observer.lines.at(-1)).toBe('ended 1 client_gone');
    expect(it.client.endings).toEqual([]);
    it.attempt.cancel();
    it.attempt.resume();
    await pass(10_000);
    expect(it.client.text).toBe('role\none\n');
    expect(it.exchange.resumes).toBe(1);
  });

  it('a client that leaves before it follows closes it too', async () => {
    const it = watched(streaming());
    it.exchange.stream('one\n');
    it.attempt.cancel();
    expect(it.exchange.cancels).toBe(1);
    expect(it.observer.lines.at(-1)).toBe('ended 1 client_gone');
    await it.followed();
    expect(it.client.endings).toEqual([]);
  });
});

describe('the end of a stream', () => {
  it('a whole stream in one chunk is delivered, and its connection can serve again', async () => {
    const it = watched(streaming());
    it.exchange.stream('role\none\nstop\ndone\n');
    expect(it.exchange.flows).toBe(true);
    it.exchange.end();
    await it.followed();
    expect(it.client.text).toBe('role\none\nstop\ndone\n');
    expect(it.client.endings).toEqual(['end']);
    expect(it.observer.lines).toEqual(['proven', 'firstContent', 'ended 1 ok']);
    expect(it.exchange.cancels).toBe(0);
  });

  it('leaves no timer behind once its last framing is here', async () => {
    const it = watched(await flowing());
    it.exchange.data('stop\n', 'done\n').end();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('what is owed to the client is added', async () => {
    const it = watched(await flowing());
    it.exchange.data('stop\n').end();
    expect(it.client.text).toBe('role\none\nstop\ndone\n');
    expect(it.client.endings).toEqual(['end']);
    expect(it.observer.lines.at(-1)).toBe('ended 1 ok');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does not wait for a connection that stays open after the last word, and closes it', async () => {
    const it = watched(await flowing());
    it.exchange.data('stop\n', 'done\n');
    expect(it.client.endings).toEqual(['end']);
    await pass(990);
    expect(it.exchange.cancels).toBe(0);
    await pass(20);
    expect(it.exchange.cancels).toBe(1);
  });

  it('a client whose buffer is full at the last word does not keep the connection from ending', async () => {
    const it = watched(await flowing());
    it.client.reads = false;
    it.exchange.data('stop\ndone\n');
    expect(it.exchange.flows).toBe(true);
    it.exchange.end();
    await pass(2_000);
    expect(it.exchange.cancels).toBe(0);
  });

  it.each<[string, (it: Stand) => unknown]>([
    ['a reset', (it) => it.exchange.sink.fail(broke('interrupted'))],
    ['a cut by its framing', (it) => it.exchange.sink.fail(broke('invalid'))],
    ['further events', (it) => it.exchange.data('more\n', 'error\n', 'done\n')],
    ['its end', (it) => it.exchange.end()],
    ['a client that leaves', (it) => it.attempt.cancel()],
  ])('%s after the last word changes nothing', async (_what, then) => {
    const it = watched(await flowing());
    it.exchange.data('stop\ndone\n');
    then(it);
    await pass(2_000);
    expect(it.client.text).toBe('role\none\nstop\ndone\n');
    expect(it.client.endings).toEqual(['end']);
    expect(it.observer.lines.filter((line) => line.startsWith('ended'))).toEqual(['ended 1 ok']);
  });

  it('finished and silent, it is ended for the client after a few seconds', async () => {
    const it = watched(await flowing());
    it.exchange.data('stop\n');
    await pass(4_000);
    it.exchange.data('usage\n');
    await pass(4_990);
    expect(it.client.endings).toEqual([]);
    await pass(20);
    expect(it.client.text).toBe('role\none\nstop\nusage\ndone\n');
    expect(it.client.endings).toEqual(['end']);
    await pass(1_010);
    expect(it.exchange.cancels).toBe(1);
  });

  it('ended so, and reset before it was closed, it stays ended', async () => {
    const it = watched(await flowing());
    it.exchange.data('stop\n');
    await pass(5_010);
    it.exchange.sink.fail(broke('interrupted'));
    expect(it.client.text).toBe('role\none\nstop\ndone\n');
    expect(it.client.endings).toEqual(['end']);
  });

  it('finished and reset, it is whole: what broke was the way home', async () => {
    const it = watched(await flowing());
    it.exchange.data('stop\n');
    it.exchange.sink.fail(broke('interrupted'));
    expect(it.client.text).toBe('role\none\nstop\ndone\n');
    expect(it.client.endings).toEqual(['end']);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('a stream that finishes without content is a stream', async () => {
    const it = watched(await flowing('role\n', 'stop\n', 'done\n'));
    expect(it.client.text).toBe('role\nstop\ndone\n');
    expect(it.client.endings).toEqual(['end']);
    it.exchange.end();
  });
});
