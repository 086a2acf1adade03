import { Agent, type ClientRequest, request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { type RunningGateway, runGateway } from '../doubles/running-gateway.js';

/** Calls come as under overload: the watch is told to refuse, for as long as a test wants it to. */
describe('a call for which there is no room', () => {
  let gateway: RunningGateway;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let asked: ClientRequest;

  beforeAll(async () => {
    gateway = await runGateway({ GATEWAY_UPSTREAMS: 'm=mock://local' });
  });

  beforeEach(() => {
    jest.spyOn(gateway.load, 'isCalm', 'get').mockReturnValue(false);
    jest.spyOn(gateway.load, 'refuses').mockReturnValue('event_loop');
  });
  afterEach(() => jest.restoreAllMocks());

  afterAll(async () => {
    agent.destroy();
    await gateway.stop();
  });

  async function ask(
    path: string,
    body: string | undefined = '{"model":"m","messages":[{"role":"user","content":"x"}]}',
  ): Promise<{ status: number; headers: IncomingMessage['headers']; body: unknown; reused: boolean }> {
    const method = body === '' ? 'GET' : 'POST';
    asked = request(`${gateway.url}${path}`, {
      agent,
      method,
      headers: { 'x-request-id': 'mine', 'content-type': 'application/json', authorization: 'Bearer no' },
    });
    const answer = new Promise<IncomingMessage>((resolve, reject) => asked.on('response', resolve).on('error', reject));
    asked.end(body);
    const response = await answer;
    const reply = await text(response);
    return { status: response.statusCode ?? 0, headers: response.headers, body: reply === '' ? '' : JSON.parse(reply), reused: asked.reusedSocket };
  }

  it.each(['/v1/chat/completions', '/embeddings', '/v1/responses?x=1'])(
    '%s: is told so in the one shape, before anything else is asked of it',
    async (path) => {
      const { status, headers, body } = await ask(path);
      expect(status).toBe(503);
      expect(headers['x-request-id']).toBe('mine');
      expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(Number(headers['retry-after'])).toBeLessThanOrEqual(3);
      expect(body).toEqual({
        error: {
          message: 'The gateway has more to do than it can. Please try again shortly.',
          type: 'server_error',
          param: null,
          code: 'overloaded',
        },
      });
    },
  );

  it("is told so in Anthropic's shape on Anthropic's wire", async () => {
    const { status, body } = await ask('/v1/messages');
    expect(status).toBe(503);
    expect(body).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } });
  });

  it('keeps its connection, is counted, and has its line in the log', async () => {
    const before = { shed: await gateway.metric('nexus_shed_total{reason="event_loop"}'), lines: gateway.lines.length };
    await ask('/v1/chat/completions');
    expect((await ask('/v1/chat/completions')).reused).toBe(true);
    expect(await gateway.metric('nexus_shed_total{reason="event_loop"}')).toBe(before.shed + 2);
    expect(await gateway.metric('nexus_in_flight_requests')).toBe(0);
    await gateway.requestLines(2);
    const lines = gateway.lines.slice(before.lines).filter(({ path }) => path === '/v1/chat/completions');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({ status: 503, error_code: 'overloaded', upstream: 'none', attempts: 0, principal: null });
  });

  it('nothing else is turned away with it', async () => {
    expect((await ask('/health/live', '')).status).toBe(200);
    expect((await ask('/v1/nothing')).status).toBe(404);
  });

  it('is served when there is room again', async () => {
    jest.restoreAllMocks();
    expect((await ask('/v1/chat/completions')).status).toBe(401);
  });
});
