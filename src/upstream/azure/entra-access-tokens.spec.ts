import { HandClock } from '../../../test/doubles/hand-clock.js';
import type { EntraToken } from './entra-token.js';
import { EntraAccessTokens } from './entra-access-tokens.js';

const credentials = { tenantId: 't', clientId: 'c', clientSecret: 's', scope: 'https://a/.default', authority: 'https://b' };
const HOUR_MS = 3_600_000;

class Entra {
  asked = 0;
  next: () => Promise<EntraToken> = () => Promise.resolve({ token: `t${this.asked}`, lifetimeMs: HOUR_MS });

  readonly fetch = (): Promise<EntraToken> => {
    this.asked += 1;
    return this.next();
  };
}

function tokensOf(entra: Entra): { readonly tokens: EntraAccessTokens; readonly clock: HandClock } {
  const clock = new HandClock();
  return { tokens: new EntraAccessTokens(credentials, entra.fetch, clock), clock };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("Entra's tokens", () => {
  it('are asked for with the first call, once for all that wait, and then given at once', async () => {
    const entra = new Entra();
    const { tokens, clock } = tokensOf(entra);
    expect(entra.asked).toBe(0);
    expect(await Promise.all([tokens.authorization(), tokens.authorization()])).toEqual(['Bearer t1', 'Bearer t1']);
    clock.advance(HOUR_MS - 300_001);
    expect(tokens.authorization()).toBe('Bearer t1');
    expect(entra.asked).toBe(1);
  });

  it('are renewed in their last five minutes, while calls go on with the old one', async () => {
    const entra = new Entra();
    const { tokens, clock } = tokensOf(entra);
    await tokens.authorization();
    clock.advance(HOUR_MS - 300_000);
    expect([tokens.authorization(), tokens.authorization()]).toEqual(['Bearer t1', 'Bearer t1']);
    await settled();
    expect(tokens.authorization()).toBe('Bearer t2');
    expect(entra.asked).toBe(2);
  });

  it('that cannot be renewed are used to their end, and asked for again every ten seconds', async () => {
    const entra = new Entra();
    const { tokens, clock } = tokensOf(entra);
    await tokens.authorization();
    entra.next = () => Promise.reject(new Error('down'));
    clock.advance(HOUR_MS - 300_000);
    expect(tokens.authorization()).toBe('Bearer t1');
    await settled();
    expect(tokens.authorization()).toBe('Bearer t1');
    await settled();
    expect(entra.asked).toBe(2);
    clock.advance(10_000);
    expect(tokens.authorization()).toBe('Bearer t1');
    await settled();
    expect(entra.asked).toBe(3);
    clock.advance(290_000);
    await expect(tokens.authorization()).rejects.toThrow('down');
    entra.next = () => Promise.resolve({ token: 'new', lifetimeMs: HOUR_MS });
    expect(await tokens.authorization()).toBe('Bearer new');
  });

  it('of a short life are kept for half of it', async () => {
    const entra = new Entra();
    entra.next = () => Promise.resolve({ token: `t${entra.asked}`, lifetimeMs: 60_000 });
    const { tokens, clock } = tokensOf(entra);
    await tokens.authorization();
    clock.advance(29_999);
    expect(tokens.authorization()).toBe('Bearer t1');
    await settled();
    expect(entra.asked).toBe(1);
  });
});
