import { LineAdapter, USAGE } from '../../test/doubles/line-adapter.js';
import { plainCall } from '../../test/doubles/plain-call.js';
import { RecordingDelivery } from '../../test/doubles/recording-delivery.js';
import { RecordingMeter } from '../../test/doubles/recording-meter.js';
import { requestContext } from '../../test/doubles/request-context.js';
import { type ScriptedExchange, ScriptedTransport } from '../../test/doubles/scripted-transport.js';
import { settingsFrom } from '../../test/doubles/settings-from.js';
import { LiveSettings } from '../config/live-settings.js';
import { type CircuitReport, CircuitSharing, type SharedCircuit } from '../contracts/circuit-sharing.js';
import { monotonicClock } from '../contracts/clock.js';
import type { ErrorCode, GatewayError } from '../contracts/gateway-error.js';
import type { InferenceCall } from '../contracts/inference-call.js';
import type { RequestContext } from '../contracts/request-context.js';
import type { RoutePlan, Target } from '../contracts/target.js';
import { AdapterTable } from '../upstream/adapters.js';
import { type FailureKind, UpstreamFailure } from '../upstream/upstream-failure.js';
import { CallRunner } from './call-runner.js';
import { TargetHealth } from './target-health.js';

type Reply = (exchange: ScriptedExchange) => void;

class LineAdapters extends AdapterTable {
  override for(): LineAdapter {
    return new LineAdapter();
  }
}

/** Other workers that agree to nothing: every verdict is written down, and opens nothing. A success is told while failures are known. */
class VerdictBook extends CircuitSharing {
  readonly verdicts: string[] = [];
  asked: ((granted: boolean) => void) | undefined;
  private tell: (upstream: string, circuit: SharedCircuit) => void = () => {};

  override report({ upstream, verdict }: CircuitReport): void {
    this.verdicts.push(`${upstream} ${verdict}`);
  }
  override askProbe(): Promise<boolean> {
    return new Promise((resolve) => (this.asked = resolve));
  }
  override probeEnded(upstream: string, verdict: string): void {
    this.verdicts.push(`${upstream} probe ${verdict}`);
  }
  override onState(listener: (upstream: string, circuit: SharedCircuit) => void): void {
    this.tell = listener;
  }
  know(upstream: string, circuit: Partial<SharedCircuit>): void {
    this.tell(upstream, { state: 'closed', failures: 1, openedAgoMs: 0, ...circuit });
  }
}

interface Call {
  readonly context: RequestContext;
  readonly delivery: RecordingDelivery;
  readonly done: Promise<unknown>;
  /** What `run` settled with: undefined while it runs. */
  result: { readonly error: GatewayError | undefined } | undefined;
}

/** The resilient part of the gateway, with scripted upstreams. Of each upstream's replies the last one goes on for ever. */
class House {
  readonly meter = new RecordingMeter();
  readonly transport: ScriptedTransport;
  readonly health: TargetHealth;
  readonly settings: ReturnType<typeof settingsFrom>;
  private readonly runner: CallRunner;

  constructor(replies: Readonly<Record<string, readonly Reply[]>>, env: Readonly<Record<string, string>> = {}, sharing?: CircuitSharing) {
    const upstreams = Object.keys(replies).map((name) => `${name}=http://127.0.0.1:9`);
    this.settings = settingsFrom({ GATEWAY_UPSTREAMS: upstreams.join(';'), ...env });
    this.transport = new ScriptedTransport((exchange, number) => {
      const list = replies[exchange.upstream] ?? [];
      (list[number - 1] ?? list.at(-1))?.(exchange);
    });
    this.health = new TargetHealth(new LiveSettings(this.settings), this.meter, monotonicClock, sharing);
    this.runner = new CallRunner(this.health, new LineAdapters(), this.transport, this.meter, monotonicClock);
  }

  begin(names: readonly string[], part: Partial<InferenceCall> = {}, delivery = new RecordingDelivery()): Call {
    const targets = names.map((name): Target => ({ upstream: this.upstream(name), model: name, answersAs: 'chat' }));
    const [first, ...others] = targets;
    if (first === undefined) throw new Error('a plan has a target');
    const plan: RoutePlan = [first, ...others];
    const inference = plainCall(part);
    const context = requestContext({ settings: this.settings, startedAt: monotonicClock.now(), call: inference });
    const call: Call = { context, delivery, done: Promise.resolve(), result: undefined };
    const done = this.runner.run(plan, inference, context, delivery).then(
      () => (call.result = { error: undefined }),
      (error: GatewayError) => (call.result = { error }),
    );
    return Object.assign(call, { done });
  }

  /** Runs a call to its settling, through as much time as that takes. */
  async run(names: readonly string[], part: Partial<InferenceCall> = {}): Promise<Call> {
    const call = this.begin(names, part);
    for (let step = 0; step < 700 && call.result === undefined; step++) await pass(step < 20 ? 1 : step < 60 ? 5 : 1_000);
    if (call.result === undefined) throw new Error('the call never settled');
    return call;
  }

  upstream(name: string): Target['upstream'] {
    const upstream = this.settings.routing.upstreams.get(name);
    if (upstream === undefined) throw new Error(`there is no ${name}`);
    return upstream;
  }

  activeOf(name: string): number {
    return this.health.of(this.upstream(name)).gate.active;
  }

  stateOf(name: string): string {
    return this.health.of(this.upstream(name)).circuit.state;
  }
}

async function pass(ms: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(ms);
}

const fine: Reply = (exchange) => exchange.head(200).data('fine').end();
const streams: Reply = (exchange) => exchange.stream('role\none\n');
const hangs: Reply = () => {};
const breaks =
  (kind: FailureKind): Reply =>
  (exchange) =>
    exchange.sink.fail(new UpstreamFailure(kind, 'The connection broke.'));
