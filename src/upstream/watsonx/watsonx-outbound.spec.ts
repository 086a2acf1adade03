import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { GatewayError } from '../../contracts/gateway-error.js';
import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import type { Target } from '../../contracts/target.js';
import { AccessTokens } from '../access-tokens.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { ChatInbound } from '../openai/chat-inbound.js';
import type { JsonObject } from '../openai/json-value.js';
import { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamRequest } from '../upstream-transport.js';
import { WatsonxOutbound } from './watsonx-outbound.js';
import type { WatsonxOptions } from './watsonx-options.js';

class Tokens extends AccessTokens {
  override authorization(): string {
    return 'Bearer t';
  }
}

const OPTIONS: WatsonxOptions = { apiVersion: '2024-03-13', account: { project_id: 'p' }, scheme: 'Bearer', tokens: undefined };
const watsonx = new WatsonxOutbound(OPTIONS);
const at = (model = 'ibm/granite-3', part: Partial<UpstreamSettings> = {}): Target =>
  openaiTarget({}, { baseUrl: 'https://us-south.ml.cloud.ibm.com', ...part }, { model });
const HELLO = { messages: [{ role: 'user', content: 'hello' }] };

function written(body: object, target = at(), outbound = watsonx): UpstreamRequest {
  const call = openaiCall({ model: 'asked', ...HELLO, ...body }, { headers: { 'openai-beta': 'x', 'x-request-id': 'r1' } });
  return outbound.write(new ChatInbound().read(call), target, call);
}

const bodyOf = (body: object, target?: Target): JsonObject => JSON.parse(written(body, target).body.toString()) as JsonObject;
const tool = (name: string): object => ({
  type: 'function',
  function: {
    name,
    strict: true,
    parameters: { type: 'object', properties: { a: { type: 'object', additionalProperties: false } }, additionalProperties: false },
  },
});

function refusalOf(body: object): GatewayError {
  try {
    written(body);
  } catch (error) {
    if (error instanceof GatewayError) return error;
  }
  throw new Error('taken');
}

describe('where a request goes', () => {
  it.each([
    [false, 'ibm/granite-3', '/ml/v1/text/chat?version=2024-03-13'],
    [true, 'ibm/granite-3', '/ml/v1/text/chat_stream?version=2024-03-13'],
    [false, 'deployment/my id', '/ml/v1/deployments/my%20id/text/chat?version=2024-03-13'],
    [true, 'deployment/my id', '/ml/v1/deployments/my%20id/text/chat_stream?version=2024-03-13'],
  ])('stream %s, %s: %s', (stream, model, path) => {
    const request = written({ stream }, at(model));
    expect(request.path).toBe(path);
    expect(request.headers).toMatchObject({ 'x-request-id': 'r1', accept: stream ? 'text/event-stream' : 'application/json' });
    expect(request.headers).not.toHaveProperty('openai-beta');
  });

  it('names the model and who pays; a deployment has both by itself', () => {
    expect(bodyOf({})).toEqual({ model_id: 'ibm/granite-3', project_id: 'p', messages: HELLO.messages });
    expect(bodyOf({ stream: true })).not.toHaveProperty('stream');
    expect(bodyOf({}, at('deployment/d'))).toEqual({ messages: HELLO.messages });
  });

  it('carries a token, a key of a platform of its own, or whatever is got when it leaves', () => {
    expect(written({}, at('m', { apiKey: 'ey' })).headers).toMatchObject({ authorization: 'Bearer ey' });
    const zen = new WatsonxOutbound({ ...OPTIONS, scheme: 'ZenApiKey' });
    expect(written({}, at('m', { apiKey: 'eg==' }), zen).headers).toMatchObject({ authorization: 'ZenApiKey eg==' });
    const tokens = new Tokens();
    const asked = written({}, at('m', { apiKey: 'key' }), new WatsonxOutbound({ ...OPTIONS, tokens }));
    expect(asked.authorization).toBe(tokens);
    expect(JSON.stringify([asked.headers, asked.body.toString()])).not.toContain('key"');
  });
});

