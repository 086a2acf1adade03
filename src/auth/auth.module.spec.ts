import 'reflect-metadata';
import { request as httpRequest } from 'node:http';
import { createConnection } from 'node:net';
import { type ArgumentsHost, Catch, Controller, type DynamicModule, type ExceptionFilter, Get, Module, Post, Req, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { KeySetServer } from '../../test/doubles/key-set-server.js';
import { rawToken } from '../../test/doubles/raw-token.js';
import { LiveSettings } from '../config/live-settings.js';
import { loadSettings } from '../config/load-settings.js';
import { SettingsModule } from '../config/settings.module.js';
import { GatewayError } from '../contracts/gateway-error.js';
import type { GatewayRequest } from '../contracts/gateway-request.js';
import { Meter } from '../contracts/meter.js';
import type { RequestContext } from '../contracts/request-context.js';
import { AuthGuard } from './auth.guard.js';
import { AuthModule } from './auth.module.js';

const SECRET = 'a secret of at least thirty-two bytes!';
const KEY = 'sk-canary-0123456789abcdef';

@Controller('probe')
@UseGuards(AuthGuard)
class ProbeController {
  @Get()
  read(@Req() request: GatewayRequest): object {
    return { id: request.gateway.principal?.id, kind: request.gateway.principal?.kind };
  }

  @Post()
  write(@Req() request: GatewayRequest): object {
    return this.read(request);
  }
}

/** A second module that names the guard, as the chat and the models module do. */
@Controller('other')
@UseGuards(AuthGuard)
class OtherController {
  @Get()
  read(): object {
    return {};
  }
}

@Catch()
class Refusals implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<{ status(code: number): { headers(values: object): { send(body: unknown): void } } }>();
    if (!(error instanceof GatewayError)) return reply.status(500).headers({}).send(String(error));
    const { retryAfterMs, headers } = error.details;
    const retry = retryAfterMs === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) };
    reply
      .status(error.status)
      .headers({ ...headers, ...retry })
      .send(error.body);
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

class Gateway {
  readonly limited: string[] = [];
  readonly live: LiveSettings;
  private app: NestFastifyApplication | undefined;

  constructor(env: Record<string, string> = {}) {
    this.live = new LiveSettings(load(env));
  }

  async start(): Promise<void> {
    const limited = this.limited;
    // Of all the meter hears, only refused failures concern this module.
    const meter = { rateLimited: (limit: string) => limited.push(limit) } as unknown as Meter;

    @Module({})
    class MetricsDouble {}
    @Module({})
    class Probes {}
    @Module({})
    class Others {}
    const auth = AuthModule.with(SettingsModule.with(this.live), {
      module: MetricsDouble,
      providers: [{ provide: Meter, useValue: meter }],
      exports: [Meter],
    });
    const root: DynamicModule = {
      module: Probes,
      imports: [auth, { module: Others, imports: [auth], controllers: [OtherController] }],
      controllers: [ProbeController],
    };
    const app = await NestFactory.create<NestFastifyApplication>(root, new FastifyAdapter({ trustProxy: '127.0.0.1' }), {
      logger: false,
      bodyParser: false,
    });
    app.useGlobalFilters(new Refusals());
    const fastify = app.getHttpAdapter().getInstance();
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser('*', (_request, _payload, done) => done(null));
    fastify.addHook('onSend', (request, reply, payload, done) => {
      if (!request.raw.complete) reply.header('connection', 'close');
      done(null, payload);
    });
    fastify.addHook('onRequest', (request, _reply, done) => {
      const context: Partial<RequestContext> = { settings: this.live.current, principal: undefined };
      Object.assign(request, { gateway: context });
      done();
    });
    await app.listen(0, '127.0.0.1');
    this.app = app;
  }

  get port(): number {
    if (this.app === undefined) throw new Error('the gateway is not running');
    return (this.app.getHttpServer().address() as { port: number }).port;
  }

  ask(headers: Record<string, string | string[]>, path = '/probe'): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port: this.port, path, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() }));
      });
      request.on('error', reject);
      request.end();
    });
  }

  async status(headers: Record<string, string | string[]>, path?: string): Promise<number> {
    return (await this.ask(headers, path)).status;
  }

  async stop(): Promise<void> {
    await this.app?.close();
  }
}

function load(env: Record<string, string>) {
  return loadSettings({ env: { GATEWAY_API_KEYS: `${KEY},second-key`, ...env }, cwd: '/nonexistent' }).settings;
}

const token = (claims: object = {}) =>
  rawToken({ alg: 'HS256', typ: 'JWT' }, { sub: 'ada', exp: Math.floor(Date.now() / 1000) + 600, ...claims }, 'HS256', SECRET);

async function serving(env: Record<string, string>, run: (gateway: Gateway) => Promise<void>): Promise<void> {
  const gateway = new Gateway(env);
  await gateway.start();
  try {
    await run(gateway);
  } finally {
    await gateway.stop();
  }
}

