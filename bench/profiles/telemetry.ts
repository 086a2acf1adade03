import type { Figure } from '../figures/findings.ts';
import { differences, ratios, spreadOf } from '../figures/spread.ts';
import { cpuPerEvent, cpuPerRequest, measureRounds, type Side } from '../measure-rounds.ts';
import type { Server } from '../servers/server.ts';
import { jsonSide } from './json-side.ts';
import type { Profile } from './profile.ts';
import { checkNothingWasLost, streamSide } from './stream-side.ts';

const CONNECTIONS = 64;
const STREAMS = 32;

export const telemetry: Profile = {
  name: 'telemetry',
  title: 'Telemetry',
  method: `Two gateways in turn, one with \`OTEL_EXPORTER_OTLP_ENDPOINT\` set to a collector on this machine that takes everything, otherwise as it comes: every call is traced, a span for it and one for its attempt, and metrics are sent too. Small calls over ${CONNECTIONS} connections, then ${STREAMS} streams as above. What the collector got is counted when the gateway has ended: spans that were dropped would have been cheap.`,
  async measure(bench) {
    const upstream = await bench.upstream();
    const collector = await bench.collector();
    const off = await bench.gateway(upstream);
    const on = await bench.gateway(upstream, { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.port}` });
    let calls = 0;
    const counted = ({ server, run }: Side): Side => ({
      server,
      run: async (milliseconds) => {
        const result = await run(milliseconds);
        calls += result.requests;
        return result;
      },
    });
    const whole = await measureRounds({ off: jsonSide(off, CONNECTIONS), on: counted(jsonSide(on, CONNECTIONS)) }, bench.pace);
    const streamed = await measureRounds(
      { off: streamSide(off, STREAMS), on: counted(streamSide(on, STREAMS)) },
      { ...bench.pace, warmUpMs: bench.pace.warmUpMs / 2 },
    );
    checkNothingWasLost([...streamed.off, ...streamed.on], bench.pace);
    await on.stop();
    return {
      figures: [
        ...figuresOf('request', cpuPerRequest(whole.off), cpuPerRequest(whole.on)),
        ...figuresOf('streamed event', cpuPerEvent(streamed.off), cpuPerEvent(streamed.on)),
        { what: 'spans at the collector for each call', unit: '', spread: spreadOf([(await spansAt(collector)) / calls]) },
      ],
    };
  },
};

function figuresOf(of: string, off: readonly number[], on: readonly number[]): readonly Figure[] {
  return [
    { what: `CPU per ${of}, without`, unit: 'µs', spread: spreadOf(off) },
    { what: `CPU per ${of}, with`, unit: 'µs', spread: spreadOf(on) },
    { what: `added to a ${of}`, unit: 'µs', spread: differences(on, off), isDifference: true },
    { what: `ratio, ${of}`, unit: '×', spread: ratios(on, off) },
  ];
}

async function spansAt({ port }: Server): Promise<number> {
  return Number(await (await fetch(`http://127.0.0.1:${port}/`)).text());
}
