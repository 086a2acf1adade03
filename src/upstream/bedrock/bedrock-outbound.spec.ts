import { eventFrame } from '../../../test/doubles/event-stream-frame.js';
import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { GatewayError } from '../../contracts/gateway-error.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import { MessagesInbound } from '../anthropic/messages-inbound.js';
import { ChatInbound } from '../openai/chat-inbound.js';
import { RequestSigner } from '../request-signer.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { BedrockOutbound } from './bedrock-outbound.js';

const bedrock = new BedrockOutbound(undefined);
const user = { role: 'user', content: 'hi' };
const CLAUDE = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
const CLAUDE_4 = 'us.anthropic.claude-sonnet-4-20250514-v1:0';
const NOVA = 'amazon.nova-lite-v1:0';
const LLAMA = 'meta.llama3-1-8b-instruct-v1:0';
const PNG = 'iVBORw0KGgoAAA==';

function write(body: object, model = CLAUDE, part: Partial<InferenceCall> = {}): ReturnType<BedrockOutbound['write']> {
  const call = openaiCall({ model: 'chat', messages: [user], ...body }, part);
  return bedrock.write(new ChatInbound().read(call), { ...openaiTarget(), model }, call);
}
const written = (body: object, model = CLAUDE): Record<string, unknown> => JSON.parse(write(body, model).body.toString()) as Record<string, unknown>;
const claudeClient = (body: object, model = CLAUDE): Record<string, unknown> => {
  const call = openaiCall({ model: 'chat', max_tokens: 9, messages: [user], ...body }, {}, 'messages');
  const { body: bytes } = bedrock.write(new MessagesInbound().read(call), { ...openaiTarget(), model }, call);
  return JSON.parse(bytes.toString()) as Record<string, unknown>;
};
const parameters = { type: 'object', properties: { a: { type: 'string' } } };
const tool = { type: 'function', function: { name: 'f', description: 'does', parameters } };
const spec = { toolSpec: { name: 'f', description: 'does', inputSchema: { json: parameters } } };
const part = (content: object): object => ({ messages: [{ role: 'user', content: [content] }] });

