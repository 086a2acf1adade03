import { chargeOf, freshBucket, rateLimitStoreContract } from '../../test/contracts/rate-limit-store.js';
import { WorkerLine } from '../../test/doubles/worker-line.js';
import type { RateDecision } from '../contracts/rate-limit.js';
import { WorkerLink } from '../contracts/worker-link.js';
import { MemoryRateLimitStore } from './memory-rate-limit-store.js';
import { serveRateLimits } from './serve-rate-limits.js';
import { SharedRateLimitStore } from './shared-rate-limit-store.js';
import { StandIn } from './stand-in.js';

/** Where the primary may hang: it takes questions and never answers. */
class Primary {
  isHung = false;
  busyMs = 0;
  readonly asked: string[] = [];

  between(link: WorkerLink): WorkerLink {
    return {
      tell: (topic, payload) => link.tell(topic, payload),
      onNews: (topic, listener) => link.onNews(topic, listener),
      ask: (topic, payload, timeoutMs) => {
        this.asked.push(topic);
        if (!this.isHung && this.busyMs > 0) return this.late(timeoutMs, () => link.ask(topic, payload, timeoutMs));
        if (!this.isHung) return link.ask(topic, payload, timeoutMs);
        return new Promise((_, reject) => setTimeout(() => reject(new Error('The primary did not answer.')), timeoutMs));
      },
    };
  }

  private async late(timeoutMs: number, answer: () => Promise<unknown>): Promise<unknown> {
    await new Promise((resolve) => setTimeout(resolve, Math.min(this.busyMs, timeoutMs)));
    if (this.busyMs > timeoutMs) throw new Error('The primary did not answer.');
    return answer();
  }
}

function machine(workers: number): { primary: Primary; stores: SharedRateLimitStore[]; clock: { time: number; now(): number } } {
  const clock = { time: 1_000_000, now: () => clock.time };
  const line = new WorkerLine();
  const primary = new Primary();
  serveRateLimits(line.hub, clock);
  const worker = (_: unknown, id: number): SharedRateLimitStore =>
    new SharedRateLimitStore(primary.between(line.link(id)), new StandIn(new MemoryRateLimitStore(clock), () => workers, clock), clock);
  return { primary, stores: Array.from({ length: workers }, worker), clock };
}

const admitted = (decisions: readonly unknown[]): number => decisions.filter((decision) => (decision as RateDecision).allowed).length;

rateLimitStoreContract('workers of one machine', async () => {
  const { stores, clock } = machine(2);
  const [store, other] = stores as [SharedRateLimitStore, SharedRateLimitStore];
  return {
    store,
    other,
    pass: async (ms) => {
      clock.time += ms;
    },
    close: () => store.close(),
  };
});

it('admits exactly the limit of a burst over four workers', async () => {
  const { stores } = machine(4);
  const bucket = freshBucket();
  const decisions = await Promise.all(stores.flatMap((store) => Array.from({ length: 60 }, () => store.take(chargeOf(60, bucket)))));
  expect(admitted(decisions)).toBe(60);
});

it('waits for a primary that is busy for half a second: the limit is the whole, not a part', async () => {
  const { primary, stores } = machine(2);
  const [store] = stores as [SharedRateLimitStore];
  primary.busyMs = 500;
  const decisions = await Promise.all(Array.from({ length: 120 }, () => store.take(chargeOf(60, 'b'))));
  expect(admitted(decisions)).toBe(60);
});

it('sends the takes of one turn as one message', async () => {
  const { primary, stores } = machine(1);
  await Promise.all(stores.flatMap((store) => Array.from({ length: 500 }, (_, index) => store.take(chargeOf(60, `b${index}`)))));
  expect(primary.asked).toEqual(['rate-limit']);
});

it('goes on with its own part when the primary does not answer, after one wait, and comes back', async () => {
  const { primary, stores, clock } = machine(2);
  const [store] = stores as [SharedRateLimitStore];
  primary.isHung = true;
  const began = performance.now();
  const first = await Promise.all(Array.from({ length: 100 }, () => store.take(chargeOf(60, 'b'))));
  expect(performance.now() - began).toBeLessThan(1500);
  expect(admitted(first)).toBe(30);
  expect(store.take(chargeOf(60, 'b'))).toMatchObject({ allowed: false });
  primary.isHung = false;
  clock.time += 1001;
  expect(await store.take(chargeOf(60, 'c'))).toMatchObject({ allowed: true, remaining: 59 });
});

it('is no way to a second bucketful: parts go on where the whole left off, and the whole hears of them', async () => {
  const { primary, stores, clock } = machine(1);
  const [store] = stores as [SharedRateLimitStore];
  await Promise.all(Array.from({ length: 40 }, () => store.take(chargeOf(60, 'b'))));
  primary.isHung = true;
  const meanwhile = await Promise.all(Array.from({ length: 100 }, () => store.take(chargeOf(60, 'b'))));
  expect(admitted(meanwhile)).toBe(20);
  primary.isHung = false;
  clock.time += 1001;
  const after = await Promise.all(Array.from({ length: 100 }, () => store.take(chargeOf(60, 'b'))));
  expect(admitted(after)).toBe(1);
});

it('survives an answer that is none', async () => {
  const line = new WorkerLine();
  line.hub.onAsk('rate-limit', () => ['nonsense']);
  const store = new SharedRateLimitStore(line.link(1), new StandIn(new MemoryRateLimitStore(), () => 4));
  expect(await store.take(chargeOf(60, 'b'))).toMatchObject({ allowed: true, remaining: 14 });
});

it('without the primary a look says that nobody knows, takes no part, and forgets nothing that is still to be told', async () => {
  const { primary, stores, clock } = machine(1);
  const [store] = stores as [SharedRateLimitStore];
  const charge = chargeOf(60, 'b');
  for (let taken = 0; taken < 30; taken++) await store.take(charge);
  primary.isHung = true;
  expect(await store.peek(charge)).toBe('store_unavailable');
  expect(store.peek(charge)).toBe('store_unavailable');
  expect(store.take(charge)).toMatchObject({ remaining: 29 });
  expect(store.take(charge)).toMatchObject({ remaining: 28 });
  clock.time += 1001;
  expect(await store.peek(charge)).toBe('store_unavailable');
  primary.isHung = false;
  clock.time += 1001;
  expect(await store.peek(charge)).toMatchObject({ remaining: 30 });
  expect(await store.take(charge)).toMatchObject({ remaining: 29 });
});
