import { parsedJson } from './json-value.js';

it.each([
  ['{"a":1}', { a: 1 }],
  ['\ufeff{"a":1}', { a: 1 }],
  ['\ufeff\ufeff{"a":1}', undefined],
  ['"\ufeff"', '\ufeff'],
  ['\ufeff', undefined],
  ['', undefined],
  ['{', undefined],
])('%j is read as JSON, a mark of the byte order before it or none', (text, value) => {
  expect(parsedJson(text)).toEqual(value);
});
