import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RunningGateway, runGateway } from '../doubles/running-gateway.js';

/** An upstream that speaks Anthropic's wire; what it says of a count is set by each test. */
describe('counting tokens where the upstream may be unable to', () => {
  let upstream: Server;
  let gateway: RunningGateway;
  let reply: { status: number; body: object | string };
  let asked: string[];

  beforeAll(async () => {
    upstream = createServer((request, response) => {
      asked.push(request.url ?? '');
      request.resume().once('end', () => {
        const isCount = request.url?.endsWith('/count_tokens') === true;
        const body = isCount ? reply.body : { type: 'error', error: { type: 'api_error', message: 'down' } };
        // Not to be left to rest.
        response.writeHead(isCount ? reply.status : 500, { 'content-type': 'application/json', 'retry-after': '0' });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    }).listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    const address = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    gateway = await runGateway({
      ANTHROPIC_API_KEY: 'sk-played',
      GATEWAY_UPSTREAMS: `claude=litellm://anthropic/claude-x?api_base=${encodeURIComponent(address)}`,
      GATEWAY_API_KEY_POLICIES: '{"dev-key":{"rate_limit_per_minute":0}}',
      GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '2',
      GATEWAY_CIRCUIT_BREAKER_RESET_SECONDS: '60',
      GATEWAY_RETRY_BUDGET_PERCENT: '0',
      GATEWAY_MAX_ATTEMPTS: '1',
    });
  });

  beforeEach(() => {
    asked = [];
  });

  afterAll(async () => {
    await gateway.stop();
    upstream.closeAllConnections();
    upstream.close();
  });

  async function post(path: string, content: unknown = 'x'.repeat(3_500)): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: { 'x-api-key': 'dev-key', 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'claude', max_tokens: 5, messages: [{ role: 'user', content }] }),
    });
    return { status: response.status, body: await response.json() };
  }

  const count = (content?: unknown): Promise<{ status: number; body: unknown }> => post('/v1/messages/count_tokens', content);

  it('its own count is told', async () => {
    reply = { status: 200, body: { input_tokens: 7 } };
    expect(await count()).toEqual({ status: 200, body: { input_tokens: 7 } });
  });

  it.each([404, 405, 501])('%i for the endpoint: an estimate, after one attempt', async (status) => {
    reply = { status, body: { detail: 'Not here' } };
    expect(await count()).toEqual({ status: 200, body: { input_tokens: 1_004 } });
    expect(asked).toEqual(['/v1/messages/count_tokens']);
  });

  it('an estimate of what makes no sense is refused', async () => {
    reply = { status: 404, body: 'nothing here' };
    expect(await count([{ type: 'image', source: { type: 'ftp' } }])).toMatchObject({
      status: 400,
      body: { type: 'error', error: { type: 'invalid_request_error' } },
    });
  });

  it.each([
    [404, 'not_found_error', 'model: claude-x', 404],
    [400, 'invalid_request_error', 'no', 400],
    [401, 'authentication_error', 'no', 502],
    [429, 'rate_limit_error', 'no', 429],
  ])('other refusals stay as they are: %i %s', async (status, type, message, told) => {
    reply = { status, body: { type: 'error', error: { type, message } } };
    expect((await count()).status).toBe(told);
  });

  it('an estimate neither opens the circuit nor keeps it closed', async () => {
    reply = { status: 501, body: {} };
    for (let calls = 0; calls < 5; calls++) expect((await count()).status).toBe(200);
    expect(await gateway.metric('nexus_circuit_state{upstream="claude"}')).toBe(0);
    for (let calls = 0; calls < 2; calls++) {
      expect((await post('/v1/messages')).status).toBe(500);
      expect((await count()).status).toBe(calls === 0 ? 200 : 503);
    }
    expect(await gateway.metric('nexus_circuit_state{upstream="claude"}')).toBe(2);
  });
});
