import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { rawToken } from '../doubles/raw-token.js';
import { type RunningGateway, runGateway } from '../doubles/running-gateway.js';
import { chat, type Told } from '../doubles/told.js';
import { FaultUpstream } from '../faults/fault-upstream.js';

/** One for each place that a secret can stand in; found anywhere else, it has leaked. */
const CANARIES = {
  key: 'sk-canaryKey01234567890123456789ab',
  wrongKey: 'sk-canaryWrong012345678901234567ab',
  jwtSecret: 'canaryJwtSecret01234567890123456789',
  provider: 'sk-canaryProvider0123456789012345ab',
  prompt: 'canaryPrompt0123456789012345678901ab',
  answer: 'canaryAnswer0123456789012345678901ab',
  query: 'canaryQuery01234567890123456789012ab',
  metricsToken: 'canaryMetrics0123456789012345678901',
};
const FIELDS =
  'time level msg request_id method path status duration_ms overhead_ms ttft_ms principal model upstream attempts fallback stream tokens_in tokens_out usage_estimated error_code';
const MODES = [
  'ok',
  'ok-stream:5',
  'usage:70,50',
  'status:503',
  'status:401,openai-key',
  'status:400',
  'reset',
  'hang',
  'error-event:after',
  'status:429,retry-after=7',
];

