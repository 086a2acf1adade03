import { ProviderStage } from '../doubles/provider-stage.js';
import { PLAYED_PROVIDERS } from '../doubles/providers/played-providers.js';
import { CALL, REFUSAL, TEXT, THOUGHT, TOKENS } from '../doubles/providers/scene.js';
import { type RunningGateway, runGateway } from '../doubles/running-gateway.js';
import { SPEAKING_CLIENTS } from '../doubles/speaking-clients.js';

type Wire = keyof typeof SPEAKING_CLIENTS;

/** The words that each client's wire has for why an answer ended. */
const STOPS = {
  chat: { stop: 'stop', tool: 'tool_calls', length: 'length' },
  messages: { stop: 'end_turn', tool: 'tool_use', length: 'max_tokens' },
  responses: { stop: 'completed', tool: 'completed', length: 'max_output_tokens' },
} as const satisfies Record<Wire, object>;

/** Whose wire is that of Messages. */
const ANTHROPICS: ReadonlySet<string> = new Set(['anthropic', 'vertex_ai']);

/** And for an upstream whose stream broke off. */
const BROKEN = { chat: 'upstream_stream_interrupted', messages: 'api_error', responses: 'upstream_stream_interrupted' } as const;
const BUSY = { chat: 'upstream_rate_limited', messages: 'rate_limit_error', responses: 'upstream_rate_limited' } as const;

describe("any client's wire with any provider's", () => {
  const stage = new ProviderStage(PLAYED_PROVIDERS);
  let gateway: RunningGateway;

  beforeAll(async () => {
    await stage.start();
    gateway = await runGateway({
      ...stage.environment(),
      GATEWAY_API_KEY_POLICIES: '{"dev-key":{"rate_limit_per_minute":0}}',
      GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '1000',
      GATEWAY_MAX_ATTEMPTS: '1',
    });
  });

  afterAll(async () => {
    await gateway.stop();
    await stage.stop();
  });

  for (const wire of Object.keys(SPEAKING_CLIENTS) as Wire[]) {
    for (const provider of Object.keys(PLAYED_PROVIDERS)) {
      describe(`${wire} with ${provider}`, () => {
        describe.each([
          ['whole', false],
          ['streamed', true],
        ])('%s', (_how, streams) => {
          const hear = (scene: string) => SPEAKING_CLIENTS[wire](gateway.url, provider, scene, streams);

          it('text, and what it cost', async () => {
            expect(await hear('text')).toEqual({ text: TEXT, thought: '', calls: [], usage: TOKENS, stop: STOPS[wire].stop, model: provider });
          });

          it('a call of a tool', async () => {
            const heard = await hear('tool');
            const { id, name, arguments: given } = heard.calls[0] ?? {};
            expect(heard.calls).toHaveLength(1);
            // Gemini's calls have no ids.
            expect(id).toMatch(provider === 'gemini' ? /^\w+/ : CALL.id);
            expect({ ...heard, calls: [{ name, arguments: given }] }).toEqual({
              text: '',
              thought: '',
              calls: [{ name: CALL.name, arguments: CALL.arguments }],
              usage: TOKENS,
              stop: STOPS[wire].tool,
              model: provider,
            });
          });

          it('an answer that grew too long', async () => {
            expect(await hear('length')).toMatchObject({ text: TEXT, usage: TOKENS, stop: STOPS[wire].length });
          });

          it('thoughts before the answer', async () => {
            expect(await hear('thinks')).toMatchObject({ text: TEXT, thought: THOUGHT, stop: STOPS[wire].stop });
          });

          it("the provider's refusal, in its own words", async () => {
            const { error, text } = await hear('refused');
            expect({ text, status: error?.status }).toEqual({ text: '', status: 400 });
            expect(error?.message).toContain(REFUSAL);
          });

          it("the refusal of the gateway's own key is not the client's", async () => {
            const { error } = await hear('denied');
            expect(error?.status).toBe(502);
            expect(error?.message).not.toContain(REFUSAL);
          });

          it('an upstream that is down', async () => {
            // Between a client and a provider of Anthropic's wire errors pass as they are.
            expect((await hear('down')).error).toMatchObject({ status: wire === 'messages' && ANTHROPICS.has(provider) ? 503 : 502 });
          });
        });

        it('a stream that breaks off says so, after the words that came', async () => {
          const { error, text } = await SPEAKING_CLIENTS[wire](gateway.url, provider, 'cut', true);
          expect(TEXT.startsWith(text) && text !== '').toBe(true);
          expect(error).toMatchObject({ kind: BROKEN[wire], status: undefined });
        });
      });
    }
  }

  it("no provider ever saw the client's key", () => {
    expect(new Set(stage.calls.map(({ provider }) => provider))).toEqual(new Set(Object.keys(PLAYED_PROVIDERS)));
    expect(JSON.stringify(stage.calls.map(({ headers }) => headers))).not.toContain('dev-key');
    expect(stage.last('vertex_ai').headers).toMatchObject({ authorization: 'Bearer played' });
  });

  // Last: an upstream that is busy rests.
  describe.each(Object.keys(PLAYED_PROVIDERS))('while %s is busy', (provider) => {
    it.each(Object.keys(SPEAKING_CLIENTS) as Wire[])('a client of %s is told how long', async (wire) => {
      const { error } = await SPEAKING_CLIENTS[wire](gateway.url, provider, 'busy', false);
      expect(error).toMatchObject({ status: 429, kind: BUSY[wire] });
      expect(Number(error?.retryAfter)).toBeGreaterThanOrEqual(6);
      expect(Number(error?.retryAfter)).toBeLessThanOrEqual(7);
    });
  });
});
