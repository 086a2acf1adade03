import { hash } from 'node:crypto';
import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadSettings } from '../config/load-settings.js';
import { DigestKeyRing } from './digest-key-ring.js';

const settings = (env: Record<string, string>) => loadSettings({ env, cwd: '/nonexistent' }).settings;
const KEY = 'sk-correct-horse-battery-staple-0123456789';

describe('DigestKeyRing', () => {
  it('finds a key with its policy, and what holds for everybody where the policy is silent', () => {
    const rules = settings({
      GATEWAY_API_KEYS: 'full,half,plain',
      GATEWAY_RATE_LIMIT_PER_MINUTE: '7',
      GATEWAY_API_KEY_POLICIES: '{"full":{"allowed_models":["chat"],"rate_limit_per_minute":30},"half":{"rate_limit_per_minute":0}}',
    });
    const ring = new DigestKeyRing();
    expect(ring.find('full', rules)).toMatchObject({ kind: 'key', allowedModels: new Set(['chat']), rateLimitPerMinute: 30 });
    expect(ring.find('half', rules)).toMatchObject({ allowedModels: undefined, rateLimitPerMinute: 0 });
    expect(ring.find('plain', rules)).toMatchObject({ allowedModels: undefined, rateLimitPerMinute: 7 });
  });

  it('makes principals once, not for each request', () => {
    const rules = settings({ GATEWAY_API_KEYS: KEY });
    const ring = new DigestKeyRing();
    expect(ring.find(KEY, rules)).toBe(ring.find(KEY, rules));
  });

  it('gives a principal the same id on every replica, and another one for another key', () => {
    const rules = settings({ GATEWAY_API_KEYS: `${KEY},${KEY}2` });
    const id = new DigestKeyRing().find(KEY, rules)?.id;
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(new DigestKeyRing().find(KEY, settings({ GATEWAY_API_KEYS: KEY }))?.id).toBe(id);
    expect(new DigestKeyRing().find(`${KEY}2`, rules)?.id).not.toBe(id);
  });

  it.each([
    ['nothing', ''],
    ['another case', KEY.toUpperCase()],
    ['a blank before', ` ${KEY}`],
    ['a blank behind', `${KEY} `],
    ['a NUL behind', `${KEY}\0`],
    ['an encoded NUL', `${KEY}%00`],
    ['a newline', `${KEY}\n`],
    ['quotes', `"${KEY}"`],
    ['a list', `${KEY}, ${KEY}`],
    ['its beginning', KEY.slice(0, -1)],
    ['more than it', `${KEY}x`],
    ['a letter that folds to its own', KEY.replace('k', '\u212a')],
    ['wide letters', KEY.replace('s', '\uff53')],
    ['base64', Buffer.from(KEY).toString('base64')],
    ['URL encoding', KEY.replaceAll('-', '%2D')],
    ['a word of JavaScript', '__proto__'],
    ['another word of JavaScript', 'constructor'],
  ])('does not take %s for a key', (_name, presented) => {
    expect(new DigestKeyRing().find(presented, settings({ GATEWAY_API_KEYS: KEY }))).toBeUndefined();
  });

  it('finds a configured key however long it is', () => {
    const long = 'k'.repeat(4_000);
    const ring = new DigestKeyRing();
    expect(ring.find(long, settings({ GATEWAY_API_KEYS: long }))).toBeDefined();
    expect(ring.find(`${long}k`, settings({ GATEWAY_API_KEYS: long }))).toBeUndefined();
  });

  it('knows under new settings what they say, and under old ones what those said', () => {
    const ring = new DigestKeyRing();
    const [before, overlap, after] = ['old', 'old,new', 'new'].map((keys) => settings({ GATEWAY_API_KEYS: keys }));
    if (!before || !overlap || !after) throw new Error('unreachable');
    expect([before, overlap, after].map((rules) => ring.find('old', rules) !== undefined)).toEqual([true, true, false]);
    expect([before, overlap, after].map((rules) => ring.find('new', rules) !== undefined)).toEqual([false, true, true]);
  });

  it('says nothing of the key in the principal', () => {
    const principal = new DigestKeyRing().find(KEY, settings({ GATEWAY_API_KEYS: KEY }));
    expect(inspect(principal, { depth: 9, showHidden: true })).not.toContain(KEY.slice(0, 8));
    expect(principal?.id).not.toBe(hash('sha256', KEY, 'hex').slice(0, 32));
  });

  it('remembers nothing of keys that are none: a hundred thousand leave less than 2 MB behind', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const ring = new DigestKeyRing();
    const rules = settings({ GATEWAY_API_KEYS: KEY });
    const guess = (from: number, count: number) => {
      for (let index = from; index < from + count; index++) ring.find(`guess-${index}`, rules);
    };
    guess(0, 1_000);
    collect();
    const before = process.memoryUsage().heapUsed;
    guess(1_000, 100_000);
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(2_000_000);
  });

  it('takes as long with ten thousand keys as with one, for a miss as for a hit', () => {
    const ring = new DigestKeyRing();
    const one = settings({ GATEWAY_API_KEYS: KEY });
    const many = settings({ GATEWAY_API_KEYS: [KEY, ...Array.from({ length: 9_999 }, (_, index) => `${KEY}${index}`)].join(',') });
    const miss = `${KEY.slice(0, -1)}x`;
    const measure = (rules: typeof one, presented: string) => {
      const begin = performance.now();
      for (let index = 0; index < 2_000; index++) ring.find(presented, rules);
      return performance.now() - begin;
    };
    // The least of many: what the machine does besides only ever adds.
    const least = (rules: typeof one, presented: string) => Math.min(...Array.from({ length: 15 }, () => measure(rules, presented)));
    const reference = least(one, KEY);
    for (const other of [least(one, miss), least(many, KEY), least(many, miss)]) expect(other).toBeLessThan(reference * 3);
  });
});
