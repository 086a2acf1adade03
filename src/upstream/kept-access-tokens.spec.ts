import { HandClock } from '../../test/doubles/hand-clock.js';
import type { GivenToken } from './given-token.js';
import { KeptAccessTokens } from './kept-access-tokens.js';

const HOUR_MS = 3_600_000;

class Issuer {
  asked = 0;
  next: () => Promise<GivenToken> = () => Promise.resolve({ token: `t${this.asked}`, lifetimeMs: HOUR_MS });

  readonly fetch = (): Promise<GivenToken> => {
    this.asked += 1;
    return this.next();
  };
}

function tokensOf(issuer: Issuer): { readonly tokens: KeptAccessTokens; readonly clock: HandClock } {
  const clock = new HandClock();
  return { tokens: new KeptAccessTokens(issuer.fetch, clock), clock };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('kept tokens', () => {
  it('are asked for with the first call, once for all that wait, and then given at once', async () => {
    const issuer = new Issuer();
    const { tokens, clock } = tokensOf(issuer);
    expect(issuer.asked).toBe(0);
    expect(await Promise.all([tokens.authorization(), tokens.authorization()])).toEqual(['Bearer t1', 'Bearer t1']);
    clock.advance(HOUR_MS - 300_001);
    expect(tokens.authorization()).toBe('Bearer t1');
    expect(issuer.asked).toBe(1);
  });

  it('are renewed in their last five minutes, while calls go on with the old one', async () => {
    const issuer = new Issuer();
    const { tokens, clock } = tokensOf(issuer);
    await tokens.authorization();
    clock.advance(HOUR_MS - 300_000);
    expect([tokens.authorization(), tokens.authorization()]).toEqual(['Bearer t1', 'Bearer t1']);
    await settled();
    expect(tokens.authorization()).toBe('Bearer t2');
    expect(issuer.asked).toBe(2);
  });

  it('that cannot be renewed are used to their end, and asked for again every ten seconds', async () => {
    const issuer = new Issuer();
    const { tokens, clock } = tokensOf(issuer);
    await tokens.authorization();
    issuer.next = () => Promise.reject(new Error('down'));
    clock.advance(HOUR_MS - 300_000);
    expect(tokens.authorization()).toBe('Bearer t1');
    await settled();
    expect(tokens.authorization()).toBe('Bearer t1');
    await settled();
    expect(issuer.asked).toBe(2);
    clock.advance(10_000);
    expect(tokens.authorization()).toBe('Bearer t1');
    await settled();
    expect(issuer.asked).toBe(3);
    clock.advance(290_000);
    await expect(tokens.authorization()).rejects.toThrow('down');
    issuer.next = () => Promise.resolve({ token: 'new', lifetimeMs: HOUR_MS });
    expect(await tokens.authorization()).toBe('Bearer new');
  });

  it('of a short life are kept for half of it', async () => {
    const issuer = new Issuer();
    issuer.next = () => Promise.resolve({ token: `t${issuer.asked}`, lifetimeMs: 60_000 });
    const { tokens, clock } = tokensOf(issuer);
    await tokens.authorization();
    clock.advance(29_999);
    expect(tokens.authorization()).toBe('Bearer t1');
    await settled();
    expect(issuer.asked).toBe(1);
  });
});