const refuses =
  (status: number, kind: FailureKind, retryAfter?: string): Reply =>
  (exchange) =>
    exchange
      .head(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter })
      .data(kind)
      .end();
const answers =
  (kind: FailureKind): Reply =>
  (exchange) =>
    exchange.head(200).data(kind).end();

const UNBREAKABLE = { GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '1000000' };

let house: House | undefined;
/** Every test ends as `afterEach` says: no slot, no timer and no listener is left. */
function built(...parts: ConstructorParameters<typeof House>): House {
  house = new House(...parts);
  return house;
}

beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] }));
afterEach(async () => {
  await pass(2_000_000);
  if (house !== undefined) for (const name of house.settings.routing.upstreams.keys()) expect([name, house.activeOf(name)]).toEqual([name, 0]);
  expect(jest.getTimerCount()).toBe(0);
  house = undefined;
  jest.useRealTimers();
});

interface Verdict {
  readonly reply: Reply;
  /** Whom a plan of `a`, `b` sends to, where `a` always fails so. */
  readonly order: string;
  readonly blames: boolean;
  readonly outcome: string;
  /** What the client is told where there is no `b`. */
  readonly code: ErrorCode;
  readonly status: number;
  readonly shouldRetry?: false;
  readonly retryAfterMs?: number;
}

/** One row for every way an attempt can fail before anything was delivered; a way without a row does not compile. */
const VERDICTS: Record<Exclude<FailureKind, 'interrupted' | 'stalled' | 'unread' | 'client_gone'>, Verdict> = {
  unreachable: {
    reply: breaks('unreachable'),
    order: 'aab',
    blames: true,
    outcome: 'unreachable',
    code: 'upstream_unreachable',
    status: 502,
    shouldRetry: false,
  },
  connect_timeout: {
    reply: breaks('connect_timeout'),
    order: 'ab',
    blames: true,
    outcome: 'timeout',
    code: 'upstream_timeout',
    status: 504,
    shouldRetry: false,
  },
  first_byte_timeout: { reply: hangs, order: 'ab', blames: true, outcome: 'timeout', code: 'upstream_timeout', status: 504, shouldRetry: false },
  server_error: {
    reply: refuses(503, 'server_error'),
    order: 'aab',
    blames: true,
    outcome: 'server_error',
    code: 'upstream_invalid_response',
    status: 502,
    shouldRetry: false,
  },
  invalid: {
    reply: answers('invalid'),
    order: 'aab',
    blames: true,
    outcome: 'invalid',
    code: 'upstream_invalid_response',
    status: 502,
    shouldRetry: false,
  },
  rate_limited: {
    reply: refuses(429, 'rate_limited', '7'),
    order: 'ab',
    blames: false,
    outcome: 'rate_limited',
    code: 'upstream_rate_limited',
    status: 429,
    retryAfterMs: 7_000,
  },
  quota_exhausted: {
    reply: refuses(429, 'quota_exhausted', '7'),
    order: 'ab',
    blames: false,
    outcome: 'rate_limited',
    code: 'upstream_rate_limited',
    status: 429,
    shouldRetry: false,
    retryAfterMs: 7_000,
  },
  auth: {
    reply: refuses(401, 'auth'),
    order: 'ab',
    blames: false,
    outcome: 'auth_failed',
    code: 'upstream_auth_failed',
    status: 502,
    shouldRetry: false,
  },
  context_length: { reply: refuses(400, 'context_length'), order: 'ab', blames: false, outcome: 'client_error', code: 'invalid_value', status: 400 },
  rejected: { reply: refuses(422, 'rejected'), order: 'a', blames: false, outcome: 'client_error', code: 'invalid_value', status: 422 },
};

describe.each(Object.entries(VERDICTS))('%s', (kind, verdict) => {
  const failures = [...verdict.order].filter((name) => name === 'a').length;

  it('is tried again, or elsewhere, or not at all, as its verdict says', async () => {
    const it = built({ a: [verdict.reply], b: [fine] });
    const { delivery, context, result } = await it.run(['a', 'b']);
    expect(it.transport.order.join('')).toBe(verdict.order);
    expect(context.attempts).toBe(verdict.order.length);
    const fellBack = verdict.order.endsWith('b');
    expect(context.fallback).toBe(fellBack);
    expect(delivery.text).toBe(fellBack ? 'fine' : '');
    expect(result?.error === undefined).toBe(fellBack);
    const ends = [...verdict.order].map((name) => (name === 'a' ? `attemptEnded a ${verdict.outcome}` : 'attemptEnded b ok'));
    expect(it.meter.of('attemptEnded')).toEqual(ends);
    expect(it.meter.of('retried')).toEqual(verdict.order.startsWith('aa') ? ['retried a'] : []);
    expect(it.meter.of('fellBack')).toEqual(fellBack ? [`fellBack a b ${verdict.outcome}`] : []);
  });

  it('counts against its upstream, or not', async () => {
    const book = new VerdictBook();
    const it = built({ a: [verdict.reply], b: [fine] }, {}, book);
    book.know('a', {});
    await it.run(['a', 'b']);
    expect(book.verdicts.filter((line) => line.startsWith('a'))).toEqual(verdict.blames ? Array.from({ length: failures }, () => 'a failure') : []);
  });

  it('is told to the client where there is nowhere else to go', async () => {
    const it = built({ a: [verdict.reply] });
    const { result, delivery, context } = await it.run(['a']);
    const error = result?.error;
    expect(error).toMatchObject({ name: 'GatewayError', code: verdict.code, status: verdict.status });
    expect([error?.details.shouldRetry, error?.details.retryAfterMs]).toEqual([verdict.shouldRetry, verdict.retryAfterMs]);
    expect(error?.details.cause).toMatchObject({ kind });
    expect(delivery.endings).toEqual([]);
    expect(delivery.listener).toBeUndefined();
    expect(context.upstream).toBe('a');
  });
});