describe('what is seen', () => {
  let fault: FaultUpstream;
  let gateway: RunningGateway;
  const heard: string[] = [];
  const reflecting = createServer((request, response) => {
    // A provider that repeats everything it was sent: our key and the prompt.
    const parts: Buffer[] = [];
    request.on('data', (bytes: Buffer) => parts.push(bytes));
    request.on('end', () => {
      const message = `Bad: ${JSON.stringify(request.headers)} ${request.headers.authorization?.slice(7, 19)}`;
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { message, type: 'invalid_request_error' } }));
    });
  });

  beforeAll(async () => {
    fault = await FaultUpstream.start();
    reflecting.listen(0, '127.0.0.1');
    await once(reflecting, 'listening');
    gateway = await runGateway({
      GATEWAY_UPSTREAMS: [
        `mock=mock://local?reply=${CANARIES.answer}`,
        `reflecting=http://127.0.0.1:${(reflecting.address() as AddressInfo).port}?api_key_env=PROVIDER_KEY`,
        ...MODES.map((mode, index) => `model-${index}=${fault.base(encodeURIComponent(mode))}?api_key_env=PROVIDER_KEY`),
      ].join(';'),
      GATEWAY_FALLBACKS: `model-3=mock`,
      PROVIDER_KEY: CANARIES.provider,
      GATEWAY_API_KEYS: `${CANARIES.key},small-key`,
      GATEWAY_API_KEY_POLICIES: JSON.stringify({ [CANARIES.key]: { rate_limit_per_minute: 0 }, 'small-key': { rate_limit_per_minute: 1 } }),
      GATEWAY_JWT_SECRET: CANARIES.jwtSecret,
      GATEWAY_METRICS_TOKEN: CANARIES.metricsToken,
      GATEWAY_REQUEST_TIMEOUT_SECONDS: '0.2',
      GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '2',
      GATEWAY_LOG_LEVEL: 'debug',
    });
  });

  afterAll(async () => {
    await gateway.stop();
    await fault.close();
    reflecting.close();
  });

  const model = (mode: string): string => `model-${MODES.indexOf(mode)}`;
  const messages = [{ role: 'user', content: CANARIES.prompt }];
  const ask = async (name: string, body: object = {}, bearer = CANARIES.key): Promise<Told> => {
    const told = await chat(gateway.url, { model: name, messages, ...body }, { authorization: `Bearer ${bearer}` });
    heard.push(JSON.stringify([...told.headers]), told.text.replaceAll(CANARIES.answer, ''));
    return told;
  };
  const scrape = async (): Promise<string> =>
    (await fetch(`${gateway.url}/metrics`, { headers: { authorization: `Bearer ${CANARIES.metricsToken}` } })).text();
  const lineOf = async (told: Told): Promise<Readonly<Record<string, unknown>>> => {
    const id = told.headers.get('x-request-id');
    for (let round = 0; round < 100; round += 1) {
      const lines = gateway.lines.filter((line) => line['request_id'] === id && line['msg'] === 'request');
      if (lines.length > 0) {
        expect(lines).toHaveLength(1);
        return lines[0] ?? {};
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error('no line of the log');
  };

  it.each([
    ['ok', {}, { status: 200, level: 'info', stream: false, tokens_in: 7, tokens_out: 5, attempts: 1, error_code: null, usage_estimated: false }],
    ['usage:70,50', {}, { status: 200, tokens_in: 70, tokens_out: 50 }],
    ['ok-stream:5', { stream: true }, { status: 200, stream: true, tokens_in: 7, tokens_out: 5, ttft_ms: expect.any(Number) }],
    ['status:400', {}, { status: 400, level: 'info', attempts: 1 }],
    ['status:401,openai-key', {}, { status: 502, level: 'warn', error_code: 'upstream_auth_failed', attempts: 1 }],
    ['status:503', {}, { status: 200, upstream: 'mock', fallback: true, attempts: 3 }],
    ['reset', {}, { status: 502, error_code: 'upstream_unreachable', attempts: 2 }],
    ['reset', {}, { status: 503, error_code: 'circuit_open', attempts: 0 }],
    ['hang', {}, { status: 504, error_code: 'upstream_timeout', attempts: 1 }],
    ['error-event:after', { stream: true }, { status: 200, error_code: 'upstream_stream_interrupted', stream: true }],
    ['status:429,retry-after=7', {}, { status: 429, error_code: 'upstream_rate_limited' }],
  ])('%s %j: one line of the log says how it ended', async (mode, body, facts) => {
    const line = await lineOf(await ask(model(mode), body));
    expect(Object.keys(line)).toEqual(FIELDS.split(' '));
    expect(line).toMatchObject({
      method: 'POST',
      path: '/v1/chat/completions',
      model: model(mode),
      principal: expect.stringMatching(/^[0-9a-zA-Z_-]{8,12}$/),
      ...facts,
    });
    expect(line['overhead_ms']).toBeLessThanOrEqual(line['duration_ms'] as number);
  });

  it('one line too for what comes to no model, and its query is left out', async () => {
    expect(await lineOf(await ask('mock', {}, CANARIES.wrongKey))).toMatchObject({
      status: 401,
      principal: null,
      error_code: 'invalid_api_key',
      model: null,
    });
    expect(await lineOf(await ask('nobody'))).toMatchObject({ status: 404, error_code: 'model_not_found', upstream: 'none' });
    expect(await lineOf(await ask('mock', {}, 'small-key'))).toMatchObject({ status: 200 });
    expect(await lineOf(await ask('mock', {}, 'small-key'))).toMatchObject({ status: 429, error_code: 'rate_limit_exceeded', attempts: 0 });
    const asked = await fetch(`${gateway.url}/v1/models?key=${CANARIES.query}`, { headers: { 'api-key': CANARIES.key } });
    heard.push(await asked.text());
    const odd = await fetch(`${gateway.url}/nothing/%0A%22here?${CANARIES.query}`);
    heard.push(await odd.text());
    const line = gateway.lines.findLast(({ status, path }) => status === 404 && String(path).startsWith('/nothing'));
    expect(String(line?.['path'])).not.toContain(CANARIES.query);
  });

  it('a caller is told apart by a short hash, the same each time', async () => {
    const token = (sub: string): string => rawToken({ alg: 'HS256' }, { sub, exp: Math.floor(Date.now() / 1000) + 300 }, 'HS256', CANARIES.jwtSecret);
    const bearers = [CANARIES.key, CANARIES.key, token('anna'), token('anna'), token('bert')];
    const principals: unknown[] = [];
    for (const bearer of bearers) principals.push((await lineOf(await ask('mock', {}, bearer)))['principal']);
    expect(principals[0]).toBe(principals[1]);
    expect(principals[2]).toBe(principals[3]);
    expect(new Set(principals).size).toBe(3);
    expect(principals).not.toContain('anna');
  });

  it('a change of state is one line', () => {
    const told = gateway.lines.filter((line) => JSON.stringify(line).includes(model('reset')) && line['msg'] !== 'request');
    expect(told.map(({ event }) => event)).toEqual(['unreachable', 'circuit']);
  });

  it('the metrics have counted it all, with labels from the settings alone', async () => {
    for (let call = 0; call < 50; call += 1) await ask(`made-up-${call}`);
    const text = await scrape();
    const value = (series: string): number =>
      Number(new RegExp(`^${series.replaceAll(/[{}"|]/g, String.raw`\$&`)} (.*)$`, 'm').exec(text)?.[1] ?? NaN);
    expect(value(`nexus_upstream_attempts_total{upstream="${model('reset')}",outcome="unreachable"}`)).toBe(2);
    expect(value(`nexus_retries_total{upstream="${model('reset')}"}`)).toBe(1);
    expect(value(`nexus_circuit_state{upstream="${model('reset')}"}`)).toBe(2);
    expect(value(`nexus_circuit_opened_total{upstream="${model('reset')}"}`)).toBe(1);
    expect(value(`nexus_upstream_attempts_total{upstream="${model('hang')}",outcome="timeout"}`)).toBe(1);
    expect(value(`nexus_upstream_attempts_total{upstream="${model('error-event:after')}",outcome="interrupted"}`)).toBe(1);
    expect(value(`nexus_fallbacks_total{from="${model('status:503')}",to="mock",reason="server_error"}`)).toBe(1);
    expect(value(`nexus_tokens_total{upstream="${model('usage:70,50')}",kind="input"}`)).toBe(70);
    expect(value(`nexus_tokens_total{upstream="${model('usage:70,50')}",kind="output"}`)).toBe(50);
    expect(value('nexus_rate_limited_total{limit="requests"}')).toBe(1);
    expect(value('nexus_in_flight_requests')).toBe(0);
    expect(text).toMatch(/^nexus_build_info\{version="\d+\.\d+\.\d+"\} 1$/m);
    expect(text).toMatch(/^nexus_time_to_first_token_seconds_count\{upstream="model-1"\} 1$/m);
    expect(text).not.toMatch(/made-up|anna|principal/);
    expect((await fetch(`${gateway.url}/metrics`)).status).toBe(401);
  });

  it('no secret is seen in the log, in the metrics or in an answer', async () => {
    for (const stream of [false, true]) await ask('reflecting', { stream });
    for (const path of ['/health', '/docs-json', '/docs']) heard.push(await (await fetch(gateway.url + path)).text());
    const seen = [...gateway.lines.map((line) => JSON.stringify(line)), await scrape(), ...heard].join('\n');
    expect(seen).toContain('model-0');
    for (const [place, canary] of Object.entries(CANARIES)) {
      const forms = [
        canary,
        canary.slice(0, 12),
        Buffer.from(canary).toString('base64').slice(0, 40),
        Buffer.from(canary).toString('hex'),
        [...canary].toReversed().join(''),
      ];
      expect({ place, found: forms.filter((form) => seen.includes(form)) }).toEqual({ place, found: [] });
    }
    for (const line of gateway.lines) expect(JSON.stringify(line).length).toBeLessThan(16_384);
  });
});
