import { GoogleAccessTokens, type GoogleLibrary } from './google-access-tokens.js';

class Library {
  loads = 0;
  asked = 0;
  readonly options: object[] = [];
  next: () => Promise<string | null> = () => Promise.resolve('t');

  readonly load = (): Promise<GoogleLibrary> => {
    this.loads += 1;
    const took = (options: object): number => this.options.push(options);
    const getAccessToken = (): Promise<string | null> => {
      this.asked += 1;
      return this.next();
    };
    class GoogleAuth {
      readonly getAccessToken = getAccessToken;

      constructor(options: object) {
        took(options);
      }
    }
    return Promise.resolve({ GoogleAuth });
  };
}

const scopes = ['https://www.googleapis.com/auth/cloud-platform'];

describe("Google's tokens", () => {
  it('load the library with the first call, and once', async () => {
    const library = new Library();
    const tokens = new GoogleAccessTokens(undefined, library.load);
    expect(library.loads).toBe(0);
    expect(await tokens.authorization()).toBe('Bearer t');
    expect(await tokens.authorization()).toBe('Bearer t');
    expect([library.loads, library.asked]).toEqual([1, 2]);
  });

  it('are asked for once by calls at the same time', async () => {
    const library = new Library();
    const tokens = new GoogleAccessTokens(undefined, library.load);
    await Promise.all([tokens.authorization(), tokens.authorization(), tokens.authorization()]);
    expect(library.asked).toBe(1);
  });

  it.each([
    [undefined, { scopes }],
    ['  ', { scopes }],
    ['/etc/key.json', { scopes, keyFilename: '/etc/key.json' }],
    [' {"type":"service_account"}', { scopes, credentials: { type: 'service_account' } }],
  ])('come out of %j', async (credentials, options) => {
    const library = new Library();
    await new GoogleAccessTokens(credentials, library.load).authorization();
    expect(library.options).toEqual([options]);
  });

  it('that were refused are asked for anew by the next call', async () => {
    const library = new Library();
    const tokens = new GoogleAccessTokens(undefined, library.load);
    library.next = () => Promise.reject(new Error('invalid_grant'));
    await expect(tokens.authorization()).rejects.toThrow('Google gave no access token: invalid_grant');
    library.next = () => Promise.resolve(null);
    await expect(tokens.authorization()).rejects.toThrow('Google gave no access token.');
    library.next = () => Promise.resolve('t2');
    expect(await tokens.authorization()).toBe('Bearer t2');
  });

  it('that cannot be had say why, and nothing of what is secret', async () => {
    const library = new Library();
    library.next = () => Promise.reject(Object.assign(new Error(`bad ${'A1b2'.repeat(40)}`), { config: { data: 'assertion' } }));
    const refused = await new GoogleAccessTokens(undefined, library.load).authorization().catch((error: unknown) => error);
    expect(JSON.stringify(Object.assign({}, refused, { text: String(refused) }))).not.toMatch(/A1b2|assertion/);
    const broken = await new GoogleAccessTokens('{"private_key": "SECRET', library.load).authorization().catch(String);
    expect(broken).not.toContain('SECRET');
    const missing = new GoogleAccessTokens(undefined, () => Promise.reject(new Error('Cannot find package')));
    await expect(missing.authorization()).rejects.toThrow('Cannot find package');
  });
});
