import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeySetServer } from '../../../test/doubles/key-set-server.js';
import { FixedCredentials } from './fixed-credentials.js';
import { type RoleBearer, RoleCredentials } from './role-credentials.js';
import { signatureV4 } from './signature-v4.js';
import type { StsRole } from './sts-role.js';

const OWN = { accessKeyId: 'AKIDOWN', secretAccessKey: 'own/secret+KEY', sessionToken: undefined };
const ARN = 'arn:aws:iam::123456789012:role/team/my-role';
const START = Date.UTC(2026, 10, 25, 10);

interface Asked {
  readonly form: Readonly<Record<string, string>>;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

/** AWS' Security Token Service, as much of it as is asked. */
class Sts {
  readonly server = new KeySetServer();
  readonly asked: Asked[] = [];
  refusal: { status: number; code: string } | undefined;
  caller = 'arn:aws:sts::123456789012:assumed-role/other/i-1';

  constructor() {
    this.server.answer = (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const form = Object.fromEntries(new URLSearchParams(body));
        this.asked.push({ form, body, headers: request.headers });
        if (form['Action'] === 'GetCallerIdentity')
          return void response.end(`<R><GetCallerIdentityResult><Arn>${this.caller}</Arn></GetCallerIdentityResult></R>`);
        if (this.refusal !== undefined)
          return void response
            .writeHead(this.refusal.status)
            .end(`<E><Error><Code>${this.refusal.code}</Code><Message>account 1</Message></Error></E>`);
        const until = new Date(START + this.asked.length * 3_600_000).toISOString();
        const given = `<AccessKeyId>ASIA${this.asked.length}</AccessKeyId><SecretAccessKey>s/+=</SecretAccessKey><SessionToken>a&amp;b</SessionToken>`;
        response.end(`<R><AssumeRoleResult><Credentials>${given}<Expiration>${until}</Expiration></Credentials></AssumeRoleResult></R>`);
      });
    };
  }
}

describe('credentials of a role', () => {
  const sts = new Sts();
  let now = START;
  const role = (part: Partial<StsRole> = {}): StsRole => ({
    arn: ARN,
    sessionName: 'me',
    externalId: undefined,
    address: `http://127.0.0.1:${sts.server.port}`,
    region: 'eu-west-1',
    ...part,
  });
  const credentials = (bearer: RoleBearer = { source: new FixedCredentials(OWN) }, part: Partial<StsRole> = {}): RoleCredentials =>
    new RoleCredentials(role(part), bearer, () => now);

  beforeAll(() => sts.server.start());
  afterAll(() => sts.server.stop());
  beforeEach(() => {
    now = START;
    sts.asked.length = 0;
    sts.refusal = undefined;
  });

  it('are asked for once, with a signature of who asks, and kept until five minutes before their end', async () => {
    const kept = credentials(undefined, { externalId: 'x-1' });
    const [first, second] = await Promise.all([kept.credentials(), kept.credentials()]);
    expect(first).toEqual({ accessKeyId: 'ASIA1', secretAccessKey: 's/+=', sessionToken: 'a&b' });
    expect(second).toBe(first);
    const [{ form, body, headers } = {} as Asked] = sts.asked;
    expect(form).toEqual({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: ARN,
      RoleSessionName: 'me',
      DurationSeconds: '3600',
      ExternalId: 'x-1',
    });
    const unsigned = {
      method: 'POST',
      url: new URL(role().address),
      headers: { 'content-type': String(headers['content-type']) },
      body: Buffer.from(body),
    };
    expect(headers).toMatchObject(signatureV4(unsigned, OWN, { region: 'eu-west-1', service: 'sts', at: new Date(START) }));
    now = START + 55 * 60_000 - 1;
    expect(kept.credentials()).toBe(first);
    now += 1;
    expect(await kept.credentials()).toMatchObject({ accessKeyId: 'ASIA2' });
    expect(sts.asked).toHaveLength(2);
  });

  it('are got for a token of somebody else, without a signature; out of a file, for what it holds at the time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nexus-role-'));
    try {
      const tokenFile = join(folder, 'token');
      writeFileSync(tokenFile, 'ey.first\n');
      const kept = credentials({ tokenFile });
      await kept.credentials();
      writeFileSync(tokenFile, 'ey.second\n');
      now += 3_600_000;
      await kept.credentials();
      await credentials({ token: 'ey.text' }).credentials();
      expect(sts.asked.map(({ form }) => [form['Action'], form['WebIdentityToken']])).toEqual([
        ['AssumeRoleWithWebIdentity', 'ey.first'],
        ['AssumeRoleWithWebIdentity', 'ey.second'],
        ['AssumeRoleWithWebIdentity', 'ey.text'],
      ]);
      expect(sts.asked.every(({ headers }) => headers.authorization === undefined)).toBe(true);
      await expect(credentials({ tokenFile: join(folder, 'none') }).credentials()).rejects.toThrow(/cannot be read$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('that are refused are refused by a code alone, and asked for again', async () => {
    sts.refusal = { status: 403, code: 'ExpiredToken' };
    const kept = credentials();
    await expect(kept.credentials()).rejects.toThrow(new Error('AWS gave no credentials: AssumeRole was refused: status 403, ExpiredToken'));
    sts.refusal = undefined;
    expect(await kept.credentials()).toMatchObject({ accessKeyId: 'ASIA2' });
  });

  it.each([
    ['arn:aws:sts::123456789012:assumed-role/my-role/i-1', true],
    ['arn:aws:sts::123456789012:assumed-role/other/i-1', false],
    ['arn:aws:sts::999999999999:assumed-role/my-role/i-1', false],
    ['arn:aws:iam::123456789012:user/my-role', false],
  ])('of who has the role already (%s: %s) are his own', async (caller, has) => {
    sts.refusal = { status: 403, code: 'AccessDenied' };
    sts.caller = caller;
    const asked = credentials().credentials();
    if (has) expect(await asked).toEqual(OWN);
    else await expect(asked).rejects.toThrow('AssumeRole was refused: status 403, AccessDenied');
  });

  it('are not what an answer without them says, and nobody answers for long', async () => {
    const before = sts.server.answer;
    sts.server.answer = (_request, response) => void response.end('<html>');
    await expect(credentials().credentials()).rejects.toThrow('AWS gave no credentials: the answer holds no credentials');
    sts.server.answer = before;
    await expect(credentials(undefined, { address: 'http://127.0.0.1:1' }).credentials()).rejects.toThrow('AWS gave no credentials: ECONNREFUSED');
  });
});
