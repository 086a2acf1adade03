import type { RequestListener } from 'node:http';
import { KeySetServer } from '../../../test/doubles/key-set-server.js';
import { fetchEntraToken } from './fetch-entra-token.js';

const TIMEOUT_MS = 300;
const SECRET = 'S3cr3t~value+/=';

describe('fetchEntraToken', () => {
  const entra = new KeySetServer();
  const canary = new KeySetServer();
  const credentials = (): Parameters<typeof fetchEntraToken>[0] => ({
    tenantId: 'my tenant',
    clientId: 'app',
    clientSecret: SECRET,
    scope: 'https://cognitiveservices.azure.com/.default',
    authority: `http://127.0.0.1:${entra.port}/`,
  });
  const fetchIt = (): ReturnType<typeof fetchEntraToken> => fetchEntraToken(credentials(), TIMEOUT_MS);
  const answer =
    (status: number, body: object | string, headers: Record<string, string> = {}): RequestListener =>
    (_request, response) =>
      void response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));

  beforeAll(() => Promise.all([entra.start(), canary.start()]));
  afterAll(() => Promise.all([entra.stop(), canary.stop()]));

  it('shows the credentials to Entra and brings the token with its lifetime', async () => {
    let seen: object = {};
    entra.answer = (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { method, url, headers } = request;
        seen = { method, url, encoding: headers['accept-encoding'], form: Object.fromEntries(new URLSearchParams(body)) };
        response.end(JSON.stringify({ token_type: 'Bearer', expires_in: 3_599, access_token: 'ey.J.t' }));
      });
    };
    await expect(fetchIt()).resolves.toEqual({ token: 'ey.J.t', lifetimeMs: 3_599_000 });
    expect(seen).toEqual({
      method: 'POST',
      url: '/my%20tenant/oauth2/v2.0/token',
      encoding: 'identity',
      form: {
        grant_type: 'client_credentials',
        client_id: 'app',
        client_secret: SECRET,
        scope: 'https://cognitiveservices.azure.com/.default',
      },
    });
  });

  it.each([301, 302, 307, 308])('follows no redirect: %d', async (status) => {
    canary.hits = 0;
    entra.answer = answer(status, '', { location: canary.url });
    await expect(fetchIt()).rejects.toThrow(new Error(`Entra gave no access token: status ${status}`));
    expect(canary.hits).toBe(0);
  });

  it('says why there is none by a word and a number, without what was sent or who asked', async () => {
    entra.answer = answer(401, { error: 'invalid_client', error_description: `AADSTS7000215: Invalid client secret ${SECRET} for app 'app'.` });
    const error: unknown = await fetchIt().catch((refused: unknown) => refused);
    expect(error).toEqual(new Error('Entra gave no access token: status 401, invalid_client, AADSTS7000215'));
    expect(Object.keys(error as object)).toEqual([]);
    expect((error as Error).cause).toBeUndefined();
  });

  it.each([
    ['no JSON', '<html>'],
    ['no token', '{"expires_in":3600}'],
    ['a token that is no header', '{"access_token":"a\\r\\nb","expires_in":3600}'],
  ])('takes no answer with %s', async (_name, body) => {
    entra.answer = answer(200, body);
    await expect(fetchIt()).rejects.toThrow(new Error('Entra gave no access token: status 200'));
  });

  it('waits so long and no longer, however the bytes drip', async () => {
    let timer: NodeJS.Timeout | undefined;
    entra.answer = (_request, response) => {
      response.writeHead(200);
      timer = setInterval(() => response.write(' '), 50);
    };
    try {
      await expect(fetchIt()).rejects.toThrow(new Error('Entra gave no access token: no answer in time'));
    } finally {
      clearInterval(timer);
    }
  });

  it('takes no long answer, and says when nobody answers', async () => {
    entra.answer = answer(200, 'x'.repeat(70_000));
    await expect(fetchIt()).rejects.toThrow(new Error('Entra gave no access token: no usable answer'));
    const nobody = { ...credentials(), authority: 'http://127.0.0.1:1' };
    await expect(fetchEntraToken(nobody, TIMEOUT_MS)).rejects.toThrow(new Error('Entra gave no access token: ECONNREFUSED'));
  });
});
