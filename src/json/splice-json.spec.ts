import { createHash } from 'node:crypto';
import { fieldValue } from './read-field.js';
import { type ObjectScan, scanObject } from './scan-object.js';
import { fieldSplice, spliceJson } from './splice-json.js';

const scan = (bytes: Buffer): ObjectScan => scanObject(bytes, 128) as ObjectScan;
const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const ODD =
  '\ufeff{ "seed" :9007199254740993,"big":1e400 , "minus":-0,"text":"\\u0041\\/\\ud83d",\r\n"model"\t:  "old" ,"model_":"model","é":[1.0,  2.50]}\n';

it('a replaced field leaves every other byte as it was', () => {
  const before = Buffer.from(ODD);
  const after = spliceJson(before, [fieldSplice(scan(before), 'model', '"new-and-longer"')]);
  expect(digest(after)).toBe(digest(Buffer.from(ODD.replace('"old"', '"new-and-longer"'))));
});

it('a new field goes to the end, several at once and in any order', () => {
  const before = Buffer.from(ODD);
  const layout = scan(before);
  const after = spliceJson(before, [fieldSplice(layout, 'stream_options', '{"include_usage":true}'), fieldSplice(layout, 'seed', '1')]);
  expect(digest(after)).toBe(
    digest(Buffer.from(ODD.replace('9007199254740993', '1').replace('2.50]}', '2.50],"stream_options":{"include_usage":true}}'))),
  );
});

it.each([
  ['{}', '{"a":1}'],
  ['{ }', '{ "a":1}'],
  ['{"b":2 }', '{"b":2 ,"a":1}'],
  ['{"a":0}', '{"a":1}'],
])('%s with a field becomes %s', (before, after) => {
  const bytes = Buffer.from(before);
  expect(spliceJson(bytes, [fieldSplice(scan(bytes), 'a', '1')]).toString()).toBe(after);
});

it('nothing to change gives the very bytes', () => {
  const bytes = Buffer.from('{}');
  expect(spliceJson(bytes, [])).toBe(bytes);
});

it.each([
  ['model', 'old'],
  ['text', 'A/\ud83d'],
  ['é', [1, 2.5]],
  ['absent', undefined],
  ['__proto__', undefined],
])('the value of %s is read alone', (name, value) => {
  const bytes = Buffer.from(ODD);
  expect(fieldValue(bytes, scan(bytes), name)).toEqual(value);
});
