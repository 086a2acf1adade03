import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { LineAdapter } from '../../test/doubles/line-adapter.js';
import { plainCall } from '../../test/doubles/plain-call.js';
import { RecordingDelivery } from '../../test/doubles/recording-delivery.js';
import { type ScriptedExchange, ScriptedTransport } from '../../test/doubles/scripted-transport.js';
import { settingsFrom } from '../../test/doubles/settings-from.js';
import type { UpstreamFailure } from '../upstream/upstream-failure.js';
import { Attempt, type Reply } from './attempt.js';

const SETTINGS = settingsFrom({
  GATEWAY_UPSTREAMS: 'a=http://127.0.0.1:9',
  GATEWAY_REQUEST_TIMEOUT_SECONDS: '0.1',
  GATEWAY_STREAM_IDLE_TIMEOUT_SECONDS: '0.1',
});
const observer = { heard: () => {}, proven: () => {}, firstContent: () => {}, content: () => {}, ended: () => {} };

/** Nothing of this process runs meanwhile: what a heavy request, or a machine with too little to give, does to it. */
function starve(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

function begun(): { attempt: Attempt; outcome: Promise<Reply | UpstreamFailure>; exchange: ScriptedExchange } {
  const upstream = SETTINGS.routing.upstreams.get('a');
  if (upstream === undefined) throw new Error('no upstream');
  const transport = new ScriptedTransport();
  const tools = { adapter: new LineAdapter(), transport, settings: SETTINGS, totalLeftMs: () => 60_000 };
  const attempt = new Attempt(plainCall({ stream: true }), { upstream, model: 'm', answersAs: 'm' }, observer, tools);
  const outcome = attempt.begin().catch((failure: UpstreamFailure) => failure);
  return { attempt, outcome, exchange: transport.last };
}

it('a process that was too busy to read does not blame its upstream: what lies in the socket is heard first', async () => {
  const { attempt, outcome, exchange } = begun();
  starve(250);
  // Timers come before sockets: the late alarm rings, then the data that came in time is read.
  await sleep(0);
  await turn();
  expect(exchange.cancels).toBe(0);
  exchange.stream('one\n');
  expect(await outcome).toHaveProperty('live');
  attempt.cancel();
});

it('an upstream that is silent after that is blamed all the same, soon', async () => {
  const { outcome, exchange } = begun();
  starve(250);
  const began = performance.now();
  expect(await outcome).toMatchObject({ kind: 'first_byte_timeout' });
  expect(performance.now() - began).toBeLessThan(400);
  expect(exchange.cancels).toBe(1);
});

it('a stream is given the same chance each time it happens, as long as it lives', async () => {
  const { attempt, outcome, exchange } = begun();
  exchange.stream('one\n');
  const reply = await outcome;
  if (!('live' in reply)) throw new Error('no stream');
  const client = new RecordingDelivery();
  reply.live.follow(client);
  for (let time = 0; time < 3; time++) {
    starve(250);
    await sleep(0);
    await turn();
    exchange.data('more\n');
  }
  expect(client.endings).toEqual([]);
  attempt.cancel();
});
