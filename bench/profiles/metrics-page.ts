import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spreadOf } from '../figures/spread.ts';
import { BENCH_KEY, post, smallChat, streamedChat } from '../load/requests.ts';
import { EVENT_EVERY_MS } from '../servers/answers.ts';
import { NEVER_REACHED } from '../servers/gateway-settings.ts';
import { jsonSide } from './json-side.ts';
import type { Profile } from './profile.ts';
import { scrape } from './scrape.ts';

const UPSTREAMS = 100;
/** So long that each upstream was asked, though every second call is a stream. */
const STREAMS_LONG = 5;

export const metricsPage: Profile = {
  name: 'metrics',
  title: 'A scrape of the metrics',
  method: `${UPSTREAMS} upstreams, all of which have answered whole and in streams. The CPU that a scrape costs the process is the most that its event loop can have been held up.`,
  async measure(bench) {
    const upstream = await bench.upstream();
    const config = join(bench.folder, 'metrics.yaml');
    const names = Array.from({ length: UPSTREAMS }, (_, index) => index);
    const address = (kind: string): string => `http://127.0.0.1:${upstream.port}/${kind}/v1?model=bench-model`;
    const upstreams = Object.fromEntries(names.flatMap((index) => [[`upstream-${index}`, address(index % 2 === 0 ? 'json' : 'stream')]]));
    writeFileSync(config, JSON.stringify({ upstreams }));
    const gateway = await bench.gateway(upstream, {
      GATEWAY_CONFIG_FILE: config,
      GATEWAY_UPSTREAMS: '',
      GATEWAY_ROUTE_POLICIES: '',
      GATEWAY_FALLBACKS: '',
      GATEWAY_API_KEY_POLICIES: JSON.stringify({ [BENCH_KEY]: { rate_limit_per_minute: NEVER_REACHED } }),
    });
    const requests = names.map((index) => post(index % 2 === 0 ? smallChat(`upstream-${index}`) : streamedChat(`upstream-${index}`)));
    const side = jsonSide(gateway, 32, { requests });
    await side.run(STREAMS_LONG * bench.pace.streamEvents * EVENT_EVERY_MS);

    let page = '';
    const scrapes = bench.pace.isQuick ? 5 : 20;
    for (let warm = 0; warm < scrapes; warm++) page = await scrape(gateway);
    const costs = [];
    for (let round = 0; round < bench.pace.rounds; round++) {
      const before = gateway.cpuSeconds;
      for (let one = 0; one < scrapes; one++) await scrape(gateway);
      costs.push(((gateway.cpuSeconds - before) * 1000) / scrapes);
    }
    const series = page.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
    return {
      figures: [
        { what: 'CPU of a scrape', unit: 'ms', spread: spreadOf(costs), bar: { atMost: 20 } },
        { what: 'lines of the page', unit: '', spread: spreadOf([series]) },
        { what: 'its size', unit: 'KB', spread: spreadOf([page.length / 1024]) },
      ],
    };
  },
};