describe('what is asked for', () => {
  it("has OpenAI's names, but for a choice in a word; tools and their schemas are strict for nobody", () => {
    const asked = { tools: [tool('f')], max_completion_tokens: 5, temperature: 0, stop: 'x', seed: 1, reasoning_effort: 'low', n: 2 };
    expect(bodyOf({ ...asked, tool_choice: 'required' })).toMatchObject({
      tool_choice_option: 'required',
      max_tokens: 5,
      temperature: 0,
      stop: ['x'],
      seed: 1,
      reasoning_effort: 'low',
      n: 2,
      tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: { a: { type: 'object' } } } } }],
    });
    expect(JSON.stringify(bodyOf(asked))).not.toMatch(/additionalProperties|strict|tool_choice/);
    const named = { type: 'function', function: { name: 'f' } };
    expect(bodyOf({ ...asked, tool_choice: named })).toMatchObject({ tool_choice: named });
  });

  it('goes on where it is watsonx’ own, and is left out where it changes nothing', () => {
    const dropped = { user: 'u', metadata: {}, store: true, modalities: ['text'], project_id: 'other' };
    const body = bodyOf({ ...dropped, guided_choice: ['a'], extra_body: { time_limit: 1_000, space_id: 'other' } });
    expect(body).toEqual({ model_id: 'ibm/granite-3', project_id: 'p', messages: HELLO.messages, time_limit: 1_000, guided_choice: ['a'] });
  });

  it.each([
    [{ top_k: 5 }, 'top_k'],
    [{ tools: [tool('f'), tool('g')], parallel_tool_calls: false }, 'parallel_tool_calls'],
    [{ extra_body: { anything: 1 } }, 'anything'],
    [{ modalities: ['audio'] }, 'modalities'],
    [{ anything: 1 }, 'anything'],
  ])('%j is refused by name', (body, param) => {
    expect(refusalOf(body)).toMatchObject({ code: 'invalid_value', details: { param } });
  });
});

describe('what it answers', () => {
  const events = (stream: string): readonly NeutralEvent[] => {
    const reader = watsonx.streamReader(65_536, at());
    return [...reader.read(Buffer.from(stream)), ...reader.end()];
  };

  it('is OpenAI’s, with numbered events and without a last word', () => {
    const frame = { id: 'c1', model_id: 'ibm/granite-3', created: 1 };
    const event = (id: number, data: object): string => `id: ${id}\nevent: message\ndata: ${JSON.stringify({ ...frame, ...data })}\n\n`;
    const stream =
      event(1, { choices: [{ index: 0, finish_reason: null, delta: { role: 'assistant', content: '' } }] }) +
      event(2, { choices: [{ index: 0, finish_reason: null, delta: { content: 'hi' } }] }) +
      event(3, { choices: [{ index: 0, finish_reason: 'stop', delta: { content: '' } }] }) +
      event(4, { choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } });
    expect(events(stream).filter(({ kind }) => kind !== 'alive')).toEqual([
      { kind: 'start', id: 'c1' },
      { kind: 'text', choice: 0, text: 'hi' },
      { kind: 'finish', choice: 0, reason: 'stop', stopSequence: undefined },
      { kind: 'usage', usage: { input: 3, output: 2, cached: 0, cacheWritten: 0, reasoning: 0 } },
    ]);
  });

  it.each(['event: error\n', ''])('is a failure where it lists errors (%j)', (name) => {
    const error = { errors: [{ code: 'token_quota_reached', message: 'quota' }], trace: 't', status_code: 403 };
    expect(events(`${name}data: ${JSON.stringify(error)}\n\n`).at(-1)).toMatchObject({ kind: 'failure' });
    expect(watsonx.read(Buffer.from(JSON.stringify(error)), at()).at(-1)).toMatchObject({ kind: 'failure' });
  });

  it('is refused in its own words', () => {
    const body = {
      errors: [{ code: 'model_not_supported', message: "Model 'x' is not supported", more_info: 'https://x' }],
      trace: 't',
      status_code: 404,
    };
    expect(watsonx.explain(at(), 404, {}, Buffer.from(JSON.stringify(body)))).toMatchObject({
      kind: 'rejected',
      details: { status: 404, body: { error: { message: "Model 'x' is not supported", code: 'model_not_supported' } } },
    });
  });
});

describe('embeddings', () => {
  const call = openaiCall({ model: 'asked', input: ['a', 'b'], truncate_input_tokens: 9 }, {}, 'embeddings');

  it('are asked for all at once', () => {
    const { path, body } = watsonx.writeEmbeddings(call, at('ibm/slate'));
    expect(path).toBe('/ml/v1/text/embeddings?version=2024-03-13');
    expect(JSON.parse(body.toString())).toEqual({
      model_id: 'ibm/slate',
      project_id: 'p',
      inputs: ['a', 'b'],
      parameters: { truncate_input_tokens: 9 },
    });
    const sized = openaiCall({ model: 'asked', input: 'a', dimensions: 3 }, {}, 'embeddings');
    expect(() => watsonx.writeEmbeddings(sized, at())).toThrow(GatewayError);
  });

  it('are answered as a client of OpenAI expects them, or fail', () => {
    const answer = watsonx.readEmbeddings(
      Buffer.from(JSON.stringify({ model_id: 'ibm/slate', results: [{ embedding: [1] }, { embedding: [2] }], input_token_count: 4 })),
      call,
      at(),
    );
    if (answer instanceof UpstreamFailure) throw answer;
    expect(JSON.parse(answer.body.toString())).toMatchObject({ data: [{ embedding: [1] }, { embedding: [2] }], usage: { prompt_tokens: 4 } });
    expect(answer.usage).toMatchObject({ input: 4 });
    for (const body of ['{"results":[{"embedding":[1]}]}', '7', '{"errors":[{"code":"x","message":"y"}]}'])
      expect(watsonx.readEmbeddings(Buffer.from(body), call, at())).toBeInstanceOf(UpstreamFailure);
  });
});
