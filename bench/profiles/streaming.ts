import type { Curve, Figure } from '../figures/findings.ts';
import { ratios, spreadOf } from '../figures/spread.ts';
import { post, streamedChat } from '../load/requests.ts';
import { cpuPerEvent, measureRound, measureRounds, type Round, type Side } from '../measure-rounds.ts';
import { FULL, type Pace } from '../pace.ts';
import type { Server } from '../servers/server.ts';
import type { Profile } from './profile.ts';
import { BURSTS_PATH, checkNothingWasLost, eventsOfAStream, STREAM_PATH, streamSide } from './stream-side.ts';

const STREAMS = 32;

export const streaming: Profile = {
  name: 'stream',
  title: 'Streaming',
  method: `${STREAMS} streams at a time, each of ${eventsOfAStream(FULL)} events, one every 5 ms. Alone: the streams are spread over those 5 ms, so that every event arrives by itself, at a process that has gone cold. In step: the events of all streams come in the same moment, as from one inference server, which brings each of its sequences a token at every step. What a stream costs to open and close is in the figures.`,
  async measure(bench) {
    const upstream = await bench.upstream();
    const nginx = await bench.nginx(upstream);
    const gateway = await bench.gateway(upstream);
    const other = await bench.otherGateway(upstream);
    const figures: Figure[] = [];
    for (const { how, model, path } of PATTERNS) {
      const sides: Record<string, Side> = {
        ...(nginx && { nginx: streamSide(nginx, STREAMS, { path }) }),
        gateway: streamSide(gateway, STREAMS, { request: post(streamedChat(model)) }),
        ...(other && { other: streamSide(other, STREAMS, { request: post(streamedChat(model)) }) }),
      };
      const rounds = await measureRounds(sides, bench.pace);
      checkNothingWasLost(Object.values(rounds).flat(), bench.pace);
      figures.push(...figuresOf(how, rounds));
    }
    return { figures, curves: [await costAgainstStreams(bench.pace, gateway, nginx)] };
  },
};

const PATTERNS = [
  { how: 'alone', model: 'stream', path: STREAM_PATH },
  { how: 'in step', model: 'bursts', path: BURSTS_PATH },
];

function figuresOf(how: string, rounds: Readonly<Record<string, readonly Round[]>>): Figure[] {
  const ours = rounds['gateway'] ?? [];
  const cost = cpuPerEvent(ours);
  const figures: Figure[] = [
    { what: `${how}: CPU per event`, unit: 'µs', spread: spreadOf(cost) },
    { what: `${how}: events a second`, unit: '/s', spread: spreadOf(ours.map(({ result }) => result.events / result.seconds)) },
  ];
  if (rounds['nginx'] !== undefined) {
    const theirs = cpuPerEvent(rounds['nginx']);
    figures.push({ what: `${how}: CPU per event, nginx`, unit: 'µs', spread: spreadOf(theirs) });
    figures.push({ what: `${how}: CPU per event, ratio to nginx`, unit: '×', spread: ratios(cost, theirs), bar: { atMost: 2 } });
  }
  if (rounds['other'] !== undefined)
    figures.push({ what: `${how}: CPU per event, ratio to the other build`, unit: '×', spread: ratios(cost, cpuPerEvent(rounds['other'])) });
  return figures;
}

async function costAgainstStreams(pace: Pace, gateway: Server, nginx: Server | undefined): Promise<Curve> {
  const lineOf = async (label: string, server: Server, path?: string) => {
    const points = [];
    for (const streams of pace.isQuick ? [4, 16] : [1, 4, 16, 48]) {
      const side = streamSide(server, streams, path === undefined ? {} : { path });
      const rounds: Round[] = [];
      for (let round = 0; round < (pace.isQuick ? 1 : 2); round++) rounds.push(await measureRound(side, 1));
      points.push({ x: streams, y: spreadOf(cpuPerEvent(rounds)) });
    }
    return { label, points };
  };
  const lines = [await lineOf('gateway', gateway), ...(nginx ? [await lineOf('nginx', nginx, STREAM_PATH)] : [])];
  return {
    name: 'cost-against-streams',
    title: 'CPU per event against streams',
    x: { label: 'streams at a time', isLogarithmic: true },
    y: { label: 'µs' },
    lines,
  };
}
