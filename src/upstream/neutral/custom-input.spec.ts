import { CustomInput } from './custom-input.js';

function heard(pieces: readonly string[]): string[] {
  const input = new CustomInput();
  const told = [...pieces.map((piece) => input.take(piece)), input.end(), input.end()];
  expect(told.join('')).toBe(input.text);
  return told;
}

it.each(['', 'a', '*** Begin\n"é😀"\\', '\u0001 \ud83d!', '\ude00', 'x'.repeat(500)])('%j is read as it comes, however its JSON is cut', (text) => {
  const json = JSON.stringify({ input: text });
  for (const [at] of [...json].entries()) expect(heard([json.slice(0, at), json.slice(at)]).join('')).toBe(text);
  expect(heard([...json]).join('')).toBe(text);
  const escaped = json.replaceAll(/[^\0-~]/g, (half) => `\\u${half.charCodeAt(0).toString(16).padStart(4, '0')}`);
  expect(heard(escaped.match(/[^]/g) ?? []).join('')).toBe(text);
});

it('each piece is told as soon as it is there', () => {
  expect(heard([' { "input" : "a', 'b\\', 'n', '\\ud83d', '\\ude00c', '"', ', "more": 1}'])).toEqual(['a', 'b', '\n', '', '😀c', '', '', '', '']);
});

it.each([
  ['another object', '{"patch":"a"}', '{"patch":"a"}'],
  ['plain text', `as it is, ${'at length '.repeat(50)}`, `as it is, ${'at length '.repeat(50)}`],
  ['an input behind something else', `{"why":"${'x'.repeat(300)}","input":"a"}`, 'a'],
  ['nothing', '  ', ''],
  ['an input that was cut off', '{"input":"ab\\u00', 'ab'],
  ['an input that goes on as no JSON does', `{"input":"ab\\u00zz${'x'.repeat(50)}"}`, 'ab'],
])('%s is told at the end as it can be', (_case, json, wanted) => {
  expect(heard([json]).join('')).toBe(wanted);
  expect(heard([...json]).join('')).toBe(wanted);
});

it('a long input costs by its length, piece by piece', () => {
  const input = new CustomInput();
  input.take('{"input":"');
  for (let count = 0; count < 400_000; count++) input.take('word ');
  expect(input.text).toHaveLength(2_000_000);
}, 10_000);
