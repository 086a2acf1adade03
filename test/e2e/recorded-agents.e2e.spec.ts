import { LITELLM_PROVIDERS, type ProviderRow } from '../../src/config/litellm-providers.js';
import { type RecordedCase, RecordedTraffic } from '../doubles/recorded-traffic.js';
import { RecordingStage } from '../doubles/recording-stage.js';
import { type RunningGateway, runGateway } from '../doubles/running-gateway.js';
import { type Said, WIRE_READERS } from '../doubles/wire-readers.js';

type Json = Readonly<Record<string, unknown>>;
const WIRES = { messages: 'anthropic', vertex_anthropic: 'anthropic', gemini: 'gemini', gemini_stream: 'gemini', converse: 'bedrock' } as const;
const OTHERS = { converse_stream: 'bedrock', cohere_chat: 'cohere', responses: 'responses', chat: 'chat' } as const;
const WIRE_OF: Readonly<Record<string, string>> = { ...WIRES, ...OTHERS };
const FRAMINGS = new Set(['sse', 'json', 'aws-eventstream']);
/** Azure's and Snowflake's faces of other wires have addresses of their own. */
const APART = new Set(['snowflake', 'writer']);
const MODELS = {
  anthropic: 'anthropic/claude-sonnet-4-5',
  gemini: 'gemini/gemini-2.5-flash',
  bedrock: 'bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0',
  cohere: 'cohere/command-a-03-2025',
  responses: 'openai/responses/recorded-pro',
} as const;

const traffic = RecordedTraffic.open();
const isOurs = ({ endpoint, framing, provider, status }: RecordedCase): boolean =>
  endpoint in WIRE_OF && FRAMINGS.has(framing) && !APART.has(provider) && status === 200;
const cases = traffic?.cases(isOurs) ?? [];
const providers = [...new Set(cases.map(({ provider }) => provider))];

(traffic === undefined ? describe.skip : describe)('recorded providers and clients of Messages and Responses, over real sockets', () => {
  const stage = new RecordingStage(traffic as RecordedTraffic, cases);
  let gateway: RunningGateway;

  beforeAll(async () => {
    const base = await stage.start();
    const env: Record<string, string> = { OPENAI_API_BASE: base, ANTHROPIC_API_BASE: base, GEMINI_API_BASE: base, COHERE_API_BASE: base };
    Object.assign(env, { OPENAI_API_KEY: 'k', ANTHROPIC_API_KEY: 'k', GEMINI_API_KEY: 'k', COHERE_API_KEY: 'k', AWS_BEDROCK_RUNTIME_ENDPOINT: base });
    Object.assign(env, { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 'k', AWS_REGION_NAME: 'eu-central-1' });
    gateway = await runGateway({
      ...env,
      ...Object.assign({}, ...providers.map((provider) => environmentOf(provider, base))),
      // An upstream for each: what one refuses is no other's rest.
      GATEWAY_UPSTREAMS: cases.map((recorded, index) => `r${index}=${upstreamOf(recorded, base)}`).join(';'),
      GATEWAY_API_KEY_POLICIES: '{"dev-key":{"rate_limit_per_minute":0}}',
      GATEWAY_MAX_ATTEMPTS: '1',
    });
  });

  afterAll(async () => {
    await gateway.stop();
    await stage.stop();
  });

  for (const provider of providers.length === 0 ? ['none'] : providers) {
    describe(`${provider}`, () => {
      const own = cases.filter((recorded) => recorded.provider === provider);

      it.each(Object.keys(WIRE_READERS) as (keyof typeof WIRE_READERS)[])('says to clients of %s what was recorded', async (wire) => {
        const differences: unknown[] = [];
        for (const recorded of own) {
          const told = await ask(wire, recorded);
          const expected = expectedOf(recorded, wire);
          const failed = (traffic as RecordedTraffic).summary(recorded).error !== undefined;
          if (failed ? told.error === undefined : !alike(told, expected)) differences.push({ id: recorded.id, told, expected });
        }
        expect(differences).toEqual([]);
      });
    });
  }

  async function post(wire: keyof typeof WIRE_READERS, recorded: RecordedCase): Promise<{ readonly status: number; readonly body: string }> {
    const model = `r${cases.indexOf(recorded)}`;
    const { path, request } = WIRE_READERS[wire];
    const stream = recorded.framing !== 'json' || recorded.id.includes('-stream-');
    const answer = await fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: { authorization: 'Bearer dev-key', 'content-type': 'application/json' },
      body: JSON.stringify({ model, ...request(`replay:${recorded.id};`), ...(stream && { stream: true }) }),
    });
    return { status: answer.status, body: await answer.text() };
  }

  async function ask(wire: keyof typeof WIRE_READERS, recorded: RecordedCase): Promise<Said & { readonly error?: unknown }> {
    const { status, body } = await post(wire, recorded);
    if (status !== 200) return { text: '', calls: [], error: body };
    const events = body.trimStart().startsWith('{')
      ? [JSON.parse(body) as Json]
      : body
          .split('\n')
          .filter((line) => line.startsWith('data: {'))
          .map((line) => JSON.parse(line.slice(6)) as Json);
    const error =
      events.find((event) => event['error'] !== undefined && event['error'] !== null) ?? events.find((event) => event['type'] === 'response.failed');
    return { ...WIRE_READERS[wire].read(events), ...(error !== undefined && { error }) };
  }
});

