import { settingsFrom } from '../../test/doubles/settings-from.js';
import { changedSettings } from './changed-settings.js';
import { settingFields } from './setting.js';
import { SettingsFile } from './settings-file.js';

const UPSTREAMS = 'llama=mock://local;old=mock://local';

it('the same settings differ in nothing', () => {
  const env = { GATEWAY_UPSTREAMS: UPSTREAMS, GATEWAY_ROUTE_POLICIES: '{"chat":{"strategy":"canary","primary":"llama","canary":"old","percent":5}}' };
  expect(changedSettings(settingsFrom(env), settingsFrom(env))).toEqual([]);
});

it('names what differs, with the names of upstreams, routes and fallbacks', () => {
  const before = settingsFrom({ GATEWAY_UPSTREAMS: UPSTREAMS, GATEWAY_FALLBACKS: 'llama=old' });
  const after = settingsFrom({
    GATEWAY_UPSTREAMS: 'llama=mock://local?ttft=5ms;next=mock://local',
    GATEWAY_FALLBACKS: 'llama=next',
    GATEWAY_ROUTE_POLICIES: '{"chat":{"strategy":"canary","primary":"llama","canary":"next","percent":5}}',
    GATEWAY_MAX_ATTEMPTS: '5',
    GATEWAY_DEFAULT_UPSTREAM: 'llama',
    GATEWAY_CIRCUIT_BREAKER_RESET_SECONDS: '7',
  });
  expect(changedSettings(before, after).toSorted()).toEqual(
    [
      'max_attempts',
      'circuit_breaker',
      'default_upstream',
      'upstreams.llama',
      'upstreams.next (new)',
      'upstreams.old (gone)',
      'route_policies.chat (new)',
      'fallbacks.llama',
    ].toSorted(),
  );
});

it('never tells a key, nor a policy, whose name is a key', () => {
  const before = settingsFrom({ GATEWAY_UPSTREAMS: UPSTREAMS, GATEWAY_API_KEYS: 'secret-one' });
  const after = settingsFrom({
    GATEWAY_UPSTREAMS: UPSTREAMS,
    GATEWAY_API_KEYS: 'secret-two',
    GATEWAY_API_KEY_POLICIES: '{"secret-two":{"rate_limit_per_minute":3}}',
    GATEWAY_JWT_SECRET: 'secret-three-of-thirty-two-bytes-or-more',
  });
  const told = changedSettings(before, after);
  expect(told.toSorted()).toEqual(['api_key_policies', 'api_keys', 'jwt']);
  expect(told.join()).not.toContain('secret');
});

it('plain settings are called by names that stand in a settings file', () => {
  const known = [...settingFields(SettingsFile).keys()];
  const before = settingsFrom({});
  for (const [group, key] of [
    ['server', 'bodyBytesMax'],
    ['server', 'drainTimeoutMs'],
    ['limits', 'ratePerMinute'],
    ['resilience', 'totalTimeoutMs'],
    ['resilience', 'queueMs'],
    ['resilience', 'responseBytesMax'],
    ['observability', 'logLevel'],
    ['observability', 'otelSemconv'],
  ] as const) {
    const [name = ''] = changedSettings(before, { ...before, [group]: { ...before[group], [key]: 'changed' } });
    expect(known).toContain(name);
  }
});
