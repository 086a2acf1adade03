import { ratios, spreadOf } from '../figures/spread.ts';
import { post, smallChat } from '../load/requests.ts';
import { cpuPerRequest, measureRounds } from '../measure-rounds.ts';
import { jsonSide } from './json-side.ts';
import type { Profile } from './profile.ts';
import { scrape, valueOf } from './scrape.ts';

export const faultsOn: Profile = {
  name: 'faults',
  title: 'An upstream that fails',
  method:
    'Every tenth answer of the upstream is a 500. The call is tried once more there, or goes to its fallback; a round counts only when every client got its 200. 16 connections, in turn with an upstream that never fails.',
  async measure(bench) {
    const upstream = await bench.upstream();
    // A circuit that opened by chance would leave the failing upstream out of the measurement.
    const gateway = await bench.gateway(upstream, { GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '1000' });
    const rounds = await measureRounds(
      { calm: jsonSide(gateway, 16), failing: jsonSide(gateway, 16, { requests: [post(smallChat('risky'))] }) },
      bench.pace,
    );
    const page = await scrape(gateway);
    const calls = valueOf(page, 'nexus_requests_total');
    return {
      figures: [
        { what: 'CPU per request, no faults', unit: 'µs', spread: spreadOf(cpuPerRequest(rounds.calm)) },
        { what: 'CPU per request, 10 % of attempts fail', unit: 'µs', spread: spreadOf(cpuPerRequest(rounds.failing)) },
        { what: 'ratio', unit: '×', spread: ratios(cpuPerRequest(rounds.failing), cpuPerRequest(rounds.calm)) },
      ],
      notes: [
        `Of ${calls.toLocaleString('en')} calls in all ${valueOf(page, 'nexus_retries_total').toLocaleString('en')} were tried again and ${valueOf(page, 'nexus_fallbacks_total').toLocaleString('en')} fell back; every client got an answer.`,
      ],
    };
  },
};
