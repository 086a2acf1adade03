import { connect } from 'node:net';
import { ratios, spreadOf } from '../figures/spread.ts';
import { cpuPerRequest, measureRounds } from '../measure-rounds.ts';
import type { Server } from '../servers/server.ts';
import { jsonSide } from './json-side.ts';
import type { Profile } from './profile.ts';

export const limitsInRedis: Profile = {
  name: 'redis',
  title: 'Limits in Redis',
  method:
    'Two gateways, one with its limits in memory and one with a Redis beside it, 64 connections, in turn. Commands are what Redis counted (those inside a script count too).',
  async measure(bench) {
    if (!bench.hasRedis) return { figures: [], notes: ['No redis-server on this machine: not measured.'] };
    const upstream = await bench.upstream();
    const redis = await bench.redis();
    const inMemory = await bench.gateway(upstream);
    const inRedis = await bench.gateway(upstream, { GATEWAY_REDIS_URL: `redis://127.0.0.1:${redis.port}/0` });
    const before = await scriptCalls(redis);
    let requests = 0;
    const counted = jsonSide(inRedis, 64);
    const rounds = await measureRounds(
      {
        memory: jsonSide(inMemory, 64),
        redis: {
          server: inRedis,
          run: async (milliseconds) => {
            const result = await counted.run(milliseconds);
            requests += result.requests;
            return result;
          },
        },
      },
      bench.pace,
    );
    const scripts = (await scriptCalls(redis)) - before;
    return {
      figures: [
        { what: 'CPU per request, limits in memory', unit: 'µs', spread: spreadOf(cpuPerRequest(rounds.memory)) },
        { what: 'CPU per request, limits in Redis', unit: 'µs', spread: spreadOf(cpuPerRequest(rounds.redis)) },
        { what: 'ratio', unit: '×', spread: ratios(cpuPerRequest(rounds.redis), cpuPerRequest(rounds.memory)), bar: { atMost: 1.35 } },
        { what: 'scripts run in Redis per request', unit: '', spread: spreadOf([scripts / requests]), bar: { atMost: 1.01 } },
      ],
    };
  },
};

/** How often Redis ran a script. */
async function scriptCalls({ port }: Server): Promise<number> {
  const info = await new Promise<string>((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let text = '';
    socket.setEncoding('latin1');
    socket
      .on('data', (chunk: string) => (text += chunk))
      .once('close', () => resolve(text))
      .once('error', reject);
    socket.write('INFO commandstats\r\nQUIT\r\n');
  });
  return [...info.matchAll(/^cmdstat_(?:eval|evalsha|fcall):calls=(\d+)/gm)].reduce((sum, [, calls]) => sum + Number(calls), 0);
}