describe('the door', () => {
  it('lets keys and tokens in by every header they may come in', () =>
    serving({ GATEWAY_JWT_SECRET: SECRET }, async (gateway) => {
      for (const headers of [
        { authorization: `Bearer ${KEY}` },
        { authorization: `bearer ${KEY}` },
        { 'x-api-key': KEY },
        { 'api-key': KEY },
        { authorization: 'Basic eDp5', 'x-api-key': KEY },
      ])
        expect(JSON.parse((await gateway.ask(headers)).body)).toMatchObject({ kind: 'key' });
      expect(JSON.parse((await gateway.ask({ authorization: `Bearer ${token()}` })).body)).toMatchObject({ kind: 'subject' });
      expect(await gateway.status({ authorization: `Bearer ${KEY}` }, '/other')).toBe(200);
      expect(await gateway.status({}, '/other')).toBe(401);
    }));

  it('refuses everything else with one answer', () =>
    serving({ GATEWAY_JWT_SECRET: SECRET }, async (gateway) => {
      const good = token();
      const refused: Record<string, string | string[]>[] = [
        {},
        { authorization: 'Basic eDp5' },
        { authorization: 'Bearer' },
        { authorization: 'Bearer unknown' },
        { authorization: `Bearer  ${KEY}` },
        { authorization: `Bearer\t${KEY}` },
        { authorization: `Bearer ${KEY},` },
        { authorization: `Bearer "${KEY}"` },
        { authorization: `Bearer ${KEY}, second-key` },
        { authorization: `Bearer ${KEY.toUpperCase()}` },
        { authorization: KEY },
        { authorization: `Bearer ${KEY}`, 'x-api-key': 'second-key' },
        { 'x-api-key': [KEY, 'second-key'] },
        { 'x-api-key': good },
        { 'x-api-key': '' },
        { cookie: `api-key=${KEY}` },
        { authorization: `Bearer ${token({ exp: 1 })}` },
        { authorization: `Bearer ${good}x` },
        { authorization: `Bearer ${good}`, 'api-key': KEY },
        { authorization: `Bearer ${'k'.repeat(12_000)}` },
        { 'x-original-url': '/health', 'x-rewrite-url': '/health', 'x-http-method-override': 'OPTIONS', 'x-forwarded-host': 'a/../health' },
        { __proto__x: KEY, constructor: KEY },
      ];
      const answers = await Promise.all(refused.map((headers) => gateway.ask(headers)));
      expect(answers.map(({ status }) => status)).toEqual(refused.map(() => 401));
      expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
      expect(new Set(answers.map(({ headers }) => headers['www-authenticate']))).toEqual(new Set(['Bearer']));
      expect(JSON.parse(answers[0]?.body ?? '')).toEqual({
        error: { message: expect.any(String), type: 'invalid_request_error', param: null, code: 'invalid_api_key' },
      });
      for (const path of [`/probe?api_key=${KEY}`, `/probe?key=${KEY}&access_token=${KEY}`]) expect(await gateway.status({}, path)).toBe(401);
    }));

  it('refuses two Authorization headers that differ, of which Node shows the first alone', () =>
    serving({}, async (gateway) => {
      const raw = (lines: string[]) =>
        new Promise<string>((resolve, reject) => {
          const socket = createConnection(gateway.port, '127.0.0.1', () =>
            socket.write(['GET /probe HTTP/1.1', 'Host: x', 'Connection: close', ...lines, '', ''].join('\r\n')),
          );
          let text = '';
          socket.on('data', (chunk) => (text += chunk.toString()));
          socket.on('end', () => resolve(text.slice(9, 12)));
          socket.on('error', reject);
        });
      const [first, second] = [`Authorization: Bearer ${KEY}`, 'Authorization: Bearer second-key'];
      expect(await raw([first])).toBe('200');
      expect(await raw([first, first])).toBe('200');
      expect(await raw([first, second])).toBe('401');
      expect(await raw([second, first])).toBe('401');
      expect(await raw([first, 'Authorization: Basic eDp5'])).toBe('401');
    }));

  it('reads nothing of the body of a stranger', () =>
    serving({}, async (gateway) => {
      const sent = await new Promise<{ bytes: number; head: string }>((resolve, reject) => {
        const socket = createConnection(gateway.port, '127.0.0.1');
        let head = '';
        socket.on('data', (chunk) => (head += chunk.toString()));
        socket.on('error', () => {});
        socket.on('close', () => resolve({ bytes: socket.bytesWritten, head }));
        socket.setTimeout(5_000, () => reject(new Error('the connection was not ended')));
        socket.write('POST /probe HTTP/1.1\r\nHost: x\r\nContent-Length: 30000000\r\n\r\n');
        const push = (): void => {
          while (!socket.destroyed && socket.bytesWritten < 30_000_000 && socket.write(Buffer.alloc(65_536)));
          if (!socket.destroyed) socket.once('drain', push);
        };
        push();
      });
      expect(sent.head).toContain('HTTP/1.1 401');
      expect(sent.bytes).toBeLessThan(30_000_000);
    }));

  it('knows new keys and forgets old ones from the next request on after a reload', () =>
    serving({}, async (gateway) => {
      expect(await gateway.status({ 'x-api-key': KEY })).toBe(200);
      gateway.live.replace(load({ GATEWAY_API_KEYS: 'second-key,third-key' }));
      expect([
        await gateway.status({ 'x-api-key': KEY }),
        await gateway.status({ 'x-api-key': 'second-key' }),
        await gateway.status({ 'x-api-key': 'third-key' }),
      ]).toEqual([401, 200, 200]);
    }));

  it('answers 503 to a token while its keys cannot be had, and lets keys in', async () => {
    const issuer = new KeySetServer();
    await issuer.start();
    try {
      await serving({ GATEWAY_JWT_JWKS_URL: issuer.url, GATEWAY_JWT_ALGORITHMS: 'RS256' }, async (gateway) => {
        const exp = Math.floor(Date.now() / 1000) + 600;
        const claims = [{ alg: 'RS256' }, { sub: 'ada', exp }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
        const answer = await gateway.ask({ authorization: `Bearer ${claims.join('.')}.AAAA` });
        expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
        expect(JSON.parse(answer.body)).toMatchObject({ error: { type: 'server_error', code: 'auth_unavailable' } });
        expect(answer.body).not.toContain('127.0.0.1');
        expect(await gateway.status({ authorization: `Bearer ${KEY}` })).toBe(200);
        expect(await gateway.status({ authorization: 'Bearer unknown' })).toBe(401);
      });
    } finally {
      await issuer.stop();
    }
  });
});

describe('failed credentials', () => {
  const from = (address: string, key = 'unknown') => ({ 'x-forwarded-for': address, 'x-api-key': key });
  const statuses = async (gateway: Gateway, count: number, headers: (index: number) => Record<string, string>, path?: string) => {
    const seen: number[] = [];
    for (let index = 0; index < count; index++) seen.push(await gateway.status(headers(index), path));
    return seen;
  };

  it('are throttled by address, over all routes together; a valid one passes from the same address', () =>
    serving({ GATEWAY_AUTH_FAILURES_PER_MINUTE: '3' }, async (gateway) => {
      const first = await gateway.ask(from('10.0.0.1'));
      expect(first.status).toBe(401);
      expect(await gateway.status(from('10.0.0.1'))).toBe(401);
      expect(await statuses(gateway, 2, () => from('10.0.0.1'), '/other')).toEqual([401, 429]);
      const refused = await gateway.ask(from('10.0.0.1'));
      expect(refused.status).toBe(429);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(JSON.parse(refused.body)).toMatchObject({ error: { type: 'rate_limit_error', code: 'rate_limit_exceeded', param: null } });
      for (const { headers } of [first, refused]) expect(Object.keys(headers).filter((name) => /^(x-ratelimit|retry-after-)/.test(name))).toEqual([]);
      expect(gateway.limited).toEqual(['auth_failures', 'auth_failures']);
      expect(await gateway.status(from('10.0.0.1', KEY))).toBe(200);
      expect(await gateway.status(from('10.0.0.2'))).toBe(401);
    }));

  it('are counted for an IPv6 network of 64 bits together', () =>
    serving({ GATEWAY_AUTH_FAILURES_PER_MINUTE: '2' }, async (gateway) => {
      expect(await statuses(gateway, 3, (index) => from(`2001:db8:0:1::${index + 1}`))).toEqual([401, 401, 429]);
      expect(await gateway.status(from('2001:db8:0:2::1'))).toBe(401);
    }));

  it('are never throttled on loopback', () =>
    serving({ GATEWAY_AUTH_FAILURES_PER_MINUTE: '1' }, async (gateway) => {
      expect(new Set(await statuses(gateway, 10, () => ({ 'x-api-key': 'unknown' })))).toEqual(new Set([401]));
      expect(new Set(await statuses(gateway, 5, () => from('::1')))).toEqual(new Set([401]));
    }));

  it('are not forgiven for a forged address', () =>
    serving({ GATEWAY_AUTH_FAILURES_PER_MINUTE: '1' }, async (gateway) => {
      const forged = (index: number) => ({
        'x-forwarded-for': `127.0.0.1, 10.9.9.${index}, 10.0.0.3`,
        forwarded: 'for=127.0.0.1',
        'x-real-ip': `10.1.1.${index}`,
        'x-api-key': 'unknown',
      });
      expect(await statuses(gateway, 3, forged)).toEqual([401, 429, 429]);
    }));

  it('are shared out among the workers', () =>
    serving({ GATEWAY_AUTH_FAILURES_PER_MINUTE: '6', GATEWAY_WORKERS: '2' }, async (gateway) => {
      expect(await statuses(gateway, 4, () => from('10.0.0.4'))).toEqual([401, 401, 401, 429]);
    }));

  it('obey a new limit after a reload', () =>
    serving({ GATEWAY_AUTH_FAILURES_PER_MINUTE: '1' }, async (gateway) => {
      expect(await statuses(gateway, 2, () => from('10.0.0.5'))).toEqual([401, 429]);
      gateway.live.replace(load({ GATEWAY_AUTH_FAILURES_PER_MINUTE: '600' }));
      expect(await gateway.status(from('10.0.0.6'))).toBe(401);
      expect(await gateway.status(from('10.0.0.6'))).toBe(401);
    }));
});