describe('after the first content', () => {
  it.each([
    ['interrupted', breaks('interrupted')],
    ['stalled', hangs],
  ] as const)('%s is final, counted, and nobody else is asked', async (kind, then) => {
    const book = new VerdictBook();
    const it = built({ a: [streams], b: [streams] }, {}, book);
    const { result, delivery } = await it.run(['a', 'b'], { stream: true });
    expect(result?.error).toBeUndefined();
    then(it.transport.last);
    await pass(31_000);
    expect(delivery.endings).toEqual([kind]);
    expect(delivery.text).toBe('role\none\n');
    expect(it.transport.order).toEqual(['a']);
    expect(book.verdicts).toEqual(['a failure']);
    expect(it.meter.of('attemptEnded')).toEqual([`attemptEnded a ${kind === 'stalled' ? 'timeout' : 'interrupted'}`]);
  });

  it('a stream that ends well is a success, with its usage', async () => {
    const book = new VerdictBook();
    const it = built({ a: [streams] }, {}, book);
    book.know('a', {});
    const { context, delivery } = await it.run(['a'], { stream: true });
    expect(it.activeOf('a')).toBe(1);
    it.transport.last.data('two\n', 'stop\n', 'usage\n', 'done\n').end();
    expect(delivery.endings).toEqual(['end']);
    expect(book.verdicts).toEqual(['a success']);
    expect(context).toMatchObject({ usage: USAGE, usageEstimated: false });
    expect(it.meter.lines).toEqual(['firstToken a', 'interToken a', 'attemptEnded a ok']);
  });

  it('without usage it is estimated, and said to be', async () => {
    const it = built({ a: [streams] });
    const { context } = await it.run(['a'], { stream: true, body: Buffer.alloc(401) });
    it.transport.last.data('two\n', 'junk\n', 'junk\n', 'stop\n').end();
    expect(context.usage).toEqual({ input: 101, output: 2, cached: 0, reasoning: 0 });
    expect(context.usageEstimated).toBe(true);
    expect(it.meter.of('eventDropped')).toEqual(['eventDropped a', 'eventDropped a']);
  });
});

describe('before the first content of a stream', () => {
  it('a role, then an error, then another upstream: the client sees one stream', async () => {
    const it = built({ a: [(exchange) => exchange.stream('role\n').data('error\n')], b: [streams] });
    const { delivery } = await it.run(['a', 'b'], { stream: true });
    expect(it.transport.order).toEqual(['a', 'a', 'b']);
    expect(delivery.text).toBe('role\none\n');
    it.transport.last.data('stop\n').end();
    expect(delivery.text).toBe('role\none\nstop\ndone\n');
  });
});

describe('attempts', () => {
  it('are at most as many as may be, over repeats and targets', async () => {
    const it = built({ a: [breaks('unreachable')], b: [breaks('unreachable')], c: [fine] });
    const { result, context } = await it.run(['a', 'b', 'c']);
    expect(it.transport.order).toEqual(['a', 'a', 'b']);
    expect(context.attempts).toBe(3);
    expect(result?.error?.code).toBe('upstream_unreachable');
  });

  it('one is one', async () => {
    const it = built({ a: [breaks('unreachable')], b: [fine] }, { GATEWAY_MAX_ATTEMPTS: '1' });
    await it.run(['a', 'b']);
    expect(it.transport.order).toEqual(['a']);
    expect(it.meter.of('retried')).toEqual([]);
  });

  it('a repeat that succeeds is the answer, and waits no longer than its back-off', async () => {
    const it = built({ a: [refuses(500, 'server_error'), fine] });
    const { context, delivery } = await it.run(['a']);
    expect(delivery.text).toBe('fine');
    expect(context).toMatchObject({ attempts: 2, fallback: false });
    expect(monotonicClock.now() - context.startedAt).toBeLessThan(120);
    expect(context.waitedMs).toBeLessThanOrEqual(monotonicClock.now() - context.startedAt);
  });

  it('to another target do not wait', async () => {
    const it = built({ a: [refuses(401, 'auth')], b: [refuses(429, 'rate_limited')], c: [fine] });
    const call = it.begin(['a', 'b', 'c']);
    await pass(0);
    expect(call.delivery.text).toBe('fine');
  });

  it('at a dead upstream are at most a fifth more than the calls, and three', async () => {
    const it = built({ a: [breaks('unreachable')] }, UNBREAKABLE);
    for (let call = 0; call < 300; call++) it.begin(['a']);
    await pass(1_000);
    expect(it.transport.exchanges.length).toBeLessThanOrEqual(300 * 1.2 + 3);
    expect(it.transport.exchanges.length).toBeGreaterThan(300);
    // Every call that failed was repeated, or is counted as one whose repeat there was no budget for.
    expect(it.meter.of('retryRefused')).toHaveLength(600 - it.transport.exchanges.length);
  });

  it('at an upstream that fails now and then, every failure is repeated', async () => {
    let number = 0;
    const it = built({ a: [(exchange) => (number++ % 10 === 9 ? refuses(500, 'server_error') : fine)(exchange)] });
    for (let call = 0; call < 300; call++) expect((await it.run(['a'])).result?.error).toBeUndefined();
    expect(it.meter.of('retried').length).toBeGreaterThan(29);
  });

  it('a failure that opens the circuit is not repeated, and does not wait before the next target', async () => {
    const it = built({ a: [refuses(500, 'server_error')], b: [fine] }, { GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '1' });
    const call = it.begin(['a', 'b']);
    await pass(0);
    expect(call.delivery.text).toBe('fine');
    expect(it.transport.order).toEqual(['a', 'b']);
    expect(it.meter.of('retried')).toEqual([]);
  });
});

