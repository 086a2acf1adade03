import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { ExecutionContext } from '@nestjs/common';
import { requestContext } from '../../test/doubles/request-context.js';
import { settingsFrom } from '../../test/doubles/settings-from.js';
import { GatewayError } from '../contracts/gateway-error.js';
import type { RequestContext } from '../contracts/request-context.js';
import { PolicyGuard } from './policy.guard.js';

const settings = settingsFrom({
  GATEWAY_UPSTREAMS: 'a=mock://local;b=mock://local',
  GATEWAY_ROUTE_POLICIES: '{"chat":{"strategy":"canary","primary":"a","canary":"b","percent":5}}',
});
const principalOf = (...models: string[]) =>
  ({ kind: 'key', id: 'p', allowedModels: models.length === 0 ? undefined : new Set(models), rateLimitPerMinute: 60 }) as const;

interface Sent {
  readonly body?: string;
  /** Comes after the head; otherwise with it. */
  readonly late?: boolean;
  readonly headers?: Record<string, string>;
  readonly context?: Partial<RequestContext>;
}

function house({ body = '{"model":"chat"}', late = false, headers = {}, context = {} }: Sent = {}) {
  const raw = new IncomingMessage(new Socket());
  const sent: Record<string, string> = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), ...headers };
  raw.headers = sent;
  raw.rawHeaders = Object.entries(sent).flat();
  const arrive = (): void => {
    raw.push(body);
    raw.push(null);
    raw.complete = true;
  };
  if (!late) arrive();
  const gateway = requestContext({ settings, principal: principalOf(), ...context });
  const execution = { switchToHttp: () => ({ getRequest: () => ({ raw, headers: raw.headers, gateway }) }) } as unknown as ExecutionContext;
  const enter = () => new PolicyGuard().canActivate(execution);
  return { raw, gateway, arrive, enter };
}

async function refusal(sent: Sent): Promise<GatewayError> {
  try {
    await house(sent).enter();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('was let in');
}

it('reads the call of a body that has come, without a promise', () => {
  const { enter, gateway } = house({ body: '{"model":"chat","stream":true}', context: { endpoint: 'completions', requestId: 'req-7' } });
  expect(enter()).toBe(true);
  expect(gateway.call).toMatchObject({ endpoint: 'completions', requestId: 'req-7', model: 'chat', stream: true, principal: gateway.principal });
  expect(gateway.waitedMs).toBe(0);
});

it('takes a large body only where there is room for it, and asks for none for a small one', async () => {
  const asked: number[] = [];
  const reserveBody = (bytes: number): boolean => asked.push(bytes) > 1;
  const large = { body: JSON.stringify({ model: 'chat', padding: 'x'.repeat(100_000) }), context: { reserveBody } };
  expect(await refusal(large)).toMatchObject({ code: 'overloaded', status: 503 });
  expect(house(large).enter()).toBe(true);
  expect(house({ context: { reserveBody } }).enter()).toBe(true);
  expect(asked).toEqual([100_029, 100_029]);
});

it('waits for a body, asks for it where that is expected, and does not call the wait its own time', async () => {
  let asked = 0;
  const { enter, gateway, arrive } = house({ late: true, context: { sendContinue: () => void (asked += 1) } });
  const entered = enter();
  expect(entered).toEqual(expect.any(Promise));
  setTimeout(arrive, 20);
  expect(await entered).toBe(true);
  expect([asked, gateway.call?.model]).toEqual([1, 'chat']);
  expect(gateway.waitedMs).toBeGreaterThan(15);
});

it('the wait for a body that never came whole is not its own time either', async () => {
  const { enter, gateway, raw } = house({ late: true });
  const entered = enter();
  setTimeout(() => raw.destroy(), 20);
  await expect(entered).rejects.toMatchObject({ code: 'malformed_request' });
  expect([gateway.waitedMs > 15, gateway.call]).toEqual([true, undefined]);
});

it.each([
  [{ 'content-type': 'text/plain' }, 'unsupported_media_type'],
  [{ 'content-encoding': 'gzip' }, 'unsupported_media_type'],
  [{ 'content-length': '99999999999' }, 'request_too_large'],
])('%j is refused before the body is asked for', async (headers, code) => {
  let asked = 0;
  expect((await refusal({ headers, late: true, context: { sendContinue: () => void (asked += 1) } })).code).toBe(code);
  expect(asked).toBe(0);
});

it('a model that does not exist and one that is forbidden are refused alike', async () => {
  const forbidden = await refusal({ body: '{"model":"chat"}', context: { principal: principalOf('a') } });
  const unknown = await refusal({ body: '{"model":"ghost"}', context: { principal: principalOf('a') } });
  expect([forbidden.status, JSON.stringify(forbidden.body)]).toEqual([404, JSON.stringify(unknown.body).replace('ghost', 'chat')]);
});

it('a caller may ask for what its key allows, and its call is not set when it may not', () => {
  expect(house({ context: { principal: principalOf('chat') } }).enter()).toBe(true);
  const { enter, gateway } = house({ context: { principal: principalOf('a') } });
  expect(enter).toThrow(GatewayError);
  expect(gateway.call).toBeUndefined();
});

it.each(['constructor', '__proto__', '../../x', 'http://evil', 'a\\nb', 'x'.repeat(10_000)])('%s is no model', async (model) =>
  expect(await refusal({ body: `{"model":"${model}"}` })).toMatchObject({ code: 'model_not_found', status: 404 }),
);

it.each([{ principal: undefined }, { endpoint: 'models' as const }])('%j is a mistake of ours, and nobody is let in', (context) =>
  expect(() => house({ context }).enter()).toThrow(/stands after the auth guard/),
);
