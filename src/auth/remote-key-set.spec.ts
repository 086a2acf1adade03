import { generateKeyPairSync } from 'node:crypto';
import { HandClock } from '../../test/doubles/hand-clock.js';
import { KeySet } from './key-set.js';
import { RemoteKeySet } from './remote-key-set.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const jwk = (kid: string) => ({ ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }), kid });
const text = (...kids: string[]) => JSON.stringify({ keys: kids.map(jwk) });

class Issuer {
  fetches = 0;
  answer: () => Promise<string>;
  readonly clock = new HandClock();
  readonly news: string[] = [];
  readonly keys: RemoteKeySet;

  constructor(first: string) {
    this.answer = () => Promise.resolve(first);
    this.keys = new RemoteKeySet(
      () => {
        this.fetches += 1;
        return this.answer();
      },
      this.clock,
      (line) => this.news.push(line),
    );
  }

  serves(next: string): void {
    this.answer = () => Promise.resolve(next);
  }

  goesAway(): void {
    this.answer = () => Promise.reject(new Error('ECONNREFUSED'));
  }

  async hold(): Promise<KeySet> {
    const keys = await this.keys.current();
    if (keys === undefined) throw new Error('no keys');
    return keys;
  }
}

/** Lets what is under way in the background end. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('RemoteKeySet', () => {
  it('fetches once for all who wait', async () => {
    const issuer = new Issuer(text('a'));
    const held = await Promise.all(Array.from({ length: 500 }, () => issuer.hold()));
    expect(new Set(held).size).toBe(1);
    expect(issuer.fetches).toBe(1);
  });

  it('answers at once while keys are known, and asks again in the background after four minutes', async () => {
    const issuer = new Issuer(text('a'));
    const first = await issuer.hold();
    issuer.clock.advance(4 * MINUTE - 1);
    expect(issuer.keys.current()).toBe(first);
    expect(issuer.fetches).toBe(1);
    issuer.clock.advance(1);
    issuer.serves(text('b'));
    expect(issuer.keys.current()).toBe(first);
    await settled();
    expect(issuer.fetches).toBe(2);
    expect(issuer.keys.current()).not.toBe(first);
  });

  it('waits for new keys when nobody asked for five minutes: a withdrawn key is good no longer', async () => {
    const issuer = new Issuer(text('a'));
    const first = await issuer.hold();
    issuer.clock.advance(5 * MINUTE);
    issuer.serves(text('b'));
    const next = issuer.keys.current();
    expect(next).toBeInstanceOf(Promise);
    expect(await next).not.toBe(first);
  });

  it('keeps the same set while the text is the same', async () => {
    const issuer = new Issuer(text('a'));
    const first = await issuer.hold();
    issuer.clock.advance(5 * MINUTE);
    expect(await issuer.hold()).toBe(first);
    expect(issuer.fetches).toBe(2);
  });

  it('asks for an unknown key at most once in 30 seconds, whoever asks how often', async () => {
    const issuer = new Issuer(text('a'));
    const first = await issuer.hold();
    issuer.clock.advance(29_999);
    await Promise.all(Array.from({ length: 1_000 }, () => issuer.keys.otherThan(first)));
    expect(issuer.fetches).toBe(1);
    issuer.clock.advance(1);
    issuer.serves(text('a', 'b'));
    const found = await Promise.all(Array.from({ length: 1_000 }, () => issuer.keys.otherThan(first)));
    expect(issuer.fetches).toBe(2);
    expect(found.every((keys) => keys !== undefined && keys !== first)).toBe(true);
    const second = await issuer.hold();
    for (let second_ = 0; second_ < 29; second_++) {
      issuer.clock.advance(1_000);
      expect(await issuer.keys.otherThan(second)).toBeUndefined();
    }
    expect(issuer.fetches).toBe(2);
  });

  it('goes on with known keys for 24 hours without the issuer, waiting for it never more than once in five minutes', async () => {
    const issuer = new Issuer(text('a'));
    const first = await issuer.hold();
    issuer.goesAway();
    for (let minute = 1; minute < 24 * 60; minute++) {
      issuer.clock.advance(MINUTE);
      expect(await issuer.keys.current()).toBe(first);
      await settled();
    }
    expect(issuer.fetches).toBeLessThanOrEqual(24 * 60);
    issuer.clock.advance(MINUTE);
    expect(await issuer.keys.current()).toBeUndefined();
    issuer.serves(text('b'));
    issuer.clock.advance(5_000);
    expect(await issuer.keys.current()).toBeDefined();
  });

  it('does not make requests wait while the issuer stays away', async () => {
    const issuer = new Issuer(text('a'));
    const first = await issuer.hold();
    issuer.goesAway();
    issuer.clock.advance(HOUR);
    expect(issuer.keys.current()).toBeInstanceOf(Promise);
    await settled();
    for (let step = 0; step < 20; step++) {
      issuer.clock.advance(30_000);
      expect(issuer.keys.current()).toBe(first);
      await settled();
    }
    expect(issuer.fetches).toBe(22);
  });

  it('has none when none were ever fetched, says so at once, and tries again after five seconds', async () => {
    const issuer = new Issuer('');
    issuer.goesAway();
    expect(await issuer.keys.current()).toBeUndefined();
    for (let index = 0; index < 100; index++) expect(issuer.keys.current()).toBeUndefined();
    expect(issuer.fetches).toBe(1);
    issuer.clock.advance(5_000);
    issuer.serves(text('a'));
    expect(await issuer.keys.current()).toBeDefined();
    expect(issuer.fetches).toBe(2);
  });

  it('survives a fetch that throws before it returns a promise', async () => {
    const issuer = new Issuer('');
    issuer.answer = () => {
      throw new Error('at once');
    };
    expect(await issuer.keys.current()).toBeUndefined();
    issuer.clock.advance(5_000);
    issuer.serves(text('a'));
    expect(await issuer.keys.current()).toBeDefined();
  });

  it.each(['', 'null', '[]', '{}', '{"keys":{}}', '{"keys":[1]}', '<html>', '{"keys":['])('keeps known keys when the answer is %j', async (odd) => {
    const issuer = new Issuer(text('a'));
    const first = await issuer.hold();
    issuer.serves(odd);
    issuer.clock.advance(5 * MINUTE);
    expect(await issuer.hold()).toBe(first);
    expect(issuer.news).toHaveLength(1);
  });

  it('tells once that the issuer went away, and once that it is back', async () => {
    const issuer = new Issuer(text('a'));
    await issuer.hold();
    issuer.goesAway();
    for (let step = 0; step < 5; step++) {
      issuer.clock.advance(5 * MINUTE);
      await issuer.hold();
    }
    issuer.serves(text('a'));
    issuer.clock.advance(5 * MINUTE);
    await issuer.hold();
    expect(issuer.news).toEqual([
      'the keys that verify tokens (GATEWAY_JWT_JWKS_URL) cannot be fetched: ECONNREFUSED; those known go on for 24 hours',
      'the keys that verify tokens (GATEWAY_JWT_JWKS_URL) can be fetched again',
    ]);
  });
});
