import { duplicateJsonKey, duplicateJsonKeys } from './duplicate-json-key.js';

it.each<[string, string[] | undefined]>([
  ['{"a":1,"b":{"a":2}}', undefined],
  ['{"a":1,"a":2}', ['a']],
  ['{"x":[{"a":1},{"a":1}]}', undefined],
  ['{"x":[{"a":1,"\\u0061":1}]}', ['x', 'a']],
  ['{"a":"{\\"b\\":1,\\"b\\":2}"}', undefined],
  ['{"a" : "b", "c": "a"}', undefined],
  ['[]', undefined],
])('%s: %j', (json, expected) => {
  expect(duplicateJsonKey(json)).toEqual(expected);
});

it('all of them are found', () => {
  expect([...duplicateJsonKeys('{"a":{"b":1,"b":2},"a":3,"c":4,"a":5}')]).toEqual([['a', 'b'], ['a'], ['a']]);
});
