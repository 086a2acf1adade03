import { checkRedisUrl } from './check-redis-url.js';
import { Findings } from './findings.js';
import { Place } from './place.js';

const reasons = (url: string): string[] => {
  const findings = new Findings();
  checkRedisUrl(url, Place.variable('GATEWAY_REDIS_URL'), findings);
  return findings.mistakes.map(({ found, reason }) => `${found} ${reason}`);
};

it.each([
  'redis://127.0.0.1',
  'redis://127.0.0.1:6379/0',
  'redis://:pass@redis.internal:6379/15',
  'rediss://user:p%40ss@[::1]:6380',
  'redis+sentinel://a:26379,b:26379/mymaster',
  'redis+sentinel://:pw@a/mymaster/2',
  'redis+cluster://a:6379,b:6379',
  'redis+cluster://a:6379/0',
  'redis://h?family=6',
])('%s is an address of Redis', (url) => {
  expect(reasons(url)).toEqual([]);
});

it.each([
  ['http://h', 'scheme must be'],
  ['h:6379', 'scheme must be'],
  ['redis://', 'no valid address'],
  ['redis://h/99', 'from 0 to 15'],
  ['redis://h/one', 'from 0 to 15'],
  ['redis://h:70000', 'host or port'],
  ['redis://a:1,b:2', 'host or port'],
  ['redis+cluster://a:6379/3', 'database 0 alone'],
  ['redis+sentinel://a:26379', "master's name is missing"],
])('%s is refused, and not shown', (url, reason) => {
  expect(reasons(url)).toEqual([expect.stringMatching(new RegExp(`^\\*\\*\\* .*${reason}`))]);
});
