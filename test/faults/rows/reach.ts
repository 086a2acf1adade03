import { Checks } from '../checks.js';
import { clientCall, jsonOf } from '../client-call.js';
import type { Kit } from '../kit.js';
import { openLoop, percentile } from '../open-loop-client.js';
import type { RowClass } from '../row.js';

/** Addresses of a canary in every spelling that some library might take for a wish to be followed. */
function wishes(port: number): string[] {
  return [
    `http://127.0.0.1:${port}/x`,
    `http://localhost:${port}/x`,
    `http://2130706433:${port}/x`,
    `http://0x7f.1:${port}/x`,
    `//127.0.0.1:${port}/x`,
    `http://[::ffff:127.0.0.1]:${port}/x`,
    'file:///etc/passwd',
    'http://169.254.169.254/latest/meta-data/',
  ];
}

export const REACH: RowClass = {
  name: 'reach',
  title: 'Where a request may lead, and whose it is',
  rows: [
    {
      name: 'addresses-in-requests',
      lane: 'quick',
      expected: 'addresses of images, files and tools, in any field or header, are passed on untouched and never visited',
      upstreams: { a: 'ok' },
      run: async (kit) => {
        const checks = new Checks();
        const canary = await kit.canary();
        for (const url of wishes(canary.port)) {
          const fields = {
            api_base: url,
            base_url: url,
            endpoint: url,
            webhook: url,
            messages: [
              {
                role: 'user',
                content: [
                  { type: 'image_url', image_url: { url } },
                  { type: 'file', file: { file_data: url } },
                ],
              },
            ],
          };
          const headers = { 'x-forwarded-host': url, 'x-upstream': url, 'x-base-url': url, 'x-proxy': url, forwarded: `host="${url}"` };
          checks.equal(url, (await kit.call({ to: 'a', with: fields, headers })).status, 200);
          const named = await kit.call({ model: url });
          checks.equal(`a model named ${url}`, named.status, 404);
        }
        checks.equal('visits', canary.visits.length, 0);
        for (const { path } of kit.upstream.ledger.entries) checks.equal('path at the upstream', path, '/ok/v1/chat/completions');
        return checks.done(`${canary.visits.length} visits`);
      },
    },
    {
      name: 'proxy-variables',
      lane: 'quick',
      expected: 'HTTP_PROXY and its kin are ignored',
      upstreams: { a: 'ok' },
      waives: ['client-count', 'ledger-count'],
      run: async (kit) => {
        const checks = new Checks();
        const canary = await kit.canary();
        const proxy = `http://127.0.0.1:${canary.port}`;
        const gateway = await kit.start({ HTTP_PROXY: proxy, http_proxy: proxy, HTTPS_PROXY: proxy, ALL_PROXY: proxy, NODE_USE_ENV_PROXY: '1' });
        for (let count = 0; count < 5; count++) checks.equal('status', (await kit.call({ to: 'a', gateway })).status, 200);
        await gateway.stop();
        checks.equal('visits', canary.visits.length, 0);
        return checks.done(`${canary.visits.length} visits`);
      },
    },
    {
      name: 'paths-that-climb',
      lane: 'quick',
      expected: 'no spelling of a path reaches another path of the upstream',
      upstreams: { a: 'ok' },
      waives: ['client-count'],
      run: async (kit) => {
        const checks = new Checks();
        const body = kit.chatBody('a');
        for (const path of [
          '/v1/../admin',
          '/v1/%2e%2e/admin',
          '//evil/v1/chat/completions',
          '/@evil',
          '/v1/chat/completions/../../admin',
          '/v1/chat/completions%2f..%2fadmin',
          '/v1\\admin',
          '/v1/chat/completions?x=/../admin',
          '/v1/chat/completions#x',
        ])
          await kit.send(kit.raw('POST', path, { Connection: 'close' }, body), { withinMs: 1_000 });
        const paths = [...new Set(kit.upstream.ledger.entries.map(({ path }) => path))];
        checks.that(
          paths.every((path) => path === '/ok/v1/chat/completions'),
          () => `paths ${paths.join(' ')}`,
        );
        return checks.done(`paths seen: ${paths.length === 0 ? 'none' : paths.join(' ')}`);
      },
    },
    {
      name: 'headers-upwards',
      lane: 'quick',
      expected: 'of a client’s headers only those on the list go upstream, with our key in place of its own',
      upstreams: { a: 'ok' },
      run: async (kit) => {
        const checks = new Checks();
        const sent = [
          'cookie',
          'proxy-authorization',
          'openai-organization',
          'openai-project',
          'x-amz-security-token',
          'x-forwarded-for',
          'x-real-ip',
          'x-nexus-upstream',
          'x-custom',
          'origin',
          'referer',
          'user-agent',
        ];
        await kit.call({
          to: 'a',
          headers: {
            ...Object.fromEntries(sent.map((name) => [name, `${kit.secrets.of('header')}-${name}`])),
            traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
          },
        });
        const [entry] = kit.ledger('a');
        for (const name of sent) checks.that(entry?.headers[name]?.includes(kit.secrets.mark) !== true, `${name} went upstream`);
        checks.equal('key', entry?.headers['authorization'], `Bearer ${kit.providerKey('a')}`);
        checks.that(entry?.headers['traceparent']?.startsWith('00-0af7651916cd43dd8448eb211c80319c') === true, 'the trace was not passed on');
        return checks.done();
      },
    },
    {
      name: 'models-of-a-key',
      lane: 'quick',
      expected: 'a key sees and may call exactly its models; a forbidden one looks unknown; fallbacks do not lead around it',
      upstreams: { mine: 'ok:mine', theirs: 'ok:theirs', down: 'status:500,json' },
      fallbacks: { down: ['theirs'] },
      prepare: async (kit: Kit) => ({
        GATEWAY_API_KEY_POLICIES: JSON.stringify({ [kit.otherKey]: { allowed_models: [kit.name('mine'), kit.name('down')] } }),
      }),
      run: async (kit) => {
        const checks = new Checks();
        const list = jsonOf((await kit.call({ method: 'GET', path: '/v1/models', key: kit.otherKey })).text) as { data?: { id: string }[] };
        checks.equal(
          'list',
          JSON.stringify(list.data?.map(({ id }) => id).toSorted()),
          JSON.stringify([kit.name('down'), kit.name('mine')].toSorted()),
        );
        checks.equal('mine', (await kit.call({ to: 'mine', key: kit.otherKey })).status, 200);
        const forbidden = await kit.call({ to: 'theirs', key: kit.otherKey });
        const unknown = await kit.call({ model: 'x'.repeat(kit.name('theirs').length), key: kit.otherKey });
        checks.equal('forbidden', forbidden.status, 404);
        checks.equal(
          'like unknown',
          forbidden.text.replaceAll(kit.name('theirs'), 'NAME'),
          unknown.text.replaceAll('x'.repeat(kit.name('theirs').length), 'NAME'),
        );
        checks.equal('by a fallback', (await kit.call({ to: 'down', key: kit.otherKey })).status, 502);
        checks.equal('requests at the forbidden one', kit.ledger('theirs').length, 0);
        return checks.done();
      },
    },
    {
      name: 'noisy-neighbour',
      lane: 'full',
      expected: 'one key at fifty times its limit: its surplus is 429, another key’s calls all succeed',
      upstreams: { a: 'slow:10' },
      prepare: async (kit) => ({
        GATEWAY_RATE_LIMIT_PER_MINUTE: '60',
        GATEWAY_API_KEY_POLICIES: JSON.stringify({
          [kit.secrets.of('steady')]: { rate_limit_per_minute: 0 },
          [kit.otherKey]: { rate_limit_per_minute: 0 },
        }),
      }),
      run: async (kit) => {
        const checks = new Checks();
        const [noisy, quiet] = await Promise.all([
          openLoop(100, 4_000, () => kit.call({ to: 'a' })),
          openLoop(20, 4_000, () => kit.call({ to: 'a', key: kit.otherKey })),
        ]);
        for (const { status } of noisy.replies) checks.that(status === 200 || status === 429, () => `noisy: ${status}`);
        for (const { status } of quiet.replies) checks.equal('quiet', status, 200);
        const served = noisy.replies.filter(({ status }) => status === 200).length;
        checks.that(served >= 58 && served <= 66, () => `noisy: ${served} served`);
        return checks.done(
          `noisy ${served} of ${noisy.replies.length}; quiet all of ${quiet.replies.length}, ${percentile(
            quiet.replies.map(({ ms }) => ms),
            0.99,
          ).toFixed()} ms (99th percentile)`,
        );
      },
    },
    {
      name: 'answers-are-not-shared',
      lane: 'quick',
      expected: 'the same request of two keys at the same time is two calls upstream and two answers',
      upstreams: { a: 'slow:100' },
      run: async (kit) => {
        const checks = new Checks();
        const replies = await kit.many(20, (index) => ({ to: 'a', key: index % 2 === 0 ? kit.clientKey : kit.otherKey }));
        const ids = new Set(replies.map(({ text }) => (jsonOf(text) as { id?: string }).id));
        checks.equal('answers', ids.size, 20);
        checks.equal('requests at the upstream', kit.ledger('a').length, 20);
        return checks.done();
      },
    },
    {
      name: 'secrets-of-the-process',
      lane: 'quick',
      expected: 'no secret stands in its arguments, its health, its documents or its metrics, and it starts no other program',
      run: async (kit) => {
        const checks = new Checks();
        const { readFileSync, readdirSync } = await import('node:fs');
        checks.that(
          kit.secrets.foundIn(readFileSync(`/proc/${kit.gateway.pid}/cmdline`, 'latin1')) === undefined,
          'a secret stands in the arguments',
        );
        for (const path of ['/health', '/docs-json', '/metrics', '/docs']) {
          const reply = await clientCall(kit.gateway.port, { path });
          checks.that(kit.secrets.foundIn(reply.text) === undefined, `${path} tells a secret`);
        }
        const children = readdirSync(`/proc/${kit.gateway.pid}/task`).flatMap((task) =>
          readFileSync(`/proc/${kit.gateway.pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
        );
        checks.equal('child processes', children.length, 0);
        return checks.done();
      },
    },
  ],
};
