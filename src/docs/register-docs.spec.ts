import { once } from 'node:events';
import { get as getPlainly, type IncomingMessage } from 'node:http';
import { type StartedApp, startApp } from '../../test/doubles/nest-app.js';
import { UI_ASSETS } from './docs-page.js';
import { registerDocs } from './register-docs.js';

let started: StartedApp;
beforeAll(async () => {
  started = await startApp([], registerDocs);
});
afterAll(() => started.app.close());

const get = (path: string): Promise<Response> => fetch(new URL(path, started.url));

it.each(['/docs', '/docs/'])('%s is a page whose every file is served from here, and which names no other host', async (path) => {
  const response = await get(path);
  const html = await response.text();
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(html).not.toMatch(/\/\/[a-z]/i);
  const named = [...html.matchAll(/(?:src|href|data-document)="([^"]+)"/g)].map(([, name = '']) => name);
  expect(named).toHaveLength(6);
  for (const name of named) {
    const address = new URL(name, `${started.url}${path}`);
    const asset = await fetch(address);
    expect([name, address.origin, asset.status, (await asset.arrayBuffer()).byteLength > 100]).toEqual([name, started.url, 200, true]);
  }
});

it('the page runs under a policy that lets nothing in from elsewhere, and has no script of its own between its lines', async () => {
  const response = await get('/docs');
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'self'");
  expect(policy).not.toMatch(/script-src[^;]*unsafe|https?:/);
  expect(await response.text()).not.toMatch(/<script(?![^>]*src=)|<style| on[a-z]+=/);
  expect(await (await get('/docs/start.js')).text()).toContain('validatorUrl: null');
});

it('files come with their types, and with a tag by which a browser need not fetch them twice', async () => {
  for (const [name, type] of [
    ['swagger-ui.css', 'text/css'],
    ['swagger-ui-bundle.js', 'javascript'],
    ['favicon-32x32.png', 'image/png'],
  ] as const) {
    const response = await get(`/docs/${name}`);
    await response.arrayBuffer();
    expect(response.headers.get('content-type')).toContain(type);
    const etag = response.headers.get('etag') ?? '';
    // Not `fetch`, which asks for a whole answer whenever it sends a tag.
    const asked = getPlainly(new URL(`/docs/${name}`, started.url), { headers: { 'if-none-match': etag } });
    const [again] = (await once(asked, 'response')) as [IncomingMessage];
    again.resume();
    expect([name, again.statusCode]).toEqual([name, 304]);
  }
});

it.each(['package.json', 'index.html', 'swagger-initializer.js', '..%2fpackage.json', '%2e%2e/package.json', 'swagger-ui-bundle.js.map', 'nothing'])(
  'what the page does not need is not served: /docs/%s',
  async (name) => {
    expect(UI_ASSETS).not.toContain(name);
    expect((await get(`/docs/${name}`)).status).toBe(404);
  },
);

it('/docs-json is the document as JSON, the same at each asking, kept by nobody', async () => {
  const [one, two] = [await get('/docs-json'), await get('/docs-json')];
  expect(one.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(one.headers.get('cache-control')).toBe('no-store');
  const text = await one.text();
  expect(await two.text()).toBe(text);
  expect(JSON.parse(text)).toMatchObject({ openapi: '3.1.0', info: { title: 'Nexus Gateway' } });
});

it('HEAD answers too', async () => {
  for (const path of ['/docs', '/docs-json', '/docs/swagger-ui.css'])
    expect([path, (await fetch(new URL(path, started.url), { method: 'HEAD' })).status]).toEqual([path, 200]);
});

it('what is not registered does not answer', async () => {
  const bare = await startApp([]);
  try {
    for (const path of ['/docs', '/docs/', '/docs-json', '/docs/swagger-ui.css'])
      expect([path, (await fetch(bare.url + path)).status]).toEqual([path, 404]);
  } finally {
    await bare.app.close();
  }
});
