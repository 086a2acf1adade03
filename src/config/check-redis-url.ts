import type { Findings } from './findings.js';
import type { Place } from './place.js';

const FORM = /^(redis|rediss|redis\+sentinel|redis\+cluster):\/\/(?:[^@/?#\s]*@)?([^@/?#\s]+)(?:\/([^?#\s]*))?(?:\?[^#\s]*)?$/;
const HOST = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+)(?::(\d{1,5}))?$/;

/** `redis://[user:password@]host[:port][/database]`; sentinels and cluster nodes may be several, comma-separated; sentinels: `/master-name[/database]`. */
export function checkRedisUrl(url: string, place: Place, findings: Findings): void {
  const refuse = (reason: string, fix: string): void => findings.mistake(place, '***', reason, fix);
  const [, scheme = '', hosts = '', path = ''] = FORM.exec(url) ?? [];
  if (scheme === '') {
    const known = /^(redis|rediss|redis\+sentinel|redis\+cluster):/.test(url);
    return refuse(
      known ? 'this is no valid address (host, port or database)' : 'scheme must be redis, rediss, redis+sentinel or redis+cluster',
      place.setTo('redis://127.0.0.1:6379/0'),
    );
  }
  const several = scheme === 'redis+sentinel' || scheme === 'redis+cluster';
  const nodes = hosts.split(',');
  const valid = nodes.every((node) => {
    const [whole, port] = HOST.exec(node) ?? [];
    return whole !== undefined && (port === undefined || (Number(port) >= 1 && Number(port) <= 65_535));
  });
  if (!valid || (nodes.length > 1 && !several)) return refuse('host or port is not valid', place.setTo(`${scheme}://127.0.0.1:6379`));

  const parts = path.split('/').filter((part) => part !== '');
  if (scheme === 'redis+sentinel' && parts.length === 0)
    return refuse("the master's name is missing", place.setTo('redis+sentinel://host-a:26379,host-b:26379/mymaster'));
  const database = scheme === 'redis+sentinel' ? parts[1] : parts[0];
  if (database !== undefined && !/^(\d|1[0-5])$/.test(database))
    return refuse('the database must be a number from 0 to 15', place.setTo(`${scheme}://127.0.0.1:6379/0`));
  if (scheme === 'redis+cluster' && database !== undefined && database !== '0')
    refuse('a cluster has database 0 alone', place.setTo('redis+cluster://host-a:6379,host-b:6379'));
}
