import { ROOT_CONTEXT } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { openaiCall, openaiTarget } from '../../test/doubles/openai-call.js';
import { requestContext } from '../../test/doubles/request-context.js';
import { errorType } from './error-type.js';
import { providerName } from './provider-name.js';
import { ToldCall } from './told-call.js';
import { upstreamAttributes } from './upstream-attributes.js';

function told(tell: (call: ToldCall) => void): ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const tracer = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer('test');
  tell(new ToldCall({ tracer, instruments: undefined }, ROOT_CONTEXT));
  return exporter.getFinishedSpans();
}

const call = openaiCall({ model: 'chat' });

it('an attempt that nobody told the end of ends with its call, and once', () => {
  const spans = told((toldCall) => {
    const context = requestContext({ call, attempts: 1 });
    const attempt = toldCall.attemptBegan(openaiTarget(), call, context);
    toldCall.ended(context, 499);
    attempt.ended('client_gone', { kind: 'client_gone', status: undefined });
  });
  expect(spans.map(({ name, attributes }) => [name, attributes['error.type'], attributes['nexus.outcome']])).toEqual([
    ['attempt provider', 'client_gone', 'client_gone'],
    ['chat chat', 'client_gone', undefined],
  ]);
});

it("figures of the gateway's own are not told as the upstream's", () => {
  const usage = { input: 1, output: 2, cached: 0, reasoning: 0 };
  const [estimated] = told((toldCall) => toldCall.ended(requestContext({ call, usage, usageEstimated: true }), 200));
  expect(estimated?.attributes['gen_ai.usage.input_tokens']).toBeUndefined();
  const [exact] = told((toldCall) => toldCall.ended(requestContext({ call, usage }), 200));
  expect(exact?.attributes['gen_ai.usage.input_tokens']).toBe(1);
});

it('a name is cut, however long a client makes it', () => {
  const long = openaiCall({ model: 'x'.repeat(1_000) });
  const [span] = told((toldCall) => toldCall.ended(requestContext({ call: long }), 404));
  expect(span?.name).toBe(`chat ${'x'.repeat(128)}`);
});

it.each([
  [undefined, 200, undefined],
  ['upstream_timeout', 504, 'upstream_timeout'],
  ['upstream_stream_interrupted', 200, 'upstream_stream_interrupted'],
  ['word-of-a-provider', 400, '400'],
  ['word-of-a-provider', 200, 'upstream_error'],
  [undefined, 499, 'client_gone'],
])('a call with the code %s and the status %d is told as %s', (code, status, type) => {
  expect(errorType(code, status)).toBe(type);
});

it('providers have the names of the conventions', () => {
  const named = (provider?: string): string => providerName(openaiTarget({}, provider === undefined ? {} : { provider }).upstream);
  expect([undefined, 'bedrock', 'azure', 'vertex_ai', 'gemini', 'mistral', 'xai', 'hosted_vllm', 'groq'].map(named)).toEqual([
    'openai',
    'aws.bedrock',
    'azure.ai.openai',
    'gcp.vertex_ai',
    'gcp.gemini',
    'mistral_ai',
    'x_ai',
    'vllm',
    'groq',
  ]);
});

it.each([
  ['https://api.example.com/v1', 'api.example.com', 443],
  ['http://host/v1', 'host', 80],
  ['http://[::1]:8001/v1', '::1', 8001],
])('%s is served at %s, port %d', (baseUrl, address, port) => {
  expect(upstreamAttributes(openaiTarget({}, { baseUrl }).upstream)).toMatchObject({ 'server.address': address, 'server.port': port });
});
