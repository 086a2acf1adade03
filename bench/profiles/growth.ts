import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Curve, Figure } from '../figures/findings.ts';
import { ratios, spreadOf } from '../figures/spread.ts';
import { BENCH_KEY, post, smallChat } from '../load/requests.ts';
import { cpuPerRequest, measureRounds, type Side } from '../measure-rounds.ts';
import { NEVER_REACHED } from '../servers/gateway-settings.ts';
import type { Server } from '../servers/server.ts';
import type { Workbench } from '../workbench.ts';
import { jsonSide } from './json-side.ts';
import type { Profile } from './profile.ts';

/** Requests that a side sends in turn: enough that what is looked up is not always the same. */
const DIFFERENT_REQUESTS = 2_000;

interface Axis {
  readonly name: string;
  readonly counts: readonly number[];
  /** Held against the bar. */
  readonly isPromised: boolean;
  settings(bench: Workbench, upstream: Server, count: number): Readonly<Record<string, string>>;
  request(index: number): Buffer;
}

const keys: Axis = {
  name: 'keys',
  counts: [1, 1_000, 100_000],
  isPromised: true,
  settings(bench, _upstream, count) {
    const names = Array.from({ length: count }, (_, index) => keyAt(index));
    return {
      GATEWAY_API_KEYS: '',
      GATEWAY_API_KEYS_FILE: file(bench, `keys-${count}`, names.join(',')),
      GATEWAY_API_KEY_POLICIES: '',
      GATEWAY_API_KEY_POLICIES_FILE: file(
        bench,
        `policies-${count}.json`,
        JSON.stringify(Object.fromEntries(names.map((name) => [name, { allowed_models: ['chat'], rate_limit_per_minute: NEVER_REACHED }]))),
      ),
    };
  },
  request: (index) => post(smallChat(), { key: keyAt(index) }),
};

const upstreams: Axis = {
  name: 'upstreams',
  counts: [1, 100, 1_000],
  isPromised: true,
  settings: (bench, upstream, count) => configured(bench, `upstreams-${count}`, { upstreams: pathsOf(upstream, count) }),
  request: (index) => post(smallChat(`upstream-${index}`)),
};

const addresses: Axis = {
  name: 'addresses',
  counts: [1, 100, 1_000],
  isPromised: false,
  settings: (bench, upstream, count) => configured(bench, `addresses-${count}`, { upstreams: addressesOf(upstream, count) }),
  request: (index) => post(smallChat(`upstream-${index}`)),
};

const routes: Axis = {
  name: 'routes',
  counts: [1, 100, 1_000],
  isPromised: true,
  settings(bench, upstream, count) {
    const targets = [
      { name: 'upstream-0', weight: 90 },
      { name: 'upstream-1', weight: 10 },
    ];
    const policies = Object.fromEntries(Array.from({ length: count }, (_, index) => [`route-${index}`, { strategy: 'weighted', targets }]));
    return configured(bench, `routes-${count}`, { upstreams: pathsOf(upstream, 2), route_policies: policies });
  },
  request: (index) => post(smallChat(`route-${index}`)),
};

export const growth: Profile = {
  name: 'growth',
  title: 'Growth',
  method:
    'Gateways that know few and many keys (each with a policy), upstreams and routes, 16 connections, in turn; the requests go round among all that is configured. The upstreams are paths of one address, so that a thousand of them share the connections that one has: what a connection for each costs the kernel and the gateway is told as addresses, and has no bar.',
  async measure(bench) {
    const upstream = await bench.upstream();
    const figures: Figure[] = [];
    const curves: Curve[] = [];
    const notes: string[] = [];
    for (const axis of [keys, upstreams, routes, addresses]) {
      const sides: Record<string, Side> = {};
      const servers: Server[] = [];
      for (const count of axis.counts) {
        const gateway = await bench.gateway(upstream, axis.settings(bench, upstream, count)).catch((reason: unknown) => String(reason));
        if (typeof gateway === 'string') {
          notes.push(`${count.toLocaleString('en')} ${axis.name} could not be configured: ${gateway.replace(/\/\S+\//g, '').slice(0, 300)}`);
          continue;
        }
        servers.push(gateway);
        sides[String(count)] = jsonSide(gateway, 16, {
          requests: Array.from({ length: Math.min(count, DIFFERENT_REQUESTS) }, (_, at) => axis.request(spread(at, count))),
        });
      }
      const rounds = await measureRounds(sides, {
        ...bench.pace,
        rounds: Math.min(bench.pace.rounds, 5),
        roundMs: bench.pace.roundMs / 1.5,
      });
      const costs = Object.entries(rounds).map(([count, measured]) => ({ count: Number(count), cost: cpuPerRequest(measured) }));
      const [first] = costs;
      const last = costs[costs.length - 1];
      if (first !== undefined && last !== undefined && last !== first)
        figures.push({
          what: `CPU per request, ${first.count} → ${last.count.toLocaleString('en')} ${axis.name}`,
          unit: '×',
          spread: ratios(last.cost, first.cost),
          ...(axis.isPromised && { bar: { atMost: 1.1 } }),
        });
      curves.push({
        name: `cost-against-${axis.name}`,
        title: `CPU per request against ${axis.name}`,
        x: { label: axis.name, isLogarithmic: true },
        y: { label: 'µs' },
        lines: [{ label: 'gateway', points: costs.map(({ count, cost }) => ({ x: count, y: spreadOf(cost) })) }],
      });
      for (const server of servers) await server.stop();
    }
    return { figures, curves, notes };
  },
};

function keyAt(index: number): string {
  return `key${index.toString(36)}`;
}

/** Evenly over all of them. */
function spread(at: number, count: number): number {
  return Math.floor((at * count) / Math.min(count, DIFFERENT_REQUESTS));
}

function pathsOf({ port }: Server, count: number): Readonly<Record<string, string>> {
  return named(count, (index) => `http://127.0.0.1:${port}/json/${index}/v1?model=bench-model`);
}

function addressesOf({ port }: Server, count: number): Readonly<Record<string, string>> {
  return named(count, (index) => `http://127.1.${index >> 8}.${index & 255}:${port}/json/v1?model=bench-model`);
}

function named(count: number, address: (index: number) => string): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`upstream-${index}`, address(index)]));
}

/** JSON is YAML. */
function configured(bench: Workbench, name: string, settings: object): Readonly<Record<string, string>> {
  return {
    GATEWAY_CONFIG_FILE: file(bench, `${name}.yaml`, JSON.stringify(settings)),
    GATEWAY_UPSTREAMS: '',
    GATEWAY_ROUTE_POLICIES: '',
    GATEWAY_FALLBACKS: '',
    GATEWAY_API_KEY_POLICIES: JSON.stringify({ [BENCH_KEY]: { rate_limit_per_minute: NEVER_REACHED } }),
  };
}

function file(bench: Workbench, name: string, text: string): string {
  const path = join(bench.folder, name);
  writeFileSync(path, text);
  return path;
}
