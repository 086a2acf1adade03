import { KeySetServer } from '../../../test/doubles/key-set-server.js';
import { fetchIamToken } from './fetch-iam-token.js';

const KEY = 'S3cr3t~key+/=';

describe('fetchIamToken', () => {
  const iam = new KeySetServer();
  const fetchIt = (): ReturnType<typeof fetchIamToken> => fetchIamToken(`http://127.0.0.1:${iam.port}/identity/token`, KEY, 2_000);
  const answer = (status: number, body: string): void => {
    iam.answer = (_request, response) => void response.writeHead(status).end(body);
  };

  beforeAll(() => iam.start());
  afterAll(() => iam.stop());

  it('shows the key and brings the token with its lifetime', async () => {
    let seen: object = {};
    iam.answer = (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        seen = { method: request.method, url: request.url, form: Object.fromEntries(new URLSearchParams(body)) };
        response.end('{"access_token":"ey.J.t","refresh_token":"not_supported","token_type":"Bearer","expires_in":3600,"expiration":1}');
      });
    };
    await expect(fetchIt()).resolves.toEqual({ token: 'ey.J.t', lifetimeMs: 3_600_000 });
    expect(seen).toEqual({
      method: 'POST',
      url: '/identity/token',
      form: { grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: KEY },
    });
  });

  it('says why there is none by a number, without what was sent', async () => {
    answer(400, JSON.stringify({ errorCode: 'BXNIM0415E', errorMessage: `Provided API key ${KEY} could not be found.` }));
    const error: unknown = await fetchIt().catch((refused: unknown) => refused);
    expect(error).toEqual(new Error('IBM gave no access token: status 400, BXNIM0415E'));
    expect((error as Error).cause).toBeUndefined();
  });

  it.each(['<html>', '{"expires_in":3600}', '{"access_token":"a\\r\\nb"}'])('takes no answer like %s', async (body) => {
    answer(200, body);
    await expect(fetchIt()).rejects.toThrow(new Error('IBM gave no access token: status 200'));
  });

  it('says when nobody answers', async () => {
    await expect(fetchIamToken('http://127.0.0.1:1/', KEY, 2_000)).rejects.toThrow(new Error('IBM gave no access token: ECONNREFUSED'));
  });
});
