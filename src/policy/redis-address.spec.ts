import { redisAddress } from './redis-address.js';

it.each([
  [
    'redis://127.0.0.1',
    { kind: 'single', nodes: [{ host: '127.0.0.1', port: 6379 }], database: 0, tls: false, username: undefined, password: undefined },
  ],
  ['redis://:pass@redis.internal:6380/15', { nodes: [{ host: 'redis.internal', port: 6380 }], database: 15, password: 'pass', username: undefined }],
  ['rediss://user:p%40ss%3A%2F@[::1]:6380', { nodes: [{ host: '::1', port: 6380 }], tls: true, username: 'user', password: 'p@ss:/' }],
  ['redis://u:100%@h?family=6', { username: 'u', password: '100%', family: 6 }],
  [
    'redis+sentinel://:pw@a,b:26380/mymaster/2?sentinel_password=s%40&tls=true',
    {
      kind: 'sentinel',
      nodes: [
        { host: 'a', port: 26_379 },
        { host: 'b', port: 26_380 },
      ],
      masterName: 'mymaster',
      database: 2,
      password: 'pw',
      sentinelPassword: 's@',
      tls: true,
    },
  ],
  [
    'redis+cluster://a:7000,b',
    {
      kind: 'cluster',
      nodes: [
        { host: 'a', port: 7000 },
        { host: 'b', port: 6379 },
      ],
      tls: false,
    },
  ],
])('reads %s', (url, expected) => {
  expect(redisAddress(url)).toMatchObject(expected);
});

it('does not show what it cannot read', () => {
  expect(() => redisAddress('http://user:secret@h')).toThrow(/^GATEWAY_REDIS_URL is no address of Redis$/);
});
