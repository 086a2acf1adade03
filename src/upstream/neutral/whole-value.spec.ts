import { WholeValue } from './whole-value.js';

function heard(pieces: readonly string[]): boolean {
  const value = new WholeValue();
  for (const piece of pieces) value.take(piece);
  return value.isWhole;
}

it.each(['{}', ' {"a":[1,{"b":"}"}]}', '{"a":"\\"}"}', '{"a":"\\\\"}', '[[],"]"]', '"a\\"b"', '{"é":"😀\\u007d"}'])(
  '%s is whole with its last letter and not before, however it is cut',
  (json) => {
    for (let at = 0; at < json.length; at++) expect(heard([json.slice(0, at)])).toBe(false);
    for (let at = 0; at < json.length; at++) expect(heard([json.slice(0, at), '', json.slice(at)])).toBe(true);
    expect(heard([...json])).toBe(true);
    expect(heard([json, ' ', '{'])).toBe(true);
  },
);

it.each(['', '  ', '1', 'null', 'patch {} that', '}', '*** Begin {}'])('of %j the end cannot be told', (text) => {
  expect(heard([text])).toBe(false);
  expect(heard([...text])).toBe(false);
});