describe('a prompt too long for one', () => {
  it('goes on to the next, whose window may be larger', async () => {
    const it = built({ a: [refuses(400, 'context_length')], b: [fine] });
    expect((await it.run(['a', 'b'])).delivery.text).toBe('fine');
  });

  it.each([
    ['the same', refuses(400, 'context_length')],
    ['another failure', breaks('connect_timeout')],
    ['no key', refuses(401, 'auth')],
  ] as const)("and then %s: the first one's words are the answer", async (_what, reply) => {
    const it = built({ a: [refuses(400, 'context_length')], b: [reply] });
    const { result } = await it.run(['a', 'b']);
    expect(result?.error?.status).toBe(400);
    expect(result?.error?.body.error).toMatchObject({ message: 'a says context_length', param: 'messages' });
  });
});

describe("a provider's refusal", () => {
  it('passes with its status, words and parameter, and nobody else is asked', async () => {
    const it = built({ a: [refuses(418, 'rejected')], b: [fine] });
    const { result } = await it.run(['a', 'b']);
    expect(it.transport.order).toEqual(['a']);
    expect(result?.error?.status).toBe(418);
    expect(result?.error?.body.error).toMatchObject({ message: 'a says rejected', param: 'messages' });
  });

  it.each([
    ['an upstream that fails', refuses(503, 'server_error'), 502, 'upstream_invalid_response'],
    ['one that is busy', refuses(429, 'rate_limited'), 429, 'upstream_rate_limited'],
    ['one that cannot be reached', breaks('unreachable'), 502, 'upstream_unreachable'],
  ] as const)('of a fallback does not hide that of %s', async (_what, reply, status, code) => {
    const it = built({ a: [reply], b: [refuses(400, 'rejected')], c: [fine] });
    const { result } = await it.run(['a', 'b', 'c']);
    expect(it.transport.order.at(-1)).toBe('b');
    expect(result?.error?.status).toBe(status);
    expect(result?.error?.code).toBe(code);
  });

  it('for its content is the answer, though it came from a fallback', async () => {
    const it = built({ a: [breaks('unreachable')], b: [(exchange) => exchange.head(400).data('rejected\nfiltered').end()] });
    const { result } = await it.run(['a', 'b']);
    expect(result?.error?.status).toBe(400);
    expect(result?.error?.body.error).toMatchObject({ message: 'b says rejected' });
  });

  const passing = { GATEWAY_UPSTREAMS: 'a=http://127.0.0.1:9;b=http://127.0.0.1:9?pass_through_errors=true' };

  it('of exhausted attempts passes as it came where the upstream that sent it may', async () => {
    const it = built({ a: [breaks('unreachable')], b: [refuses(529, 'server_error')] }, passing);
    const { result } = await it.run(['a', 'b']);
    expect(result?.error?.status).toBe(529);
    expect(String(result?.error?.details.provider?.body)).toBe('server_error');
  });

  it('does not pass where only another upstream of the plan may', async () => {
    const it = built({ a: [refuses(503, 'server_error')], b: [fine] }, { ...passing, GATEWAY_MAX_ATTEMPTS: '1' });
    const { result } = await it.run(['a', 'b']);
    expect(result?.error?.status).toBe(502);
    expect(result?.error?.details.provider).toBeUndefined();
  });
});

describe('an upstream that asked to be left alone', () => {
  it('is sent nothing meanwhile, and everything after', async () => {
    const it = built({ a: [refuses(429, 'rate_limited', '7'), fine], b: [fine] });
    await it.run(['a', 'b']);
    for (let call = 0; call < 50; call++) await it.run(['a', 'b']);
    expect(it.transport.sentTo('a')).toBe(1);
    await pass(7_000);
    await it.run(['a', 'b']);
    expect(it.transport.sentTo('a')).toBe(2);
    expect(it.stateOf('a')).toBe('closed');
    expect(it.meter.of('fellBack')).toHaveLength(51);
    expect(new Set(it.meter.of('fellBack'))).toEqual(new Set(['fellBack a b rate_limited']));
  });

  it('as all others did: 429 with the shortest rest, and nothing is sent', async () => {
    const it = built({ a: [refuses(429, 'rate_limited', '30')], b: [refuses(429, 'rate_limited', '9')], c: [refuses(429, 'rate_limited', '20')] });
    const first = await it.run(['a', 'b', 'c']);
    expect(first.result?.error).toMatchObject({ code: 'upstream_rate_limited', details: { retryAfterMs: 9_000 } });
    const { result, context } = await it.run(['a', 'b', 'c']);
    expect(it.transport.exchanges).toHaveLength(3);
    expect(result?.error).toMatchObject({ code: 'upstream_rate_limited', status: 429 });
    expect(result?.error?.details.retryAfterMs).toBeGreaterThan(8_000);
    expect(result?.error?.details.retryAfterMs).toBeLessThanOrEqual(9_000);
    expect(context.attempts).toBe(0);
    expect(it.meter.of('shed')).toEqual([]);
  });

  it('for a short time is waited for where that is allowed', async () => {
    const it = built({ a: [refuses(429, 'rate_limited', '1'), fine], b: [fine] }, { GATEWAY_RETRY_AFTER_MAX_WAIT_SECONDS: '2' });
    const call = it.begin(['a', 'b']);
    await pass(990);
    expect(call.result).toBeUndefined();
    await pass(20);
    expect(it.transport.order).toEqual(['a', 'a']);
    expect(call.delivery.text).toBe('fine');
    expect(call.context.waitedMs).toBeGreaterThanOrEqual(1_000);
  });

  it('for longer than that is not waited for', async () => {
    const it = built({ a: [refuses(429, 'rate_limited', '3')], b: [fine] }, { GATEWAY_RETRY_AFTER_MAX_WAIT_SECONDS: '2' });
    await it.run(['a', 'b']);
    expect(it.transport.order).toEqual(['a', 'b']);
  });

  it('for no time at all is not waited for either, where waiting was not asked for', async () => {
    const it = built({ a: [refuses(429, 'rate_limited', '0')], b: [fine] });
    await it.run(['a', 'b']);
    expect(it.transport.order).toEqual(['a', 'b']);
  });

  it('for longer than the call has left is not waited for', async () => {
    const it = built({ a: [refuses(429, 'rate_limited', '5')] }, { GATEWAY_RETRY_AFTER_MAX_WAIT_SECONDS: '5', GATEWAY_TOTAL_TIMEOUT_SECONDS: '5' });
    const call = it.begin(['a']);
    await pass(1);
    expect(call.result?.error?.code).toBe('upstream_rate_limited');
  });

  it('without spare money is not waited for', async () => {
    const it = built({ a: [refuses(429, 'quota_exhausted', '1')], b: [fine] }, { GATEWAY_RETRY_AFTER_MAX_WAIT_SECONDS: '2' });
    await it.run(['a', 'b']);
    expect(it.transport.order).toEqual(['a', 'b']);
  });
});