function refusalOf(take: () => unknown): GatewayError {
  try {
    take();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('taken');
}

describe('a request to Bedrock', () => {
  it('has the model in its path, encoded, and the key as a bearer', () => {
    const headers = { 'openai-beta': 'x', 'anthropic-beta': 'y', 'x-amz-meta': 'z', 'x-request-id': 'r' };
    const request = write({}, CLAUDE, { headers });
    expect(request.path).toBe('/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse');
    expect(request.headers).toEqual({
      'x-request-id': 'r',
      'content-type': 'application/json',
      accept: 'application/json',
      authorization: 'Bearer sk-CANARY0123456789abcdef',
    });
    const arn = 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0';
    const streamed = write({ stream: true }, arn);
    expect(streamed.path).toBe(`/model/${encodeURIComponent(arn)}/converse-stream`);
    expect(streamed.headers['accept']).toBe('application/vnd.amazon.eventstream');
    expect(JSON.parse(streamed.body.toString())).toEqual({ messages: [{ role: 'user', content: [{ text: 'hi' }] }] });
  });

  it('is signed when it leaves where no key is set', () => {
    class Signer extends RequestSigner {
      override sign(): Record<string, string> {
        return {};
      }
    }
    const signer = new Signer();
    const call = openaiCall({ model: 'chat', messages: [user] });
    const signed = new BedrockOutbound(signer);
    const request = signed.write(new ChatInbound().read(call), openaiTarget({}, { apiKey: undefined }), call);
    expect(request.signer).toBe(signer);
    expect(request.headers['authorization']).toBeUndefined();
    expect(signed.write(new ChatInbound().read(call), openaiTarget(), call).signer).toBeUndefined();
  });

  it('says how to sample in inferenceConfig', () => {
    const { inferenceConfig, additionalModelResponseFieldPaths, ...rest } = written({
      max_completion_tokens: 7,
      temperature: 1.5,
      stop: ['a', ' ', ''],
      seed: 1,
      frequency_penalty: 1,
      presence_penalty: 1,
    });
    expect(inferenceConfig).toEqual({ maxTokens: 7, temperature: 1, stopSequences: ['a'] });
    expect(additionalModelResponseFieldPaths).toEqual(['/stop_sequence']);
    expect(Object.keys(rest)).toEqual(['messages']);
    expect(written({ temperature: 0.2, top_p: 0.3 })['inferenceConfig']).toEqual({ temperature: 0.2 });
    expect(written({ temperature: 0.2, top_p: 0.3 }, NOVA)['inferenceConfig']).toEqual({ temperature: 0.2, topP: 0.3 });
    expect(written({ stop: 'x' }, NOVA)).not.toHaveProperty('additionalModelResponseFieldPaths');
  });

  it.each<[string, object]>([
    [CLAUDE, { top_k: 5 }],
    [NOVA, { inferenceConfig: { topK: 5 } }],
    [LLAMA, { top_k: 5 }],
    ['cohere.command-r-v1:0', { k: 5 }],
  ])('top_k of %s stands among the fields of the model', (model, fields) => {
    expect(written({ top_k: 5 }, model)['additionalModelRequestFields']).toEqual(fields);
    expect(written({ top_k: -1 }, model)).not.toHaveProperty('additionalModelRequestFields');
  });
});

describe('a conversation', () => {
  it('alternates, results stand first with their marks, blank texts and unsigned thoughts are left out', () => {
    const call = (id: string): object => ({ id, type: 'function', function: { name: 'f', arguments: '{"a":1}' } });
    const { system, messages } = written({
      tools: [tool],
      messages: [
        { role: 'system', content: 'one' },
        { role: 'developer', content: [{ type: 'text', text: 'two', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
        { role: 'system', content: ' \n' },
        user,
        {
          role: 'user',
          content: [
            { type: 'text', text: ' ' },
            { type: 'text', text: 'more' },
          ],
        },
        { role: 'assistant', content: 'see', reasoning_content: 'unsigned', tool_calls: [call('c1'), call('c:2')] },
        { role: 'user', content: 'and' },
        { role: 'tool', tool_call_id: 'c1', content: 'r1' },
        { role: 'tool', tool_call_id: 'c:2', content: [{ type: 'text', text: 'r2' }], cache_control: { type: 'ephemeral' } },
        {
          role: 'assistant',
          thinking_blocks: [
            { type: 'thinking', thinking: 'hm', signature: 's' },
            { type: 'thinking', thinking: 'mm', signature: 'gemini.thought.x' },
            { type: 'thinking', thinking: 'mm', signature: 'enc1.x' },
            { type: 'redacted_thinking', data: 'enc1.x' },
            { type: 'redacted_thinking', data: 'd' },
          ],
          content: 'so \n',
        },
      ],
    });
    expect(system).toEqual([{ text: 'one' }, { text: 'two' }, { cachePoint: { type: 'default', ttl: '1h' } }]);
    expect(messages).toEqual([
      { role: 'user', content: [{ text: 'hi' }, { text: 'more' }] },
      {
        role: 'assistant',
        content: [
          { text: 'see' },
          { toolUse: { toolUseId: 'c1', name: 'f', input: { a: 1 } } },
          { toolUse: { toolUseId: 'c_2', name: 'f', input: { a: 1 } } },
        ],
      },
      {
        role: 'user',
        content: [
          { toolResult: { toolUseId: 'c1', content: [{ text: 'r1' }] } },
          { toolResult: { toolUseId: 'c_2', content: [{ text: 'r2' }] } },
          { cachePoint: { type: 'default' } },
          { text: 'and' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { reasoningContent: { reasoningText: { text: 'hm', signature: 's' } } },
          { reasoningContent: { redactedContent: 'd' } },
          { text: 'so' },
        ],
      },
    ]);
  });

  it('a failed result is told as one, and an id that is too long is the same for the call and its result', () => {
    const id = 'x'.repeat(80);
    const { messages } = claudeClient({
      tools: [{ name: 'f', input_schema: parameters }],
      messages: [
        user,
        { role: 'assistant', content: [{ type: 'tool_use', id, name: 'f', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, is_error: true, content: 'no' }] },
      ],
    }) as { messages: { content: Record<string, { toolUseId: string; status?: string }>[] }[] };
    const [, call, result] = messages.map(({ content }) => content[0]);
    expect(call?.['toolUse']?.toolUseId).toMatch(/^[\w-]{1,64}$/);
    expect(result?.['toolResult']).toMatchObject({ toolUseId: call?.['toolUse']?.toolUseId, status: 'error' });
  });

  it('nobody but Claude and Nova is told what to cache, and Nova not of tools', () => {
    const cache_control = { type: 'ephemeral' };
    const body = { tools: [{ ...tool, cache_control }], messages: [{ role: 'user', content: [{ type: 'text', text: 'x', cache_control }] }] };
    const points = (model: string): number => JSON.stringify(written(body, model)).split('cachePoint').length - 1;
    expect([CLAUDE, NOVA, LLAMA, 'anthropic.claude-3-haiku-20240307-v1:0', 'us.amazon.nova-premier-v1:0'].map(points)).toEqual([2, 1, 0, 0, 0]);
  });

  it('without a message beside the instructions it is refused', () => {
    expect(refusalOf(() => written({ messages: [{ role: 'system', content: 'x' }] })).details.param).toBe('messages');
  });
});

describe('images and files', () => {
  const image = (url: string): object => part({ type: 'image_url', image_url: { url } });
  const first = (body: object, model = CLAUDE): unknown => (written(body, model)['messages'] as { content: unknown[] }[])[0]?.content[0];

  it('go as bytes, their format as the bytes tell it', () => {
    expect(first(image(`data:image/png;base64,${PNG}`))).toEqual({ image: { format: 'png', source: { bytes: PNG } } });
    expect(first(image(`data:image/jpeg;base64,${PNG}`))).toEqual({ image: { format: 'png', source: { bytes: PNG } } });
    expect(first(image('data:image/webp;base64,eHh4'))).toEqual({ image: { format: 'webp', source: { bytes: 'eHh4' } } });
    expect(first(image('s3://bucket/a.JPG'))).toEqual({ image: { format: 'jpeg', source: { s3Location: { uri: 's3://bucket/a.JPG' } } } });
  });

  it.each([
    ['an address', image('https://a.example/x.png')],
    ['a type nobody takes', image('data:image/tiff;base64,eHh4')],
    ['sound', part({ type: 'input_audio', input_audio: { data: 'eHh4', format: 'wav' } })],
  ])('%s is refused by name', (_what, body) => {
    expect(refusalOf(() => written(body))).toMatchObject({ code: 'invalid_value', details: { param: 'messages' } });
  });

  it('documents have names of their own, in letters that are taken', () => {
    const file = (filename: string, mime: string): object => ({ type: 'file', file: { filename, file_data: `data:${mime};base64,eHh4` } });
    const body = {
      messages: [{ role: 'user', content: [file('a_b.pdf', 'application/pdf'), file('a b pdf', 'application/pdf'), file('n.md', 'x/y')] }],
    };
    expect((written(body)['messages'] as { content: unknown }[])[0]?.content).toEqual([
      { document: { format: 'pdf', name: 'a b pdf', source: { bytes: 'eHh4' } } },
      { document: { format: 'pdf', name: 'a b pdf-2', source: { bytes: 'eHh4' } } },
      { document: { format: 'md', name: 'n md', source: { bytes: 'eHh4' } } },
    ]);
    expect(refusalOf(() => written(part(file('x.zip', 'application/zip')))).details.param).toBe('messages');
  });
});

describe('tools', () => {
  it.each<[string, object | undefined]>([
    ['auto', { auto: {} }],
    ['required', { any: {} }],
  ])('the choice %s', (tool_choice, toolChoice) => {
    expect(written({ tools: [tool], tool_choice })['toolConfig']).toEqual({ tools: [spec], toolChoice });
  });

  it('a choice by name, no choice, and none', () => {
    expect(written({ tools: [tool], tool_choice: { type: 'function', function: { name: 'f' } } })['toolConfig']).toEqual({
      tools: [spec],
      toolChoice: { tool: { name: 'f' } },
    });
    expect(written({ tools: [tool] })['toolConfig']).toEqual({ tools: [spec] });
    expect(written({ tools: [tool], tool_choice: 'none' })).not.toHaveProperty('toolConfig');
  });

  it('one that does nothing stands in when some were called and none are declared', () => {
    const messages = [
      user,
      { role: 'assistant', tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '' } }] },
      { role: 'tool', tool_call_id: 'c', content: 'r' },
    ];
    const dummy = { tools: [{ toolSpec: { name: 'no_tool', inputSchema: { json: { type: 'object', properties: {} } } } }] };
    expect(written({ messages })['toolConfig']).toMatchObject(dummy);
    expect(written({ messages, tools: [tool], tool_choice: 'none' })['toolConfig']).toMatchObject(dummy);
    expect(written({ messages, tools: [tool] })['toolConfig']).toEqual({ tools: [spec] });
  });

  it('a schema is always one of an object, and strict only where the model knows it', () => {
    const bare = { type: 'function', function: { name: 'g', strict: true } };
    const { tools } = written({ tools: [bare] })['toolConfig'] as { tools: object[] };
    expect(tools).toEqual([{ toolSpec: { name: 'g', inputSchema: { json: { type: 'object', properties: {} } }, strict: true } }]);
    const loose = { type: 'function', function: { name: 'g', strict: true, parameters: { properties: {} } } };
    expect((written({ tools: [loose] }, NOVA)['toolConfig'] as { tools: object[] }).tools).toEqual([
      { toolSpec: { name: 'g', inputSchema: { json: { properties: {}, type: 'object' } } } },
    ]);
  });

  it('Claude is told to call one at a time in the words of its own API, nobody else is', () => {
    const body = { tools: [tool], tool_choice: 'required', parallel_tool_calls: false };
    expect(written(body)).toMatchObject({
      toolConfig: { tools: [spec] },
      additionalModelRequestFields: { tool_choice: { type: 'any', disable_parallel_tool_use: true } },
    });
    expect(written(body)['toolConfig']).not.toHaveProperty('toolChoice');
    expect(written(body, NOVA)).toMatchObject({ toolConfig: { toolChoice: { any: {} } } });
    expect(written(body, NOVA)).not.toHaveProperty('additionalModelRequestFields');
  });

  it('the search of Amazon is one of its models alone', () => {
    expect(written({ web_search_options: {} }, 'us.amazon.nova-2-lite-v1:0')['toolConfig']).toEqual({
      tools: [{ systemTool: { name: 'nova_grounding' } }],
    });
    expect(refusalOf(() => written({ web_search_options: {} })).details.param).toBe('web_search_options');
  });
});

describe('an answer in JSON', () => {
  const schema = { type: 'object', properties: { a: { type: 'integer', minimum: 1 } } };
  const response_format = { type: 'json_schema', json_schema: { name: 'n', description: 'd', schema, strict: true } };

  it('is asked for by its schema where the model takes one', () => {
    const { outputConfig } = written({ response_format }) as { outputConfig: { textFormat: { structure: { jsonSchema: { schema: string } } } } };
    expect(outputConfig).toMatchObject({ textFormat: { type: 'json_schema', structure: { jsonSchema: { name: 'n', description: 'd' } } } });
    expect(JSON.parse(outputConfig.textFormat.structure.jsonSchema.schema)).toMatchObject({
      additionalProperties: false,
      properties: { a: { type: 'integer', description: '{minimum: 1}' } },
    });
    expect(written({ response_format }, 'minimax.minimax-m2')).toHaveProperty('outputConfig');
  });

  it('elsewhere a tool that must be called takes it, and who must call cannot think', () => {
    const json = { toolSpec: { name: 'json_tool_call', description: 'd', inputSchema: { json: schema } } };
    expect(written({ response_format, reasoning_effort: 'high' }, CLAUDE_4)).toEqual({
      messages: [{ role: 'user', content: [{ text: 'hi' }] }],
      toolConfig: { tools: [json], toolChoice: { tool: { name: 'json_tool_call' } } },
    });
    expect(written({ response_format, tools: [tool] }, NOVA)['toolConfig']).toEqual({ tools: [spec, json], toolChoice: { any: {} } });
    expect(written({ response_format }, 'mistral.mistral-large-2407-v1:0')['toolConfig']).toEqual({ tools: [json], toolChoice: { any: {} } });
  });

  it('else, and without a schema, words ask for it', () => {
    expect(JSON.stringify(written({ response_format }, LLAMA)['system'])).toContain('Its JSON Schema: {');
    expect(written({ response_format: { type: 'json_object' } })['system']).toEqual([{ text: expect.stringContaining('one JSON object') }]);
  });
});

describe('thinking', () => {
  const fields = (body: object, model: string): unknown => written(body, model)['additionalModelRequestFields'];

  it.each<[string, string, object, object | undefined]>([
    ['a budget for Claude', CLAUDE, { reasoning_effort: 'medium' }, { thinking: { type: 'enabled', budget_tokens: 2048 } }],
    [
      'a number of tokens as it is',
      CLAUDE_4,
      { thinking: { type: 'enabled', budget_tokens: 5000 } },
      { thinking: { type: 'enabled', budget_tokens: 5000 } },
    ],
    [
      'an effort where Claude decides itself',
      'us.anthropic.claude-sonnet-4-6',
      { reasoning_effort: 'high' },
      { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } },
    ],
    ['nothing where it cannot', CLAUDE, { reasoning_effort: 'low', max_tokens: 100 }, undefined],
    ['nothing for none', CLAUDE, { reasoning_effort: 'none' }, undefined],
    [
      'an effort for Nova 2',
      'us.amazon.nova-2-lite-v1:0',
      { reasoning_effort: 'low' },
      { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' } },
    ],
    ['nothing for its elders', NOVA, { reasoning_effort: 'low' }, undefined],
    ['an effort for gpt-oss', 'openai.gpt-oss-120b-1:0', { reasoning_effort: 'xhigh' }, { reasoning_effort: 'high' }],
    ['nothing for others', LLAMA, { reasoning_effort: 'high' }, undefined],
  ])('%s', (_what, model, body, expected) => {
    expect(fields(body, model)).toEqual(expected);
  });

  it('leaves how it samples to the model', () => {
    const body = written({ reasoning_effort: 'medium', temperature: 0.1, top_k: 3, top_p: 0.2, max_tokens: 8000 });
    expect(body['inferenceConfig']).toEqual({ maxTokens: 8000 });
    expect(body['additionalModelRequestFields']).not.toHaveProperty('top_k');
  });
});

describe('what only the client says', () => {
  it("goes on where it is Converse's own, and is left out where LiteLLM's users expect it", () => {
    const guardrailConfig = { guardrailIdentifier: 'g', guardrailVersion: '1', trace: 'enabled' };
    const body = written({
      guardrailConfig,
      performanceConfig: { latency: 'optimized' },
      requestMetadata: { a: 'b' },
      user: 'u-1',
      service_tier: 'priority',
      anthropic_beta: ['context-1m-2025-08-07'],
      additionalModelRequestFields: { x: 1 },
      metadata: { m: 'n' },
      store: true,
      prompt_cache_key: 'k',
      logit_bias: {},
    });
    expect(body).toEqual({
      messages: [{ role: 'user', content: [{ text: 'hi' }] }],
      guardrailConfig,
      performanceConfig: { latency: 'optimized' },
      serviceTier: { type: 'priority' },
      requestMetadata: { user: 'u-1', a: 'b' },
      additionalModelRequestFields: { x: 1, anthropic_beta: ['context-1m-2025-08-07'] },
    });
    expect(written({ service_tier: 'auto', user: 'Ünal!' })).toEqual({ messages: [{ role: 'user', content: [{ text: 'hi' }] }] });
  });

  it.each<[string, object]>([
    ['n', { n: 2 }],
    ['logprobs', { logprobs: true }],
    ['logit_bias', { logit_bias: { 1: 2 } }],
    ['modalities', { modalities: ['audio'] }],
    ['foo', { foo: 1 }],
  ])('%s is refused by name', (param, body) => {
    expect(refusalOf(() => written(body))).toMatchObject({ code: 'invalid_value', details: { param } });
  });
});

describe('a refusal', () => {
  const explain = (status: number, type: string | undefined, body: object | string): UpstreamFailure =>
    bedrock.explain(
      openaiTarget(),
      status,
      { 'retry-after': '3', ...(type !== undefined && { 'x-amzn-errortype': type }) },
      Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    );

  it.each<[number, string, string, string | null]>([
    [400, 'ValidationException:http://internal.amazon.com/coral/com.amazon.bedrock/', 'rejected', null],
    [404, 'ResourceNotFoundException', 'rejected', 'ResourceNotFoundException'],
    [403, 'AccessDeniedException:http://x', 'auth', null],
    [403, 'ExpiredTokenException', 'auth', null],
    [400, 'IncompleteSignatureException', 'auth', null],
    [429, 'ThrottlingException:', 'rate_limited', null],
    [400, 'ServiceQuotaExceededException', 'quota_exhausted', null],
    [429, 'ModelNotReadyException', 'rate_limited', null],
    [408, 'ModelTimeoutException', 'server_error', null],
    [424, 'ModelErrorException', 'server_error', null],
    [500, 'InternalServerException', 'server_error', null],
    [503, 'ServiceUnavailableException', 'server_error', null],
  ])('%i %s is %s', (status, type, kind, code) => {
    const failure = explain(status, type, { message: 'It says why.' });
    expect(failure.kind).toBe(kind);
    expect(failure.details).toMatchObject({ status, retryAfterMs: 3_000 });
    if (kind === 'rejected')
      expect(failure.details.body).toEqual({ error: { message: 'It says why.', type: 'invalid_request_error', param: null, code } });
    else expect(failure.message).not.toContain('It says why.');
  });

  it('tells the class from the body too, and reads a message with a capital letter', () => {
    expect(explain(400, undefined, { __type: 'com.amazon.coral.service#ThrottlingException', Message: 'Slow.' }).kind).toBe('rate_limited');
    expect(explain(400, undefined, { Message: 'No.' }).message).toBe('No.');
  });

  it('a prompt that is too long is one, by any of its words', () => {
    for (const message of ['Input is too long for requested model.', 'The model returned the following errors: Input Tokens Exceeded: x'])
      expect(explain(400, 'ValidationException', { message })).toMatchObject({
        kind: 'context_length',
        details: { body: { error: { message, code: 'context_length_exceeded' } } },
      });
  });

  it.each([
    ["1 validation error detected: Value '5.0' at 'inferenceConfig.temperature' failed to satisfy constraint: x", 'temperature'],
    ["1 validation error detected: Value at 'messages.1.member.content' failed to satisfy constraint: x", 'messages.1.member.content'],
    ['The model returned the following errors: messages.0.content.1.image: broken', 'messages.0.content.1.image'],
    ['The provided model identifier is invalid.', null],
  ])('names the parameter of: %s', (message, param) => {
    expect(explain(400, 'ValidationException', { message }).details.body?.error.param).toBe(param);
  });

  it('of a signature shows nothing of what was signed, in any form', () => {
    const message = "The Canonical String for this request should have been\n'POST\n/\nx-amz-security-token:SECRET-TOKEN'";
    const failure = explain(403, 'InvalidSignatureException', { message });
    expect(failure.kind).toBe('auth');
    expect(JSON.stringify([failure.message, failure.details])).not.toContain('SECRET');
    expect(failure.details.rawBody).toBeUndefined();
  });

  it('that is a page, or nothing at all, has words of ours', () => {
    expect(explain(502, undefined, '<html>bad</html>').kind).toBe('server_error');
    expect(explain(400, 'ValidationException', '').message).toContain('status 400');
  });
});

describe('an answer that makes no sense', () => {
  it.each(['', 'null', '[]', '{}', '{"output":{}}', '{"output":', '{"message":7}'])('%s is a failure, not an exception', (body) => {
    expect(bedrock.read(Buffer.from(body))).toMatchObject([{ kind: 'failure', failure: { kind: 'invalid' } }]);
  });

  it.each(['malformed_model_output', 'malformed_tool_use'])('%s is a failure where nothing was said, else an end like another', (stopReason) => {
    const answer = (content: object[]): Buffer => Buffer.from(JSON.stringify({ output: { message: { role: 'assistant', content } }, stopReason }));
    expect(bedrock.read(answer([]))).toMatchObject([{ kind: 'failure', failure: { kind: 'server_error' } }]);
    expect(bedrock.read(answer([{ text: 'Well' }])).at(-1)).toMatchObject({ kind: 'finish', reason: 'stop' });
    const streamed = (...frames: Buffer[]): object | undefined =>
      bedrock
        .streamReader(10_000)
        .read(Buffer.concat([...frames, eventFrame('messageStop', { stopReason })]))
        .at(-1);
    expect(streamed(eventFrame('messageStart', { role: 'assistant' }))).toMatchObject({ kind: 'failure', failure: { kind: 'server_error' } });
    expect(streamed(eventFrame('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Well' } }))).toMatchObject({
      kind: 'finish',
      reason: 'stop',
    });
  });

  it('an error with a good status is that error', () => {
    expect(bedrock.read(Buffer.from('{"__type":"x#ThrottlingException","message":"Slow."}'))).toMatchObject([
      { kind: 'failure', failure: { kind: 'rate_limited' } },
    ]);
  });
});

