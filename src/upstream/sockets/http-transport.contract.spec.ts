import { upstreamTransportContract } from '../../../test/contracts/upstream-transport.js';
import { settingsFrom } from '../../../test/doubles/settings-from.js';
import { FaultUpstream } from '../../../test/faults/fault-upstream.js';
import { LiveSettings } from '../../config/live-settings.js';
import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { HttpTransport } from './http-transport.js';

const MODES = { answers: 'ok', streams: 'ok-stream:40,3', hangs: 'hang', cut: 'reset-after:1500' };

upstreamTransportContract('HTTP', async () => {
  const faults = await FaultUpstream.start();
  const upstreams = Object.entries(MODES).map(([name, mode]) => `${name}=${faults.base(mode)}`);
  const settings = settingsFrom({ GATEWAY_UPSTREAMS: upstreams.join(';') });
  const transport = new HttpTransport(new LiveSettings(settings));
  return {
    transport,
    upstream: (behaviour) => settings.routing.upstreams.get(behaviour) as UpstreamSettings,
    close: async () => {
      transport.close();
      await faults.close();
    },
  };
});
