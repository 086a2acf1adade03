import { upstreamTransportContract } from '../../../test/contracts/upstream-transport.js';
import { settingsFrom } from '../../../test/doubles/settings-from.js';
import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { MockTransport } from './mock-transport.js';

const ADDRESSES = { answers: '', streams: '?tps=400', hangs: '?hang=true', cut: '?cut_after=5' };

upstreamTransportContract('the mock', async () => {
  const upstreams = Object.entries(ADDRESSES).map(([name, options]) => `${name}=mock://local${options}`);
  const settings = settingsFrom({ GATEWAY_UPSTREAMS: upstreams.join(';') });
  return {
    transport: new MockTransport(),
    upstream: (behaviour) => settings.routing.upstreams.get(behaviour) as UpstreamSettings,
    close: async () => undefined,
  };
});
