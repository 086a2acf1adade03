import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { docsPage, PAGE_POLICY, START_SCRIPT, UI_ASSETS } from './docs-page.js';

/**
 * The API's description at `/docs-json`, and a page to try it from at `/docs`, complete without any other host. The document and the
 * package behind it are loaded when somebody first asks: most gateways are never asked, and it is 10 MiB.
 */
export function registerDocs(fastify: FastifyInstance): void {
  let document: Promise<string> | undefined;
  fastify.get('/docs-json', async (_request, reply) => {
    document ??= import('./openapi-document.js').then(({ openApiDocument }) => JSON.stringify(openApiDocument()));
    return fresh(reply, 'application/json; charset=utf-8').send(await document);
  });
  fastify.get('/docs', (_request, reply) => page(reply).send(docsPage('docs/')));
  fastify.get('/docs/', (_request, reply) => page(reply).send(docsPage('')));
  fastify.get('/docs/start.js', (_request, reply) => fresh(reply, 'text/javascript; charset=utf-8').send(START_SCRIPT));
  void fastify.register(async (scope) => {
    const { default: files } = await import('@fastify/static');
    await scope.register(files, {
      root: uiFolder(),
      prefix: '/docs/',
      decorateReply: false,
      index: false,
      allowedPath: (path) => UI_ASSETS.includes(path.replace(/^\//, '')),
      setHeaders: (reply) => void reply.header('x-content-type-options', 'nosniff'),
    });
  });
}

function page(reply: FastifyReply): FastifyReply {
  return fresh(reply, 'text/html; charset=utf-8').header('content-security-policy', PAGE_POLICY).header('referrer-policy', 'no-referrer');
}

function fresh(reply: FastifyReply, contentType: string): FastifyReply {
  return reply.header('content-type', contentType).header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
}

/** Swagger UI comes with Nest's Swagger package: it is found from there, wherever npm put it. */
function uiFolder(): string {
  const { resolve } = createRequire(import.meta.url);
  return dirname(createRequire(resolve('@nestjs/swagger')).resolve('swagger-ui-dist/package.json'));
}
