import { quantile, spreadOf } from '../figures/spread.ts';
import { ClientConnection } from '../load/client-connection.ts';
import { OpenLoop } from '../load/open-loop.ts';
import { post, smallChat, streamedChat } from '../load/requests.ts';
import { residentMb } from '../machine/memory.ts';
import type { Server } from '../servers/server.ts';
import { jsonSide } from './json-side.ts';
import type { Profile } from './profile.ts';

const SHORT_CALLS_PER_SECOND = 200;
/** New streams arrive at a bearable rate: it is holding them that is measured. */
const OPENED_AT_A_TIME = 50;

export const heldStreams: Profile = {
  name: 'held',
  title: 'Held streams',
  method:
    'Streams that bring an event every 5 s are opened and held; beside them short calls arrive at 200 a second, open loop. Memory is what the process grew by, divided by the streams.',
  async measure(bench) {
    const upstream = await bench.upstream();
    const gateway = await bench.gateway(upstream);
    await jsonSide(gateway, 16).run(bench.pace.warmUpMs);
    const short = OpenLoop.over(gateway.port, 16, post(smallChat()));
    // A thousand calls: the worst ten of them, not the worst two, are what a 99th percentile tells of.
    const shortMs = bench.pace.isQuick ? 1_000 : 5_000;
    const p99 = async (): Promise<number[]> => {
      const values = [];
      for (let round = 0; round < 3; round++) values.push(quantile((await short.run(shortMs, SHORT_CALLS_PER_SECOND)).latencies, 0.99));
      return values;
    };

    const alone = await p99();
    const before = residentMb(gateway.pids);
    const streams: ClientConnection[] = [];
    const points = [];
    const total = bench.pace.isQuick ? 1_000 : 5_000;
    for (const count of [total / 5, (total * 2) / 5, (total * 3) / 5, total]) {
      await hold(gateway, streams, count);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      points.push({ x: count, y: spreadOf([((residentMb(gateway.pids) - before) * 1024) / count]) });
    }
    const beside = await p99();
    const perStream = ((residentMb(gateway.pids) - before) * 1024) / total;
    const broken = streams.filter(({ isBusy }) => !isBusy).length;
    for (const stream of streams) stream.close();
    if (broken > 0) throw new Error(`${broken} of ${total} streams did not hold`);
    return {
      figures: [
        { what: `memory for each of ${total.toLocaleString('en')} streams`, unit: 'KB', spread: spreadOf([perStream]), bar: { atMost: 32 } },
        { what: 'p99 of short calls, alone', unit: 'ms', spread: spreadOf(alone) },
        { what: 'p99 of short calls, beside the streams', unit: 'ms', spread: spreadOf(beside) },
        { what: 'ratio of the medians', unit: '×', spread: spreadOf([spreadOf(beside).median / spreadOf(alone).median]), bar: { atMost: 2 } },
      ],
      curves: [
        {
          name: 'memory-against-streams',
          title: 'Memory for each held stream',
          x: { label: 'streams held', isLogarithmic: false },
          y: { label: 'KB' },
          lines: [{ label: 'gateway', points }],
        },
      ],
    };
  },
};

async function hold(gateway: Server, streams: ClientConnection[], count: number): Promise<void> {
  const request = post(streamedChat('wait'));
  while (streams.length < count) {
    const opened = Array.from(
      { length: Math.min(OPENED_AT_A_TIME, count - streams.length) },
      () => new ClientConnection(gateway.port, () => undefined),
    );
    await Promise.all(opened.map((stream) => stream.open()));
    for (const stream of opened) stream.send(request);
    streams.push(...opened);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}
