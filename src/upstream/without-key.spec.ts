import { performance } from 'node:perf_hooks';
import { withoutKey } from './without-key.js';

const KEY = 'sk-CANARY0123456789abcdefghijklmnop';

it.each([
  ['the key', `Incorrect API key provided: ${KEY}.`, 'Incorrect API key provided: [key].'],
  ['the key, twice', `${KEY} ${KEY}`, '[key] [key]'],
  ['its beginning', 'starts with sk-CANARY0123', 'starts with [key]'],
  ['a stretch of it', 'has 456789abcdef in it', 'has [key] in it'],
  ['its beginning before a mask', 'key sk-C*****', 'key [key]'],
  ['its beginning and end around a mask', 'key sk-CA**********mnop!', 'key [key]!'],
  ['its end after a mask', 'key ********mnop', 'key [key]'],
  ['dots as a mask', 'key sk-CA...mnop', 'key [key]'],
  ['in a URL', `?key=${encodeURIComponent(`${KEY}`)}&a=1`, '?key=[key]&a=1'],
])('%s is hidden', (_name, text, shown) => {
  expect(withoutKey(text, KEY)).toBe(shown);
});

it('base64 of the key is hidden, alone and inside a longer text', () => {
  for (const before of ['', 'u', 'u:', 'user:']) {
    const encoded = Buffer.from(`${before}${KEY}`).toString('base64');
    expect(withoutKey(`Basic ${encoded}`, KEY)).not.toContain(encoded.slice(8, 24));
  }
});

it.each([
  ['no key is set', undefined],
  ['the key is empty', ''],
  ['the key is not in it', KEY],
])('a text stays as it is when %s', (_name, key) => {
  const text = 'This is **bold**, and *** this... the key has 16 characters: xxxx, skip it.';
  expect(withoutKey(text, key)).toBe(text);
});

it('a short key is hidden where it stands by itself', () => {
  expect(withoutKey('key "test" is no good, latest news: test', 'test')).toBe('key "[key]" is no good, latest news: [key]');
});

it('keys with signs of their own are taken literally', () => {
  expect(withoutKey('a.b a+b $&', 'a+b')).toBe('a.b [key] $&');
  expect(withoutKey('pass/word+and"quote\\', 'pass/word+and"quote\\')).toBe('[key]');
  expect(withoutKey(JSON.stringify({ k: 'pass/word+and"quote\\' }), 'pass/word+and"quote\\')).toBe('{"k":"[key]"}');
});

it('64 KiB of asterisks and near misses take no time worth speaking of', () => {
  for (const text of ['*'.repeat(65_536), 'sk-CANAR'.repeat(8_192), 'x'.repeat(65_536), `${'a'.repeat(63)}.`.repeat(1_024)]) {
    const before = performance.now();
    withoutKey(text, KEY);
    expect(performance.now() - before).toBeLessThan(200);
  }
});
