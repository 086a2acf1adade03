import type { Principal } from '../contracts/principal.js';
import { type VerifiedToken, VerifiedTokens } from './verified-tokens.js';

const principal: Principal = { kind: 'subject', id: '0'.repeat(32), allowedModels: undefined, rateLimitPerMinute: 60 };
const token = (more: Partial<VerifiedToken> = {}): VerifiedToken => ({ principal, notBefore: 0, expiresAt: 1_000, keys: undefined, ...more });

describe('VerifiedTokens', () => {
  it('never holds more than it may, and forgets the one unused for longest', () => {
    const tokens = new VerifiedTokens(3);
    for (const digest of ['a', 'b', 'c']) tokens.put(digest, token());
    tokens.get('a', 1);
    for (let index = 0; index < 2; index++) tokens.put(`new-${index}`, token());
    expect(tokens.count).toBe(3);
    expect(['a', 'b', 'c', 'new-0', 'new-1'].map((digest) => tokens.get(digest, 1) !== undefined)).toEqual([true, false, false, true, true]);
    for (let index = 0; index < 10_000; index++) tokens.put(`flood-${index}`, token());
    expect(tokens.count).toBe(3);
  });

  it('puts a token again in the place of the old one', () => {
    const tokens = new VerifiedTokens(2);
    tokens.put('a', token());
    tokens.put('a', token({ expiresAt: 5 }));
    expect(tokens.count).toBe(1);
    expect(tokens.get('a', 5)).toBeUndefined();
  });

  it('forgets a token when its time is over, or not yet come', () => {
    const tokens = new VerifiedTokens(2);
    tokens.put('late', token({ expiresAt: 10 }));
    tokens.put('early', token({ notBefore: 10 }));
    expect(tokens.get('late', 9.999)).toBeDefined();
    expect(tokens.get('late', 10)).toBeUndefined();
    expect(tokens.get('early', 9.999)).toBeUndefined();
    expect(tokens.count).toBe(0);
  });
});