function environmentOf(provider: string, base: string): Record<string, string> {
  const row = (LITELLM_PROVIDERS as Readonly<Record<string, ProviderRow>>)[provider];
  if (row === undefined || (row.dialect !== undefined && row.dialect !== 'azure')) return {};
  return { ...(row.baseEnv[0] !== undefined && { [row.baseEnv[0]]: base }), ...(row.keyEnv[0] !== undefined && { [row.keyEnv[0]]: 'k' }) };
}

function upstreamOf({ provider, endpoint }: RecordedCase, base: string): string {
  const wire = WIRE_OF[endpoint] ?? '';
  if (wire in MODELS) return `litellm://${MODELS[wire as keyof typeof MODELS]}`;
  const row = (LITELLM_PROVIDERS as Readonly<Record<string, ProviderRow>>)[provider];
  // What OpenAI said to chat is no answer to Responses, which it speaks itself.
  const isPlain = row === undefined || provider === 'openai';
  return isPlain || (row.dialect !== undefined && row.dialect !== 'azure') ? `${base}/v1?model=recorded` : `litellm://${provider}/recorded`;
}

function expectedOf(recorded: RecordedCase, wire: keyof typeof WIRE_READERS): Said {
  const [first] = (traffic as RecordedTraffic).summary(recorded).choices ?? [];
  return {
    // Messages have no word for a refusal but the text itself.
    text: (first?.text ?? '') + (wire === 'messages' ? (first?.refusal ?? '') : ''),
    // Calls of custom tools have no name there: none of these clients asks for one.
    calls: (first?.tool_calls ?? []).filter(({ name }) => name !== '').map(({ name, arguments: given }) => ({ name, arguments: unbroken(given) })),
  };
}

/** Arguments that broke off: as they stand. In Messages they are an object with that text in it. */
function unbroken(given: unknown): unknown {
  const { __unparsed__: broken, arguments: wrapped } = (given ?? {}) as { __unparsed__?: unknown; arguments?: unknown };
  return broken ?? (typeof wrapped === 'string' && Object.keys(given as object).length === 1 ? wrapped : given);
}

function alike(told: Said & { readonly error?: unknown }, expected: Said): boolean {
  if (told.error !== undefined || told.text !== expected.text) return false;
  const calls = told.calls.filter(({ name }) => name !== '').map(({ name, arguments: given }) => ({ name, arguments: unbroken(given) }));
  return JSON.stringify(calls) === JSON.stringify(expected.calls);
}
