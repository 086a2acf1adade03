import { settingsFrom } from '../../test/doubles/settings-from.js';
import { modelNotFound, namesFor, resolveModel, resolves } from './model-names.js';

const UPSTREAMS = 'a=mock://local;b=mock://local;both=mock://local';
const ROUTES = JSON.stringify({
  chat: { strategy: 'canary', primary: 'a', canary: 'b', percent: 5 },
  both: { strategy: 'weighted', targets: [{ name: 'b', weight: 1 }] },
});
const settings = settingsFrom({ GATEWAY_UPSTREAMS: UPSTREAMS, GATEWAY_ROUTE_POLICIES: ROUTES });
const withDefault = settingsFrom({ GATEWAY_UPSTREAMS: UPSTREAMS, GATEWAY_ROUTE_POLICIES: ROUTES, GATEWAY_DEFAULT_UPSTREAM: 'a' });
const anybody = { allowedModels: undefined };
const only = (...names: string[]) => ({ allowedModels: new Set(names) });

it('a name means a route before an upstream, an upstream before the default', () => {
  expect(resolveModel('both', withDefault)?.kind).toBe('route');
  expect(resolveModel('b', withDefault)).toMatchObject({ kind: 'upstream', upstream: { name: 'b' } });
  expect(resolveModel('anything', withDefault)).toMatchObject({ kind: 'default', upstream: { name: 'a' } });
  expect(resolveModel('anything', settings)).toBeUndefined();
});

it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', '', ' chat', 'CHAT', '../../chat', 'http://evil', 'сhat'])(
  '%j is nothing that was configured',
  (name) => expect(resolves(name, anybody, settings)).toBe(false),
);

it.each(['', 'x'.repeat(257), 'a\nb', 'a\0'])('what cannot be a name (%j) does not go to the default upstream either', (name) =>
  expect(resolves(name, anybody, withDefault)).toBe(false),
);

it('a caller may ask for what its policy names, and for nothing else', () => {
  expect(resolves('chat', only('chat'), settings)).toBe(true);
  expect(resolves('a', only('chat'), settings)).toBe(false);
  expect(resolves('ghost', only('ghost'), settings)).toBe(false);
  expect(resolves('ghost', only('ghost'), withDefault)).toBe(true);
  expect(resolves('other', only('ghost'), withDefault)).toBe(false);
});

it('lists exactly the names that a caller may use, each once', () => {
  expect(namesFor(anybody, settings)).toEqual(['chat', 'both', 'a', 'b']);
  expect(namesFor(only('both', 'a', 'ghost'), settings)).toEqual(['both', 'a']);
  expect(namesFor(only(), settings)).toEqual([]);
});

it('with a default upstream, lists configured names and what the policy names besides', () => {
  expect(namesFor(anybody, withDefault)).toEqual(['chat', 'both', 'a', 'b']);
  expect(namesFor(only('gpt-4o', 'chat'), withDefault)).toEqual(['chat', 'gpt-4o']);
});

it('tells a short printable name back as JSON, and no other', () => {
  expect(modelNotFound('say "hi"').message).toMatch(/^The model "say \\"hi\\"" does not exist, or this key may not use it\./);
  const plain = modelNotFound();
  expect(plain).toMatchObject({ code: 'model_not_found', status: 404, details: { param: 'model' } });
  for (const name of ['x'.repeat(101), 'a\nb', '\u001b[31m', 'сhat', '']) expect(modelNotFound(name).message).toBe(plain.message);
});
