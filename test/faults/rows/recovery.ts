import { setTimeout as wait } from 'node:timers/promises';
import { Checks } from '../checks.js';
import type { FaultRow } from '../row.js';

const CAP = 50;
const CLIENTS = 500;

/** The most that ran at once between two moments. */
function peak(entries: readonly { readonly arrivedAt: number; readonly endedAt: number | undefined }[], from: number, to: number): number {
  const turns = entries
    .filter(({ arrivedAt, endedAt }) => arrivedAt < to && (endedAt ?? Infinity) > from)
    .flatMap(({ arrivedAt, endedAt }) => [
      { at: arrivedAt, by: 1 },
      { at: endedAt ?? Infinity, by: -1 },
    ])
    .toSorted((one, other) => one.at - other.at || one.by - other.by);
  let running = 0;
  let most = 0;
  for (const { at, by } of turns) {
    running += by;
    if (at < to) most = Math.max(most, running);
  }
  return most;
}

export const HERD: FaultRow = {
  name: 'circuit-herd-waits',
  lane: 'full',
  expected:
    'dead for 6 s with five hundred clients that ask again as they are told, then back: one probe, then never more than the cap of 50, no second opening, all served within 15 s',
  settings: { GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '5', GATEWAY_RETRY_BUDGET_PERCENT: '0' },
  upstreams: { herded: `chaos+slow:200?max_concurrency=${CAP}` },
  waives: ['ledger-count', 'steady-time'],
  run: async (kit) => {
    const checks = new Checks();
    const proxy = kit.chaosBefore('herded');
    proxy.faults.finAfterBytes = 1;
    const opened = (): Promise<number> => kit.metric('nexus_circuit_opened_total', { upstream: kit.name('herded') });
    let backAt = Infinity;
    let firstAt = 0;
    let openedAtFirst: Promise<number> | undefined;
    let giveUpAt = Infinity;
    const client = async (index: number): Promise<boolean> => {
      for (await wait(index); performance.now() < giveUpAt;) {
        const reply = await kit.call({ to: 'herded', ...(index % 2 === 0 ? {} : { key: kit.otherKey }) });
        if (reply.status === 200) {
          firstAt ||= performance.now();
          openedAtFirst ??= opened();
          return true;
        }
        checks.that([502, 503].includes(reply.status), () => `${reply.status} ${reply.text.slice(0, 100)}`);
        const seconds = Number(reply.headers['retry-after'] ?? 1);
        // As libraries do: as long as told, and a little more by chance.
        await wait(seconds * 1_000 * (1 + Math.random() / 4));
      }
      return false;
    };
    const clients = Promise.all(Array.from({ length: CLIENTS }, (_, index) => client(index)));
    await wait(6_000);
    const before = kit.upstream.ledger.entries.length;
    const dead = kit.upstream.ledger.now();
    proxy.faults = {};
    proxy.cutAll();
    backAt = performance.now();
    giveUpAt = backAt + 20_000;
    const served = (await clients).filter(Boolean).length;
    const allMs = performance.now() - backAt;
    checks.equal('served', served, CLIENTS);
    checks.that(allMs < 15_000 + kit.lateMs, () => `all served after ${allMs.toFixed()} ms`);
    const entries = kit.upstream.ledger.entries.slice(before);
    const firstMs = firstAt - backAt;
    // Until the first of them was answered, it was alone.
    const probes = entries.filter(({ arrivedAt }) => arrivedAt < dead + firstMs - 20).length;
    checks.equal('probes', probes, 1);
    const most = peak(entries, dead, dead + firstMs + 1_000);
    checks.that(most <= CAP, () => `${most} at once in the first second`);
    checks.that(peak(entries, dead, Infinity) <= CAP, 'more than the cap later');
    checks.equal('openings after the first answer', (await opened()) - ((await openedAtFirst) ?? 0), 0);
    return checks.done(
      `first answer after ${firstMs.toFixed()} ms, ${most} at once in the second after it, all ${served} served after ${allMs.toFixed()} ms`,
    );
  },
};
