import { signatureV4, signingKey } from './signature-v4.js';

/** Of AWS' published test suite. */
const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', sessionToken: undefined };
const SCOPE = { region: 'us-east-1', service: 'service', at: new Date('2015-08-30T12:36:00Z') };
const NOTHING = Buffer.alloc(0);
const TOKEN =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/' +
  'kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64' +
  'lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';

function signature(headers: Readonly<Record<string, string>>): string | undefined {
  return /SignedHeaders=([^,]+), Signature=(\w+)$/
    .exec(headers['authorization'] ?? '')
    ?.slice(1)
    .join(' ');
}

it('signs as AWS published: a GET, a POST, a POST with a body, and one with a session token', () => {
  const url = new URL('https://example.amazonaws.com/');
  const plain = { url, headers: {}, body: NOTHING };
  expect(signatureV4({ ...plain, method: 'GET' }, CREDENTIALS, SCOPE)).toEqual({
    'x-amz-date': '20150830T123600Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, ' +
      'Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  });
  expect(signature(signatureV4({ ...plain, method: 'POST' }, CREDENTIALS, SCOPE))).toBe(
    'host;x-amz-date 5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  );
  const form = { url, method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: Buffer.from('Param1=value1') };
  expect(signature(signatureV4(form, CREDENTIALS, SCOPE))).toBe(
    'content-type;host;x-amz-date ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  );
  const session = { ...CREDENTIALS, sessionToken: TOKEN };
  expect(signature(signatureV4({ ...plain, method: 'POST' }, session, SCOPE))).toBe(
    'host;x-amz-date;x-amz-security-token 85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
  );
});

it('derives the key that AWS published', () => {
  expect(signingKey(CREDENTIALS.secretAccessKey, '20150830', 'us-east-1', 'iam').toString('hex')).toBe(
    'c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9',
  );
});

it('encodes once more what is encoded in the path', () => {
  // The example's path is "/example space/" before it is encoded for the signature.
  const spaced = { method: 'GET', headers: {}, body: NOTHING, url: { host: 'example.amazonaws.com', pathname: '/example space/' } as URL };
  expect(signature(signatureV4(spaced, CREDENTIALS, SCOPE))).toBe('host;x-amz-date 652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741');
});

it('signs every x-amz header, and none that a proxy may change', () => {
  const request = { method: 'POST', url: new URL('http://127.0.0.1:4567/model/a%3A0/converse'), body: NOTHING };
  const headers = { accept: 'application/json', traceparent: '00-1', 'x-amz-meta': '  a   b ', 'content-type': 'application/json' };
  expect(signature(signatureV4({ ...request, headers }, CREDENTIALS, SCOPE))).toMatch(/^content-type;host;x-amz-date;x-amz-meta /);
  const changed = { ...headers, accept: '*/*', traceparent: '00-2' };
  expect(signatureV4({ ...request, headers: changed }, CREDENTIALS, SCOPE)).toEqual(signatureV4({ ...request, headers }, CREDENTIALS, SCOPE));
});
