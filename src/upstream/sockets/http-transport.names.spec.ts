import { setTimeout as sleep } from 'node:timers/promises';
import { request, until } from '../../../test/contracts/upstream-transport.js';
import { HandClock } from '../../../test/doubles/hand-clock.js';
import { RecordingSink } from '../../../test/doubles/recording-sink.js';
import { settingsFrom } from '../../../test/doubles/settings-from.js';
import { FaultUpstream } from '../../../test/faults/fault-upstream.js';
import { LiveSettings } from '../../config/live-settings.js';
import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { HostNames } from './host-names.js';
import { HttpTransport } from './http-transport.js';

it('a name that moves is followed by idle connections within seconds; streams that run stay where they are', async () => {
  const old = await FaultUpstream.start();
  const moved = await FaultUpstream.start(old.port, '127.0.0.2');
  let address = '127.0.0.1';
  const names = new HostNames({
    servers: async () => ({ addresses: [{ address, family: 4 }], ttlMs: 0, isFromServers: true }),
    system: () => Promise.reject(new Error('unused')),
  });
  const clock = new HandClock();
  const settings = settingsFrom({
    GATEWAY_UPSTREAMS: `ok=http://moving.test:${old.port}/ok/v1;stream=http://moving.test:${old.port}/ok-stream:30,10/v1`,
  });
  const transport = new HttpTransport(new LiveSettings(settings), clock, names);
  const send = (name: string): RecordingSink => {
    const sink = new RecordingSink();
    transport.send(settings.routing.upstreams.get(name) as UpstreamSettings, request(name === 'stream'), sink);
    return sink;
  };

  for (let call = 0; call < 5; call++) {
    expect((await send('ok').over).order).toBe('head data end');
    clock.advance(1_500);
  }
  expect(old.ledger.connections).toBe(1);
  const running = send('stream');
  await until(() => running.chunks.length > 2);
  await send('ok').over;
  expect(old.ledger.connections).toBe(2);

  address = '127.0.0.2';
  clock.advance(3_100);
  await send('ok').over;
  await sleep(10);
  clock.advance(1_500);
  expect(moved.ledger.entries).toHaveLength(0);
  for (let call = 0; call < 3; call++) {
    expect((await send('ok').over).order).toBe('head data end');
    clock.advance(1_500);
  }
  expect(moved.ledger.of('ok')).toHaveLength(3);
  expect(moved.ledger.connections).toBe(1);
  expect((await running.over).order).toBe('head data end');
  expect(old.ledger.of('ok-stream:30,10')).toHaveLength(1);

  transport.close();
  await Promise.all([old.close(), moved.close()]);
});
