import { AwsRequestSigner } from './aws-request-signer.js';
import { FixedCredentials } from './fixed-credentials.js';
import { type AwsCredentialLibrary, ProvidedCredentials } from './provided-credentials.js';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const BODY = Buffer.from('{}');
const ADDRESS = 'https://bedrock-runtime.us-west-2.amazonaws.com/model/a%3A0/converse';

describe('credentials of the settings', () => {
  it('sign at once, for the region and the hour, with the session token, and keep the headers', () => {
    const source = new FixedCredentials({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET, sessionToken: 'token' });
    let now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
    const signer = new AwsRequestSigner(source, 'us-west-2', () => now);
    const first = signer.sign(ADDRESS, { accept: 'a', 'content-type': 'application/json' }, BODY);
    expect(first).toEqual({
      accept: 'a',
      'content-type': 'application/json',
      'x-amz-date': '20260102T030405Z',
      'x-amz-security-token': 'token',
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20260102\/us-west-2\/bedrock\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
      ),
    });
    now += 1_000;
    expect(signer.sign(ADDRESS, { 'content-type': 'application/json' }, BODY)).not.toMatchObject(first);
    now += 86_400_000;
    const fresh = new AwsRequestSigner(source, 'us-west-2', () => now);
    expect(signer.sign(ADDRESS, {}, BODY)).toEqual(fresh.sign(ADDRESS, {}, BODY));
  });
});

describe('credentials that are given for a while', () => {
  class Library implements AwsCredentialLibrary {
    asked: object[] = [];
    calls = 0;
    fails = false;
    expiration: Date | undefined = new Date(3_600_000);

    defaultProvider(options: object): () => Promise<{ accessKeyId: string; secretAccessKey: string; expiration?: Date }> {
      this.asked.push(options);
      return async () => {
        this.calls += 1;
        if (this.fails) throw new Error(`Could not load ${SECRET}`);
        const end = this.expiration === undefined ? {} : { expiration: this.expiration };
        return { accessKeyId: `id-${this.calls}`, secretAccessKey: SECRET, ...end };
      };
    }
  }

  it('are loaded with the first call, asked for once by calls at the same time, and kept until five minutes before their end', async () => {
    const library = new Library();
    let loads = 0;
    let now = 0;
    const source = new ProvidedCredentials(
      'mine',
      () => now,
      async () => {
        loads += 1;
        return library;
      },
    );
    expect(loads).toBe(0);
    const [first, second] = await Promise.all([source.credentials(), source.credentials()]);
    expect(first).toEqual({ accessKeyId: 'id-1', secretAccessKey: SECRET, sessionToken: undefined });
    expect(second).toBe(first);
    now = 3_600_000 - 300_001;
    expect(source.credentials()).toBe(first);
    now += 1;
    library.expiration = undefined;
    expect(await source.credentials()).toMatchObject({ accessKeyId: 'id-2' });
    expect(source.credentials()).toMatchObject({ accessKeyId: 'id-2' });
    now += 300_000;
    expect(source.credentials()).toBeInstanceOf(Promise);
    expect([loads, library.asked]).toEqual([1, [{ profile: 'mine' }]]);
  });

  it('that cannot be had are told without a secret, and asked for anew', async () => {
    const library = new Library();
    library.fails = true;
    const source = new ProvidedCredentials(
      undefined,
      () => 0,
      () => Promise.resolve(library),
    );
    const signer = new AwsRequestSigner(source, 'us-west-2', () => 0);
    await expect(signer.sign(ADDRESS, {}, BODY)).rejects.toThrow('AWS gave no credentials: Could not load …');
    library.fails = false;
    expect(await signer.sign(ADDRESS, {}, BODY)).toMatchObject({ authorization: expect.stringContaining('Credential=id-2/') });
    expect(library.asked).toEqual([{}]);
  });
});