describe('circuits', () => {
  async function opened(): Promise<House> {
    const it = built({ a: [breaks('connect_timeout'), breaks('connect_timeout'), fine], b: [fine] }, { GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '2' });
    await it.run(['a']);
    await it.run(['a']);
    return it;
  }

  it('are not opened by what this process itself is short of, which is told as overload', async () => {
    const short: Reply = (exchange) => exchange.sink.fail(new UpstreamFailure('unreachable', 'No file is left.', { isOurs: true }));
    const it = built({ a: [short] }, { GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '1' });
    for (let call = 0; call < 3; call++) expect((await it.run(['a'])).result?.error).toMatchObject({ code: 'overloaded', status: 503 });
    expect(it.stateOf('a')).toBe('closed');
  });

  it('all open: 503 at once, saying when, and nothing is sent', async () => {
    const it = await opened();
    await pass(10_000);
    const call = it.begin(['a']);
    await pass(0);
    expect(call.result?.error).toMatchObject({ code: 'circuit_open', status: 503 });
    expect(call.result?.error?.details.shouldRetry).toBeUndefined();
    expect(call.result?.error?.details.retryAfterMs).toBeGreaterThan(19_000);
    expect(call.result?.error?.details.retryAfterMs).toBeLessThanOrEqual(20_000);
    expect(it.transport.exchanges).toHaveLength(2);
    expect(it.meter.of('circuitChanged')).toEqual(['circuitChanged a open']);
  });

  it('one open: the next target answers, and it is told why', async () => {
    const it = await opened();
    const { delivery, context } = await it.run(['a', 'b']);
    expect(delivery.text).toBe('fine');
    expect(context).toMatchObject({ fallback: true, attempts: 1, upstream: 'b' });
    expect(it.meter.of('fellBack')).toEqual(['fellBack a b circuit_open']);
  });

  it('after its time one call probes it, the others go elsewhere meanwhile', async () => {
    const it = await opened();
    await pass(30_000);
    const calls = Array.from({ length: 20 }, () => it.begin(['a', 'b']));
    await Promise.all(calls.map(({ done }) => done));
    expect(it.transport.sentTo('a')).toBe(3);
    expect(calls.every(({ delivery }) => delivery.text === 'fine')).toBe(true);
    expect(it.stateOf('a')).toBe('closed');
  });

  it('a probe that is a stream closes it by its first event, though it lasts', async () => {
    const it = built({ a: [breaks('connect_timeout'), streams, streams] }, { GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '1' });
    await it.run(['a'], { stream: true });
    await pass(30_000);
    await it.run(['a'], { stream: true });
    expect(it.stateOf('a')).toBe('closed');
    expect(it.activeOf('a')).toBe(1);
    await pass(20_000);
    await it.run(['a'], { stream: true });
    expect(it.activeOf('a')).toBe(2);
  });

  it('a probe whose client left is no verdict: the next call probes', async () => {
    const it = built({ a: [breaks('connect_timeout'), hangs, fine] }, { GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '1' });
    await it.run(['a']);
    await pass(30_000);
    const call = it.begin(['a']);
    await pass(50);
    expect(it.stateOf('a')).toBe('half-open');
    call.delivery.leave();
    await call.done;
    expect(it.stateOf('a')).toBe('open');
    expect((await it.run(['a'])).delivery.text).toBe('fine');
    expect(it.stateOf('a')).toBe('closed');
  });

  it.each([
    ['refusals', refuses(400, 'rejected')],
    ['rate limits', refuses(429, 'rate_limited', '0')],
    ['refused keys', refuses(403, 'auth')],
  ] as const)('a thousand %s do not open it', async (_what, reply) => {
    const it = built({ a: [reply] });
    for (let call = 0; call < 1_000; call++) {
      it.begin(['a']);
      await pass(1);
    }
    expect(it.transport.exchanges).toHaveLength(1_000);
    expect(it.meter.of('circuitChanged')).toEqual([]);
  });

  it('a thousand clients that left do not open it', async () => {
    const it = built({ a: [hangs] });
    for (let call = 0; call < 1_000; call++) {
      const { delivery } = it.begin(['a']);
      await pass(1);
      delivery.leave();
    }
    await pass(0);
    expect(it.meter.of('circuitChanged')).toEqual([]);
    expect(it.activeOf('a')).toBe(0);
  });
});

