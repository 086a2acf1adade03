import { settingsFrom } from '../../test/doubles/settings-from.js';
import { hasPolicy } from './has-policy.js';
import { namedPrincipal } from './named-principal.js';

it('an entry is the own one of the key and of the subject of its name, and of nobody else', () => {
  const settings = settingsFrom({
    GATEWAY_API_KEYS: 'anna,bert',
    GATEWAY_JWT_SECRET: 's'.repeat(32),
    GATEWAY_API_KEY_POLICIES: '{"anna":{"rate_limit_per_minute":5}}',
  });
  const owns = (kind: 'key' | 'subject', name: string): boolean => hasPolicy(namedPrincipal(kind, name, settings), settings);
  expect([owns('key', 'anna'), owns('subject', 'anna'), owns('key', 'bert'), owns('subject', '')]).toEqual([true, true, false, false]);
});