describe('embeddings', () => {
  const call = (body: object): InferenceCall => openaiCall({ model: 'e', ...body }, {}, 'embeddings');
  const embed = (body: object, model: string): { path: string; body: unknown } => {
    const request = bedrock.writeEmbeddings(call(body), { ...openaiTarget(), model });
    return { path: request.path, body: JSON.parse(request.body.toString()) };
  };

  it.each<[string, object, object]>([
    ['amazon.titan-embed-text-v1', { input: 'a' }, { inputText: 'a' }],
    ['amazon.titan-embed-text-v2:0', { input: ['a'], dimensions: 256, normalize: false }, { inputText: 'a', dimensions: 256, normalize: false }],
    ['amazon.titan-embed-image-v1', { input: 'a', dimensions: 384 }, { inputText: 'a', embeddingConfig: { outputEmbeddingLength: 384 } }],
    ['cohere.embed-english-v3', { input: ['a', 'b'] }, { texts: ['a', 'b'], input_type: 'search_document' }],
    [
      'us.cohere.embed-v4:0',
      { input: 'a', dimensions: 512, input_type: 'search_query', truncate: 'END' },
      { texts: ['a'], input_type: 'search_query', truncate: 'END', embedding_types: ['float'], output_dimension: 512 },
    ],
    [
      'amazon.nova-2-multimodal-embeddings-v1:0',
      { input: 'a' },
      { taskType: 'SINGLE_EMBEDDING', singleEmbeddingParams: { embeddingPurpose: 'GENERIC_INDEX', text: { truncationMode: 'END', value: 'a' } } },
    ],
    [
      'us.amazon.nova-2-multimodal-embeddings-v1:0',
      { input: ['a'], dimensions: 256, input_type: 'search_query', truncate: 'NONE' },
      {
        taskType: 'SINGLE_EMBEDDING',
        singleEmbeddingParams: { embeddingPurpose: 'GENERIC_RETRIEVAL', embeddingDimension: 256, text: { truncationMode: 'NONE', value: 'a' } },
      },
    ],
  ])('%s', (model, asked, body) => {
    expect(embed(asked, model)).toEqual({ path: `/model/${encodeURIComponent(model)}/invoke`, body });
  });

  it.each<[string, string, object]>([
    ['input', 'amazon.titan-embed-text-v2:0', { input: ['a', 'b'] }],
    ['input', 'cohere.embed-english-v3', { input: [1, 2] }],
    ['input', 'amazon.nova-2-multimodal-embeddings-v1:0', { input: ['a', 'b'] }],
    ['dimensions', 'amazon.titan-embed-text-v1', { input: 'a', dimensions: 2 }],
    ['dimensions', 'cohere.embed-english-v3', { input: 'a', dimensions: 2 }],
    ['model', NOVA, { input: 'a' }],
  ])('%s is refused by name for %s', (param, model, body) => {
    expect(refusalOf(() => embed(body, model)).details.param).toBe(param);
  });

  it('answers as OpenAI does, out of each shape', () => {
    const read = (answer: object, body: object): unknown => {
      const embedded = bedrock.readEmbeddings(Buffer.from(JSON.stringify(answer)), call(body), openaiTarget());
      return embedded instanceof UpstreamFailure ? embedded.kind : [JSON.parse(embedded.body.toString()), embedded.usage];
    };
    expect(read({ embedding: [0.5], inputTextTokenCount: 3 }, { input: 'a' })).toEqual([
      {
        object: 'list',
        data: [{ object: 'embedding', index: 0, embedding: [0.5] }],
        model: 'outer',
        usage: { prompt_tokens: 3, total_tokens: 3 },
      },
      { input: 3, output: 0, cached: 0, reasoning: 0 },
    ]);
    const two = { input: ['a', 'b'] };
    expect(read({ embeddings: [[1], [2]] }, two)).toMatchObject([{ data: [{ embedding: [1] }, { embedding: [2] }] }, undefined]);
    expect(read({ embeddings: { float: [[1], [2]] } }, two)).toMatchObject([{ data: [{ embedding: [1] }, { embedding: [2] }] }, undefined]);
    expect(read({ embeddings: [{ embeddingType: 'TEXT', embedding: [0.5] }] }, { input: 'a' })).toMatchObject([
      { data: [{ embedding: [0.5] }] },
      undefined,
    ]);
    expect(read({ embeddings: [[1]] }, two)).toBe('invalid');
    expect(read({ embeddings: [{}] }, { input: 'a' })).toBe('invalid');
    expect(read({ message: 'x' }, two)).toBe('invalid');
  });
});