describe('a share of failures', () => {
  const half = { ...UNBREAKABLE, GATEWAY_CIRCUIT_BREAKER_FAILURE_PERCENT: '50', GATEWAY_MAX_ATTEMPTS: '2', GATEWAY_RETRY_BUDGET_PERCENT: '0' };
  const every =
    (times: number): Reply =>
    (exchange) =>
      (calls++ % times === 0 ? breaks('connect_timeout') : fine)(exchange);
  let calls = 0;
  beforeEach(() => (calls = 0));

  async function bad(reply: Reply, names: readonly string[]): Promise<House> {
    const it = built({ a: [reply], b: [reply] }, half);
    for (const name of names) for (let call = 0; call < 25 && it.stateOf(name) === 'closed'; call++) await it.run([name]);
    return it;
  }

  it('makes an upstream a last resort: a call with nowhere else to go still tries it', async () => {
    const it = await bad(every(2), ['a']);
    expect(it.stateOf('a')).toBe('open');
    const sent = it.transport.exchanges.length;
    const { result, delivery, context } = await it.run(['a']);
    if (result?.error !== undefined) expect((await it.run(['a'])).delivery.text).toBe('fine');
    else expect(delivery.text).toBe('fine');
    expect(it.transport.exchanges.length).toBeGreaterThan(sent);
    expect(context.attempts).toBe(1);
    expect(context.fallback).toBe(false);
  });

  it('leaves it alone while there is another', async () => {
    const it = await bad(every(2), ['a']);
    const sent = it.transport.sentTo('a');
    await it.run(['a', 'b']);
    expect(it.transport.sentTo('a')).toBe(sent);
  });

  it('of all: the least bad is tried, once, and its failure is the answer', async () => {
    let down = true;
    const rarely = (exchange: ScriptedExchange): void => (calls++ % 2 === 0 && down ? breaks('connect_timeout') : fine)(exchange);
    const it = built({ a: [breaks('connect_timeout')], b: [rarely] }, half);
    for (let call = 0; call < 25; call++) await it.run(['a']);
    for (let call = 0; call < 25 && it.stateOf('b') === 'closed'; call++) await it.run(['b']);
    expect([it.stateOf('a'), it.stateOf('b')]).toEqual(['open', 'open']);
    down = false;
    const sent = it.transport.sentTo('a');
    const { delivery, context } = await it.run(['a', 'b']);
    expect(delivery.text).toBe('fine');
    expect(it.transport.sentTo('a')).toBe(sent);
    expect(context).toMatchObject({ upstream: 'b', attempts: 1, fallback: true });
    expect(it.meter.of('fellBack')).toEqual(['fellBack a b circuit_open']);
  });
});

describe('the cap', () => {
  const two = (replies: Readonly<Record<string, readonly Reply[]>>, env: Readonly<Record<string, string>> = {}): House =>
    built(replies, { GATEWAY_UPSTREAM_MAX_CONCURRENCY: '2', GATEWAY_REQUEST_TIMEOUT_SECONDS: '100', ...env });

  it('full: the next target', async () => {
    const it = two({ a: [hangs], b: [fine] });
    const held = [it.begin(['a']), it.begin(['a'])];
    await pass(0);
    expect((await it.run(['a', 'b'])).delivery.text).toBe('fine');
    expect(it.transport.sentTo('a')).toBe(2);
    for (const { delivery } of held) delivery.leave();
  });

  it('full and nowhere else: 503 at once, told as shed, to come back at different times', async () => {
    const it = two({ a: [hangs] });
    const held = [it.begin(['a']), it.begin(['a'])];
    const others = Array.from({ length: 50 }, () => it.begin(['a']));
    await pass(0);
    const waits = others.map(({ result }) => {
      expect(result?.error).toMatchObject({ code: 'overloaded', status: 503 });
      return result?.error?.details.retryAfterMs ?? 0;
    });
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1_000);
    expect(new Set(waits).size).toBeGreaterThan(40);
    expect(it.meter.of('shed')).toHaveLength(50);
    expect(it.transport.exchanges).toHaveLength(2);
    for (const { delivery } of held) delivery.leave();
  });

  it('with a queue: as many as fit wait, and no more than the cap is ever inside', async () => {
    const slow: Reply = (exchange) => void setTimeout(() => fine(exchange), 200);
    const it = two({ a: [slow] }, { GATEWAY_UPSTREAM_QUEUE_MS: '500' });
    const calls = Array.from({ length: 20 }, () => it.begin(['a']));
    for (let step = 0; step < 100; step++) {
      expect(it.activeOf('a')).toBeLessThanOrEqual(2);
      await pass(10);
    }
    // Two at once, and again at 200 ms and 400 ms; those of 600 ms would have waited too long.
    expect(calls.filter(({ delivery }) => delivery.text === 'fine')).toHaveLength(6);
    expect(calls.filter(({ result }) => result?.error?.code === 'overloaded')).toHaveLength(14);
    expect(it.transport.exchanges).toHaveLength(6);
  });

  it('a client that leaves the queue is never sent', async () => {
    const it = two({ a: [hangs] }, { GATEWAY_UPSTREAM_QUEUE_MS: '500' });
    const held = [it.begin(['a']), it.begin(['a'])];
    const waiting = it.begin(['a', 'a']);
    await pass(100);
    waiting.delivery.leave();
    await waiting.done;
    expect(waiting.result).toEqual({ error: undefined });
    for (const { delivery } of held) delivery.leave();
    await pass(1_000);
    expect(it.transport.exchanges).toHaveLength(2);
    expect(it.meter.of('shed')).toEqual([]);
  });

  it('the queue is no way past a rest that was asked for meanwhile', async () => {
    const it = two(
      { a: [(exchange) => void setTimeout(() => refuses(429, 'rate_limited', '7')(exchange), 100)] },
      { GATEWAY_UPSTREAM_QUEUE_MS: '500' },
    );
    const calls = Array.from({ length: 6 }, () => it.begin(['a']));
    await pass(1_000);
    expect(it.transport.exchanges).toHaveLength(2);
    for (const { result } of calls) expect(result?.error?.code).toBe('upstream_rate_limited');
  });

  it('the queue is not waited in for longer than the call has left', async () => {
    const env = { GATEWAY_UPSTREAM_QUEUE_MS: '60000', GATEWAY_TOTAL_TIMEOUT_SECONDS: '2', GATEWAY_REQUEST_TIMEOUT_SECONDS: '2' };
    const it = two({ a: [fine] }, env);
    const { gate } = it.health.of(it.upstream('a'));
    gate.tryEnter(2, 'p');
    gate.tryEnter(2, 'p');
    const call = it.begin(['a']);
    await pass(1_980);
    expect(call.result).toBeUndefined();
    await pass(20);
    expect(call.result?.error?.code).toBe('overloaded');
    gate.leave('p');
    gate.leave('p');
    expect(it.transport.exchanges).toEqual([]);
  });

  it('full of calls to an upstream that hangs: its open circuit is what others are told', async () => {
    const it = built({ a: [breaks('connect_timeout')] }, { GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '1', GATEWAY_UPSTREAM_MAX_CONCURRENCY: '2' });
    const { gate } = it.health.of(it.upstream('a'));
    gate.tryEnter(2, 'p');
    await it.run(['a']);
    gate.tryEnter(2, 'p');
    const { result } = await it.run(['a']);
    expect(result?.error?.code).toBe('circuit_open');
    expect(it.meter.of('shed')).toEqual([]);
    gate.leave('p');
    gate.leave('p');
  });

  it('after a recovery it rises slowly, and the second circuit does not open', async () => {
    const it = built(
      { a: [breaks('connect_timeout'), fine, hangs] },
      { GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '1', GATEWAY_UPSTREAM_MAX_CONCURRENCY: '50', GATEWAY_REQUEST_TIMEOUT_SECONDS: '100' },
    );
    await it.run(['a']);
    await pass(30_000);
    await it.run(['a']);
    const herd = Array.from({ length: 500 }, () => it.begin(['a']));
    await pass(0);
    expect(it.activeOf('a')).toBe(5);
    await pass(5_000);
    herd.push(...Array.from({ length: 500 }, () => it.begin(['a'])));
    await pass(0);
    expect(it.activeOf('a')).toBeGreaterThanOrEqual(24);
    expect(it.activeOf('a')).toBeLessThanOrEqual(26);
    for (const { delivery } of herd) delivery.leave();
  });
});

