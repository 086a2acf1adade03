import { readCredential } from './credentials.js';

const read = (...headers: string[]) => readCredential(headers);

describe('readCredential', () => {
  it.each([
    ['Authorization', 'Bearer k'],
    ['authorization', 'bearer k'],
    ['AUTHORIZATION', 'BEARER k'],
  ])('takes a bearer, scheme and name in any case: %s: %s', (name, value) => {
    expect(read('Host', 'x', name, value)).toEqual({ value: 'k', isBearer: true });
  });

  it.each(['X-API-Key', 'x-api-key', 'api-key', 'Api-Key'])('takes the whole value of %s', (name) => {
    expect(read(name, 'k')).toEqual({ value: 'k', isBearer: false });
  });

  it.each([
    ['nothing', []],
    ['another scheme alone', ['Authorization', 'Basic azo=']],
    ['a bare value', ['Authorization', 'k']],
    ['a scheme alone', ['Authorization', 'Bearer']],
    ['a scheme and a blank', ['Authorization', 'Bearer ']],
    ['an empty authorization', ['Authorization', '']],
    ['an empty key', ['X-API-Key', '']],
    ['a tab after the scheme', ['Authorization', 'Bearer\tk']],
    ['no blank after the scheme', ['Authorization', 'Bearer,k']],
    ['a longer scheme', ['Authorization', 'BearerX k']],
    [
      'cookie, query and look-alike headers',
      ['Cookie', 'api-key=k', 'x_api_key', 'k', 'X-Api-Keys', 'k', 'Proxy-Authorization', 'Bearer k', 'X-Original-Authorization', 'Bearer k'],
    ],
  ])('finds none in %s', (_name, headers) => {
    expect(readCredential(headers)).toBeUndefined();
  });

  it.each([
    ['Bearer  k', ' k'],
    ['Bearer k,', 'k,'],
    ['Bearer "k"', '"k"'],
    ['Bearer k, k2', 'k, k2'],
    ['Bearer k\t', 'k\t'],
    ['Bearer Bearer k', 'Bearer k'],
  ])('mends nothing: %j', (value, taken) => {
    expect(read('Authorization', value)).toEqual({ value: taken, isBearer: true });
  });

  it.each([
    ['two bearers', ['Authorization', 'Bearer a', 'Authorization', 'Bearer b']],
    ['two bearers, the good one last', ['Authorization', 'Bearer b', 'authorization', 'Bearer a']],
    ['a bearer and another scheme in two headers', ['Authorization', 'Basic a', 'Authorization', 'Bearer a']],
    ['a bearer and another key', ['Authorization', 'Bearer a', 'X-API-Key', 'b']],
    ['two keys in one header name', ['X-API-Key', 'a', 'x-api-key', 'b']],
    ['two keys in two header names', ['X-API-Key', 'a', 'api-key', 'b']],
    ['an empty key beside a bearer', ['Authorization', 'Bearer a', 'api-key', '']],
    ['an empty bearer beside a key', ['Authorization', 'Bearer ', 'api-key', 'a']],
    ['a broken bearer beside a key', ['Authorization', 'Bearer\ta', 'api-key', 'a']],
    ['values that differ in case', ['X-API-Key', 'a', 'api-key', 'A']],
  ])('refuses %s: never the first one wins', (_name, headers) => {
    expect(readCredential(headers)).toBeUndefined();
  });

  it('takes one value that stands in several headers', () => {
    expect(read('Authorization', 'Bearer a', 'X-API-Key', 'a', 'api-key', 'a', 'Authorization', 'Bearer a')).toEqual({ value: 'a', isBearer: true });
  });

  it('ignores another scheme beside a key', () => {
    expect(read('Authorization', 'Basic azo=', 'X-API-Key', 'a')).toEqual({ value: 'a', isBearer: false });
  });
});
