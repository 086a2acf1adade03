import { requireJson } from './media-type.js';

const headersOf = (...raw: string[]) => ({
  rawHeaders: raw,
  // As Node shows them: of two the first.
  headers: Object.fromEntries(Array.from({ length: raw.length / 2 }, (_, index) => [raw[2 * index]?.toLowerCase(), raw[2 * index + 1]]).toReversed()),
});
const refused = expect.objectContaining({ code: 'unsupported_media_type', status: 415 });

it.each([
  'application/json',
  'Application/JSON',
  'application/json; charset=utf-8',
  'application/json;charset=UTF-8',
  'application/json; charset="utf-8"',
  'application/json ; charset=utf8',
  'application/json;',
  'application/json; x=y',
  'application/json; odata.metadata=minimal; charset=utf-8; x="a b"',
])('%j is JSON', (type) => expect(() => requireJson(headersOf('Content-Type', type))).not.toThrow());

it.each([
  '',
  'text/plain',
  'application/json garbage',
  'application/jsonx',
  'application/json\t; charset=utf-8',
  'application/json\ta',
  ' application/json',
  'application/json; charset=utf-16',
  'application/json; charset=utf-16; x=y',
  'application/json; x',
  'application/json; x=y z',
  'application/json; charset=utf-8; charset=utf-16',
  'application/json, text/plain',
  'text/json',
  'application/x-ndjson',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
])('%j is not, and what is wanted is told', (type) => {
  expect(() => requireJson(headersOf('Content-Type', type))).toThrow(refused);
  expect(() => requireJson(headersOf('Content-Type', type))).toThrow(/Content-Type: application\/json/);
});

it('none, and two, are refused', () => {
  expect(() => requireJson(headersOf('Host', 'x'))).toThrow(refused);
  expect(() => requireJson(headersOf('Content-Type', 'application/json', 'content-type', 'application/json'))).toThrow(refused);
  expect(() => requireJson(headersOf('Content-Type', 'application/json', 'CONTENT-TYPE', 'text/plain'))).toThrow(refused);
});

it.each(['gzip', 'br', 'deflate', 'zstd', 'identity, gzip', 'gzip, identity', 'x', 'identity gzip'])('a body in %j is not unpacked', (encoding) =>
  expect(() => requireJson(headersOf('Content-Type', 'application/json', 'Content-Encoding', encoding))).toThrow(refused),
);

it.each(['identity', 'Identity', ''])('the encoding %j is none', (encoding) =>
  expect(() => requireJson(headersOf('Content-Type', 'application/json', 'Content-Encoding', encoding))).not.toThrow(),
);
