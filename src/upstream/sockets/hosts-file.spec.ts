import { hostsFile } from './hosts-file.js';

it('gathers what its lines say of a name, whatever their case, and passes over what is none', () => {
  const hosts = hostsFile('# 10.9.9.9 none\n127.0.0.1\tlocalhost box # 1\n::1 LocalHost ip6\n\nrubbish localhost\n10.0.0.1   other\r\n');
  expect(hosts.get('localhost')).toEqual([
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ]);
  expect(hosts.get('other')).toEqual([{ address: '10.0.0.1', family: 4 }]);
  expect([...hosts.keys()]).toEqual(['localhost', 'box', 'ip6', 'other']);
});
