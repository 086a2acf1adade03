import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { request } from '../../test/contracts/upstream-transport.js';
import { RecordingSink } from '../../test/doubles/recording-sink.js';
import { settingsFrom } from '../../test/doubles/settings-from.js';
import { FaultUpstream } from '../../test/faults/fault-upstream.js';
import { LiveSettings } from '../config/live-settings.js';
import { SettingsModule } from '../config/settings.module.js';
import type { UpstreamSettings } from '../contracts/gateway-settings.js';
import { LogDestination } from '../metrics/log-destination.js';
import { createLogger } from '../metrics/logger.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { UpstreamModule } from './upstream.module.js';
import { UpstreamTransport } from './upstream-transport.js';

it('speaks to each upstream by its kind, and leaves no connection behind at the end', async () => {
  const faults = await FaultUpstream.start();
  const settings = settingsFrom({ GATEWAY_UPSTREAMS: `far=${faults.base('ok')};near=mock://local` });
  const live = SettingsModule.with(new LiveSettings(settings));
  const destination = new LogDestination();
  const metrics = MetricsModule.with(live, { logger: createLogger(destination, 'silent'), destination });
  const app = await NestFactory.createApplicationContext(UpstreamModule.with(live, metrics), { logger: false });
  const transport = app.get(UpstreamTransport);
  const ask = async (name: string): Promise<string> => {
    const sink = new RecordingSink();
    transport.send(settings.routing.upstreams.get(name) as UpstreamSettings, request(false), sink);
    return (await sink.over).text;
  };
  expect(await ask('far')).toContain('Hello from the fault server.');
  expect(await ask('near')).toContain('mock upstream');
  expect(faults.ledger.openConnections).toBe(1);
  await app.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(faults.ledger.openConnections).toBe(0);
  await faults.close();
});