describe('a time-out', () => {
  it('of a whole answer does not count while the same upstream answers others: it is a long answer', async () => {
    const book = new VerdictBook();
    const it = built({ a: [hangs, fine] }, {}, book);
    const long = it.begin(['a']);
    await pass(5_000);
    await it.run(['a']);
    await pass(5_010);
    expect(long.result?.error?.code).toBe('upstream_timeout');
    expect(long.result?.error?.message).toContain('GATEWAY_REQUEST_TIMEOUT_SECONDS');
    expect(book.verdicts).toEqual([]);
  });

  it('of a whole answer counts when nothing else was heard', async () => {
    const book = new VerdictBook();
    const it = built({ a: [fine, hangs] }, {}, book);
    await it.run(['a']);
    await pass(10);
    await it.run(['a']);
    expect(book.verdicts).toEqual(['a failure']);
  });

  it('of a stream counts in any case', async () => {
    const book = new VerdictBook();
    const it = built({ a: [hangs, fine] }, {}, book);
    const long = it.begin(['a'], { stream: true });
    await pass(5_000);
    await it.run(['a']);
    await pass(5_010);
    expect(long.result?.error?.code).toBe('upstream_timeout');
    expect(book.verdicts).toEqual(['a failure']);
  });

  it('is never sent to the same upstream again', async () => {
    const it = built({ a: [hangs] });
    await it.run(['a']);
    expect(it.transport.exchanges).toHaveLength(1);
  });

  it('of the whole call ends it, whatever else could be tried', async () => {
    const it = built({ a: [hangs], b: [fine] }, { GATEWAY_TOTAL_TIMEOUT_SECONDS: '2' });
    const call = it.begin(['a', 'b']);
    await pass(1_990);
    expect(call.result).toBeUndefined();
    await pass(20);
    expect(call.result?.error).toMatchObject({ code: 'upstream_timeout', status: 504, details: { shouldRetry: false } });
    expect(call.result?.error?.message).toContain('GATEWAY_TOTAL_TIMEOUT_SECONDS');
    expect(it.transport.order).toEqual(['a']);
  });

  it('that is up before anything was tried: nothing is sent', async () => {
    const it = built({ a: [fine] }, { GATEWAY_TOTAL_TIMEOUT_SECONDS: '1' });
    const call = it.begin(['a']);
    await call.done;
    const late = requestContext({ settings: it.settings, startedAt: monotonicClock.now() - 999 });
    const runner = new CallRunner(it.health, new LineAdapters(), it.transport, it.meter, monotonicClock);
    const plan: RoutePlan = [{ upstream: it.upstream('a'), model: 'a', answersAs: 'a' }];
    await expect(runner.run(plan, plainCall(), late, new RecordingDelivery())).rejects.toMatchObject({ code: 'upstream_timeout', status: 504 });
    expect(it.transport.exchanges).toHaveLength(1);
  });
});

