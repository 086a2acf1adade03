import { type GatewayProcess, startGateway } from '../doubles/gateway-process.js';
import { OtlpReceiver, type SeenPoint, type SeenSpan } from '../doubles/otlp-receiver.js';
import { chat } from './chat.js';
import { send } from './send.js';
import { ask, collectorEvents } from './telemetry-calls.js';
import { PARENT_ID, TRACE_ID, TRACEPARENT, telemetryStage } from './telemetry-stage.js';
import { until } from './until.js';

const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const CLIENT = 3;
const stage = telemetryStage();

describe('a gateway with a collector', () => {
  let receiver: OtlpReceiver;
  let gateway: GatewayProcess;

  beforeAll(async () => {
    receiver = await OtlpReceiver.start();
    gateway = await startGateway({
      ...stage.settings,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=mine',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      GATEWAY_OTEL_SEMCONV: 'both',
    });
  });
  afterAll(async () => {
    const code = await gateway.stop();
    await receiver.close();
    expect(code).toBe(0);
  });

  /** The span of a call, and those of its attempts in order, once all are there. */
  async function told(requestId: string): Promise<{ call: SeenSpan; attempts: readonly SeenSpan[] }> {
    const find = (): SeenSpan | undefined => receiver.spans.find(({ attributes }) => attributes['nexus.request_id'] === requestId);
    await until('the span of the call arrives', () => find() !== undefined);
    const call = find() as SeenSpan;
    const attempts = (): SeenSpan[] => receiver.spans.filter(({ parentId }) => parentId === call.spanId);
    await until('the spans of its attempts arrive', () => attempts().length === call.attributes['nexus.attempts']);
    return {
      call,
      attempts: attempts().toSorted((one, other) => Number(one.attributes['nexus.attempt']) - Number(other.attributes['nexus.attempt'])),
    };
  }

  it('tells a call that fell back as one span over all its attempts, with what its upstream said of itself', async () => {
    const seenBefore = stage.upstream.headers.length;
    const { headers, status } = await ask(gateway, 'ill', {
      body: { max_tokens: 9, temperature: 0.5, stop: ['end'], n: 2, reasoning_effort: 'low' },
    });
    expect(status).toBe(200);
    const { call, attempts } = await told(String(headers['x-request-id']));
    expect(call).toMatchObject({ name: 'chat ill', kind: CLIENT, parentId: '', isError: false });
    expect(call.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'ill',
      'gen_ai.request.stream': false,
      'gen_ai.request.max_tokens': 9,
      'gen_ai.request.temperature': 0.5,
      'gen_ai.request.stop_sequences': ['end'],
      'gen_ai.request.choice.count': 2,
      'gen_ai.request.reasoning.level': 'low',
      'gen_ai.response.id': 'chatcmpl-seen',
      'gen_ai.response.model': 'inner-2026',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 11,
      'gen_ai.usage.output_tokens': 5,
      'gen_ai.usage.cache_read.input_tokens': 4,
      'gen_ai.usage.reasoning.output_tokens': 2,
      'http.response.status_code': 200,
      'nexus.endpoint': 'chat_completions',
      'nexus.upstream': 'well',
      'nexus.attempts': 3,
      'nexus.fallback': true,
    });
    expect(call.attributes['nexus.principal']).toMatch(/^[0-9a-f]{12}$/);
    expect(call.resource).toMatchObject({ 'service.name': 'nexus-gateway', 'deployment.environment.name': 'test' });
    expect(attempts.map(({ name, isError, kind }) => [name, isError, kind])).toEqual([
      ['attempt ill', true, CLIENT],
      ['attempt ill', true, CLIENT],
      ['attempt well', false, CLIENT],
    ]);
    expect(attempts[0]?.attributes).toMatchObject({
      'error.type': 'server_error',
      'http.response.status_code': 500,
      'nexus.outcome': 'server_error',
      'server.address': '127.0.0.1',
      'server.port': stage.upstream.port,
    });
    expect(attempts[2]?.attributes).toMatchObject({
      'nexus.outcome': 'ok',
      'nexus.attempt': 3,
      'gen_ai.request.model': 'inner',
      'gen_ai.response.id': 'chatcmpl-seen',
    });
    // Each upstream was told the span of its own attempt.
    expect(stage.upstream.headers.slice(seenBefore).map(({ traceparent }) => traceparent)).toEqual(
      attempts.map(({ spanId }) => `00-${call.traceId}-${spanId}-01`),
    );
    for (const { startNs, endNs } of attempts) expect(call.startNs <= startNs && startNs <= endNs && endNs <= call.endNs).toBe(true);
    expect(Math.abs(call.startNs / 1e6 - Date.now())).toBeLessThan(60_000);
  });

  it("goes on with the client's trace, and tells its state to the upstream", async () => {
    const { headers } = await ask(gateway, 'well', { headers: { traceparent: TRACEPARENT, tracestate: 'vendor=1,other=2' } });
    const { call, attempts } = await told(String(headers['x-request-id']));
    expect(call).toMatchObject({ traceId: TRACE_ID, parentId: PARENT_ID, traceState: 'vendor=1,other=2' });
    expect(stage.upstream.headers.at(-1)).toMatchObject({
      traceparent: `00-${TRACE_ID}-${String(attempts[0]?.spanId)}-01`,
      tracestate: 'vendor=1,other=2',
    });
  });

  it('begins a trace of its own where the one it is told is none', async () => {
    const { headers } = await ask(gateway, 'well', { headers: { traceparent: `00-${'0'.repeat(32)}-${PARENT_ID}-01`, tracestate: 'vendor=1' } });
    const { call } = await told(String(headers['x-request-id']));
    expect(call).toMatchObject({ parentId: '', traceState: '' });
    expect(stage.upstream.headers.at(-1)?.['tracestate']).toBeUndefined();
  });

  it('tells nothing of a trace that its client does not record, and passes it on as such', async () => {
    const traceId = 'f'.repeat(32);
    await ask(gateway, 'well', { headers: { traceparent: `00-${traceId}-${PARENT_ID}-00` } });
    expect(stage.upstream.headers.at(-1)?.['traceparent']).toMatch(new RegExp(`^00-${traceId}-(?!${PARENT_ID})[0-9a-f]{16}-00$`));
    const { headers } = await ask(gateway, 'well');
    await told(String(headers['x-request-id']));
    expect(receiver.spans.filter((span) => span.traceId === traceId)).toEqual([]);
  });

  it('tells a stream with the time to its first content', async () => {
    const { headers, text } = await ask(gateway, 'well', { body: { stream: true } });
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
    const { call, attempts } = await told(String(headers['x-request-id']));
    expect(call.attributes).toMatchObject({
      'gen_ai.request.stream': true,
      'gen_ai.response.id': 'chatcmpl-streamed',
      'gen_ai.response.model': 'inner-2026',
      'gen_ai.response.finish_reasons': ['length'],
      'gen_ai.usage.output_tokens': 5,
    });
    expect(call.attributes['gen_ai.response.time_to_first_chunk']).toBeGreaterThan(0);
    expect(attempts[0]?.attributes['gen_ai.response.time_to_first_chunk']).toBe(call.attributes['gen_ai.response.time_to_first_chunk']);
  });

  it('names what went wrong, of a call that was never tried too', async () => {
    const refused = await ask(gateway, 'well', { key: 'no-such-key' });
    expect(await told(String(refused.headers['x-request-id']))).toMatchObject({
      call: { name: 'chat', isError: true, attributes: { 'error.type': 'invalid_api_key', 'http.response.status_code': 401 } },
      attempts: [],
    });
    const broken = await ask(gateway, 'mock', { body: { n: 'many' } });
    const headers = { 'x-api-key': 'dev-key', 'content-type': 'application/json' };
    const missing = await send(`${gateway.url}/v1/embeddings`, { method: 'POST', headers, body: '{' });
    expect((await told(String(missing.headers['x-request-id']))).call).toMatchObject({
      name: 'embeddings',
      attributes: { 'error.type': 'invalid_json' },
    });
    expect((await told(String(broken.headers['x-request-id']))).call.attributes['gen_ai.request.choice.count']).toBeUndefined();
  });

  it('counts by both sets of names, with buckets of the conventions, and no name that a client thought up', async () => {
    await ask(gateway, 'a-name-nobody-configured');
    await ask(gateway, 'well', { path: 'embeddings', body: { input: 'x' } });
    const last = (metric: string, labels: object): SeenPoint | undefined =>
      receiver.points.findLast(
        (point) => point.metric === metric && Object.entries(labels).every(([name, value]) => point.attributes[name] === value),
      );
    const other = { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'other' };
    await until('the call is counted', () => last('gen_ai.client.inference.duration', other) !== undefined);
    await until('embeddings are counted', () => last('gen_ai.client.operation.duration', { 'gen_ai.operation.name': 'embeddings' }) !== undefined);
    expect(last('gen_ai.client.inference.duration', other)).toMatchObject({ unit: 's', count: 1, bounds: SECONDS, temporality: 2 });
    expect(last('gen_ai.client.operation.duration', other)).toMatchObject({ unit: 's', count: 1, bounds: SECONDS });
    expect(last('gen_ai.client.inference.usage.input_tokens', other)).toMatchObject({ unit: '{token}', sum: 11 });
    expect(last('gen_ai.client.inference.usage.output_tokens', other)?.sum).toBe(5);
    expect(last('gen_ai.client.inference.usage.cache_read.input_tokens', other)?.sum).toBe(4);
    expect(last('gen_ai.client.inference.usage.reasoning.output_tokens', other)?.sum).toBe(2);
    expect(last('gen_ai.client.inference.operation.input_tokens', other)).toMatchObject({ count: 1, sum: 11 });
    expect(last('gen_ai.client.token.usage', { ...other, 'gen_ai.token.type': 'output' })).toMatchObject({ count: 1, sum: 5 });
    for (const set of ['inference', 'operation']) {
      expect(last(`gen_ai.client.${set}.time_to_first_chunk`, {})?.count).toBe(1);
      expect(last(`gen_ai.client.${set}.time_per_output_chunk`, {})?.bounds).toEqual(SECONDS);
    }
    expect(last('gen_ai.client.inference.duration', { 'error.type': 'invalid_api_key' })?.count).toBe(1);
    expect(last('gen_ai.client.inference.duration', { 'gen_ai.operation.name': 'embeddings' })).toBeUndefined();
    expect(receiver.points.some(({ attributes }) => JSON.stringify(attributes).includes('nobody-configured'))).toBe(false);
  });

  it('sent its headers, and nothing that was said', () => {
    expect(receiver.requests.every(({ headers }) => headers['x-tenant'] === 'mine')).toBe(true);
    expect(new Set(receiver.requests.map(({ path }) => path))).toEqual(new Set(['/v1/traces', '/v1/metrics']));
    const everything = JSON.stringify([receiver.spans, receiver.points]);
    expect(everything).not.toMatch(/the-secret|dev-key|no-such-key/);
  });

  it('logs one line for each change of what the collector takes', async () => {
    await until('both signals were taken', () => collectorEvents(gateway).length >= 2);
    receiver.mood = 'refuses';
    await chat(gateway.url, { model: 'mock' });
    await until('both are refused', () => collectorEvents(gateway).length >= 4);
    const before = receiver.requests.length;
    await until('more was refused', () => receiver.requests.length > before + 3);
    receiver.mood = 'takes';
    await until('metrics are taken again', () => collectorEvents(gateway).length >= 5);
    expect(
      collectorEvents(gateway)
        .map(({ signal, state }) => `${String(signal)} ${String(state)}`)
        .slice(2, 5)
        .toSorted(),
    ).toEqual(['metrics down', 'metrics up', 'traces down']);
  });
});
