import { requestHead, requestStart } from './request-head.js';

const start = requestStart('/v1/chat/completions', 'example.com:8080');
const head = (headers: Record<string, string>, keepsAlive = true): string => requestHead({ start, headers, body: Buffer.from('{}') }, keepsAlive);

it('names the host, frames the body, and asks for no compression', () => {
  expect(head({ authorization: 'Bearer k', 'x-odd': 'a\tb\xe9' })).toBe(
    'POST /v1/chat/completions HTTP/1.1\r\nhost: example.com:8080\r\naccept-encoding: identity\r\nauthorization: Bearer k\r\nx-odd: a\tb\xe9\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\n',
  );
  expect(head({}, false)).toContain('\r\nconnection: close\r\n');
});

it('what frames the message, or belongs to the connection, is ours alone', () => {
  const theirs = {
    host: 'elsewhere',
    'content-length': '9',
    'transfer-encoding': 'chunked',
    connection: 'upgrade',
    upgrade: 'h2c',
    expect: '100-continue',
  };
  expect(head({ ...theirs, te: 'trailers', 'accept-encoding': 'gzip' })).toBe(head({}));
});

it.each([
  ['a line break', { user: 'a\r\nx-injected: 1' }],
  ['a zero byte', { user: 'a\0' }],
  ['what latin1 has not', { user: '\u{1f600}' }],
  ['a name with a blank', { 'us er': 'a' }],
  ['a name with a line break', { 'user:\r\nx': 'a' }],
  ['no name', { '': 'a' }],
])('%s in a header is sent to nobody', (_what, headers: Record<string, string>) => {
  expect(() => head(headers)).toThrow('cannot be sent');
});

it.each(['/v1/a b', '/v1/\r\nx: 1', 'v1', '/v1/\u{1f600}'])('the path %j is sent to nobody', (path) => {
  expect(() => requestStart(path, 'example.com')).toThrow('cannot be sent');
});
