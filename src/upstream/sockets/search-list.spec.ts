import { searchList, wholeNames } from './search-list.js';

it('reads domains and dots, the last line of each counting', () => {
  expect(
    searchList('nameserver 10.0.0.1\nsearch old.test\n; search no\noptions timeout:1 ndots:5 rotate # ndots:7\nsearch a.test b.test.\n'),
  ).toEqual({
    domains: ['a.test', 'b.test'],
    dots: 5,
  });
  expect(searchList('domain only.test')).toEqual({ domains: ['only.test'], dots: 1 });
  expect(searchList('')).toEqual({ domains: [], dots: 1 });
});

it.each<[string, number, string[]]>([
  ['llama', 1, ['llama.a.test', 'llama.b.test', 'llama']],
  ['llama.space', 1, ['llama.space', 'llama.space.a.test', 'llama.space.b.test']],
  ['llama.space', 5, ['llama.space.a.test', 'llama.space.b.test', 'llama.space']],
  ['llama.', 5, ['llama.']],
])('asks for %s with ndots:%d in the order of the system', (name, dots, names) => {
  expect(wholeNames(name, { domains: ['a.test', 'b.test'], dots })).toEqual(names);
});
