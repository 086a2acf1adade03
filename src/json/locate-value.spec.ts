import { elementsOf, locateValue } from './locate-value.js';

const TEXT =
  ' {"choices" : [ {"index":0,"delta":{"tool_calls":[{"id":"a"},{"id":"]}\\"","model":"inner"}]}}, {"index":1} ],"mo\\u0064el":"outer","model_":3,"n":-1.5e3 }';
const found = (path: (string | number)[]): string | undefined => {
  const span = locateValue(Buffer.from(TEXT), 0, path);
  return span && Buffer.from(TEXT).toString('utf8', span.start, span.end);
};

it.each([
  [['model'], '"outer"'],
  [['n'], '-1.5e3'],
  [['choices', 1], '{"index":1}'],
  [['choices', 1, 'index'], '1'],
  [['choices', 0, 'delta', 'tool_calls', 1, 'id'], '"]}\\""'],
  [['choices', 0, 'delta', 'tool_calls', 2], undefined],
  [['choices', 'index'], undefined],
  [['model', 'x'], undefined],
  [['absent'], undefined],
])('%j is %j', (path, text) => {
  expect(found(path)).toBe(text);
});

it('of a name that stands twice the last is found', () => {
  expect(locateValue(Buffer.from('{"a":1,"a":2}'), 0, ['a'])).toEqual({ start: 11, end: 12 });
});

it('the elements of an array come in order; what is no array has none', () => {
  const bytes = Buffer.from('[1, "b,]" ,[2,[3]] , {"c":[]}]');
  expect([...elementsOf(bytes, 0)].map(({ start, end }) => bytes.toString('utf8', start, end))).toEqual(['1', '"b,]"', '[2,[3]]', '{"c":[]}']);
  expect([...elementsOf(Buffer.from('[ ]'), 0), ...elementsOf(Buffer.from('{}'), 0)]).toEqual([]);
});

it.each(['{"model', '{"model":', '{"model":"x', '{"model":[', '{', '', '{"a\\'])('ends on text that is cut: %s', (text) => {
  locateValue(Buffer.from(text), 0, ['model', 'x']);
});