describe('a client that leaves', () => {
  it.each<[string, readonly Reply[], boolean]>([
    ['before anything came', [hangs], false],
    ['between the head and the answer', [(exchange) => void exchange.head(200).data('ha')], false],
    ['in a refusal', [(exchange) => void exchange.head(500)], false],
    ['before the first byte of a stream', [hangs], true],
    ['before the first content of a stream', [(exchange) => void exchange.stream('role\n')], true],
    ['in the middle of a stream', [streams], true],
  ])('%s: closed at once, no repeat, no fallback, nobody blamed', async (_when, replies, stream) => {
    const book = new VerdictBook();
    const it = built({ a: replies, b: [fine] }, {}, book);
    book.know('a', {});
    const call = it.begin(['a', 'b'], { stream });
    await pass(50);
    call.delivery.leave();
    expect(it.transport.last.cancels).toBe(1);
    await call.done;
    expect(call.result).toEqual({ error: undefined });
    expect(it.activeOf('a')).toBe(0);
    expect(it.transport.exchanges).toHaveLength(1);
    expect(book.verdicts).toEqual([]);
    expect(it.meter.of('attemptEnded')).toEqual(['attemptEnded a client_gone']);
    expect(call.context.usageEstimated).toBe(true);
    expect(call.delivery.endings).toEqual([]);
  });

  it('before the call began: nothing is sent', async () => {
    const it = built({ a: [fine] });
    const delivery = new RecordingDelivery();
    delivery.leave();
    const call = it.begin(['a'], {}, delivery);
    await call.done;
    expect(call.result).toEqual({ error: undefined });
    expect(it.transport.exchanges).toEqual([]);
  });

  it('in the back-off: it ends at once, and nothing more is sent', async () => {
    const it = built({ a: [refuses(429, 'rate_limited', '2')], b: [fine] }, { GATEWAY_RETRY_AFTER_MAX_WAIT_SECONDS: '5' });
    const call = it.begin(['a', 'b']);
    await pass(500);
    call.delivery.leave();
    await call.done;
    expect(call.result).toEqual({ error: undefined });
    await pass(5_000);
    expect(it.transport.order).toEqual(['a']);
    expect(it.meter.of('retried')).toEqual([]);
  });

  it('while the leave to probe is asked for: it is not sent, and the leave goes back', async () => {
    const book = new VerdictBook();
    const it = built({ a: [fine], b: [fine] }, {}, book);
    book.know('a', { state: 'open', openedAgoMs: 31_000 });
    const call = it.begin(['a', 'b']);
    await pass(10);
    call.delivery.leave();
    book.asked?.(true);
    await call.done;
    expect(call.result).toEqual({ error: undefined });
    expect(it.transport.exchanges).toEqual([]);
    expect(book.verdicts).toEqual(['a probe none']);
  });

  it('from a last resort is no error either', async () => {
    const env = { ...UNBREAKABLE, GATEWAY_CIRCUIT_BREAKER_FAILURE_PERCENT: '50', GATEWAY_REQUEST_TIMEOUT_SECONDS: '100' };
    const it = built({ a: [...Array.from({ length: 20 }, () => breaks('connect_timeout')), hangs] }, env);
    for (let call = 0; call < 20; call++) await it.run(['a']);
    const call = it.begin(['a']);
    await pass(10);
    expect(it.transport.exchanges).toHaveLength(21);
    call.delivery.leave();
    await call.done;
    expect(call.result).toEqual({ error: undefined });
  });
});

describe('a fault of our own', () => {
  it('in the writing of the request frees the slot, and blames nobody', async () => {
    const book = new VerdictBook();
    const it = built({ a: [fine], b: [fine] }, {}, book);
    const adapters = new LineAdapters();
    const adapter = adapters.for();
    adapter.encode = () => {
      throw new TypeError('a fault');
    };
    adapters.for = () => adapter;
    const runner = new CallRunner(it.health, adapters, it.transport, it.meter, monotonicClock);
    const plan: RoutePlan = [{ upstream: it.upstream('a'), model: 'a', answersAs: 'a' }];
    const delivery = new RecordingDelivery();
    const context = requestContext({ settings: it.settings, startedAt: monotonicClock.now() });
    await expect(runner.run(plan, plainCall(), context, delivery)).rejects.toBeInstanceOf(TypeError);
    expect(it.activeOf('a')).toBe(0);
    expect(book.verdicts).toEqual([]);
    expect(delivery.listener).toBeUndefined();
  });

  it('in the delivery of a stream closes its upstream and frees its slot', async () => {
    const it = built({ a: [streams] });
    const delivery = new RecordingDelivery();
    delivery.stream = () => {
      throw new TypeError('a fault');
    };
    const call = it.begin(['a'], { stream: true }, delivery);
    await call.done;
    expect(call.result?.error).toBeInstanceOf(TypeError);
    expect(it.transport.last.cancels).toBe(1);
    expect(it.activeOf('a')).toBe(0);
  });
});

it('a whole answer is delivered as it came, with its target, usage and times', async () => {
  const it = built({ a: [fine] });
  const { context, delivery, result } = await it.run(['a']);
  expect(result).toEqual({ error: undefined });
  expect(delivery).toMatchObject({ text: 'fine', endings: ['answer'], listener: undefined });
  expect(delivery.target?.upstream.name).toBe('a');
  expect(context).toMatchObject({ upstream: 'a', attempts: 1, fallback: false, usage: USAGE, usageEstimated: false });
  expect(it.meter.lines).toEqual(['attemptEnded a ok']);
});

describe('a provider whose key is not set', () => {
  const upstreams = { GATEWAY_UPSTREAMS: 'keyless=litellm://gpt-4o-mini;b=http://127.0.0.1:9' };

  it('is sent nothing: the call goes on to the next target', async () => {
    const it = built({ keyless: [fine], b: [fine] }, upstreams);
    const { delivery, context } = await it.run(['keyless', 'b']);
    expect(it.transport.exchanges.map(({ upstream }) => upstream)).toEqual(['b']);
    expect(delivery.text).toBe('fine');
    expect(context).toMatchObject({ upstream: 'b', attempts: 2, fallback: true });
    expect(it.meter.lines).toContain('attemptEnded keyless auth_failed');
  });

  it('is told as such where nobody else can answer, and is not blamed', async () => {
    const it = built({ keyless: [fine] }, { ...upstreams, GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '1' });
    const { result } = await it.run(['keyless']);
    expect(result?.error).toMatchObject({ code: 'upstream_auth_failed', status: 502, details: { shouldRetry: false } });
    expect(it.transport.exchanges).toEqual([]);
    expect(it.stateOf('keyless')).toBe('closed');
  });
});
