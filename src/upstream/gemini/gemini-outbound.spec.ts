import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { type RecordedCase, RecordedTraffic } from '../../../test/doubles/recorded-traffic.js';
import { GatewayError } from '../../contracts/gateway-error.js';
import type { Media, NeutralRequest, Part, ReasoningWish, ToolSpec, Turn } from '../neutral/neutral-request.js';
import { asArray, asObject, asText, type JsonObject, parsedJson } from '../openai/json-value.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { GeminiOutbound } from './gemini-outbound.js';
import { markedSignature } from './thought-signature.js';

const gemini = new GeminiOutbound();
const BASE = { baseUrl: 'https://generativelanguage.googleapis.com' };
const NOTHING: NeutralRequest = {
  system: [],
  turns: [{ role: 'user', parts: [{ kind: 'text', text: 'hello' }] }],
  tools: [],
  toolChoice: undefined,
  parallelTools: undefined,
  outputTokensMax: undefined,
  temperature: undefined,
  topP: undefined,
  topK: undefined,
  stop: [],
  seed: undefined,
  frequencyPenalty: undefined,
  presencePenalty: undefined,
  logprobs: undefined,
  choices: 1,
  format: { kind: 'text' },
  reasoning: undefined,
  user: undefined,
  unsaid: new Map(),
};
const TOOL: ToolSpec = {
  name: 'weather',
  description: 'tells the weather',
  parameters: { type: 'object', properties: { place: { type: ['string', 'null'], default: 'here' } }, additionalProperties: false },
  strict: true,
  cache: undefined,
};

function body(part: Partial<NeutralRequest>, model = 'gemini-2.5-flash'): JsonObject {
  const written = gemini.write({ ...NOTHING, ...part }, openaiTarget({}, {}, { model }), openaiCall({ model: 'asked' }));
  return parsedJson(written.body.toString()) as JsonObject;
}

function contents(turns: readonly Turn[], model?: string): unknown {
  return body({ turns }, model)['contents'];
}

const config = (part: Partial<NeutralRequest>, model?: string): unknown => body(part, model)['generationConfig'];
const user = (...parts: Part[]): Turn => ({ role: 'user', parts });
const assistant = (...parts: Part[]): Turn => ({ role: 'assistant', parts });
const text = (words: string): Part => ({ kind: 'text', text: words });
const image = (media: Media): Part => ({ kind: 'image', media, detail: undefined });
const called = (id: string, signature?: string, json = '{"place":"Rome"}'): Part => ({
  kind: 'tool_call',
  id,
  name: 'weather',
  arguments: json,
  signature,
});
const result = (callId: string, words: string, isError = false): Part => ({
  kind: 'tool_result',
  callId,
  content: [{ kind: 'text', text: words }],
  isError,
});

describe('where a request goes', () => {
  it('names the model and what is wanted in the path, and the key in a header alone', () => {
    const stream = gemini.write(NOTHING, openaiTarget({}, BASE, { model: 'gemini-2.5-flash' }), openaiCall({ model: 'asked', stream: true }));
    expect(stream.path).toBe('/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse');
    expect(stream.headers).toMatchObject({ 'x-goog-api-key': 'sk-CANARY0123456789abcdef', accept: 'text/event-stream' });
    expect(stream.headers).not.toHaveProperty('authorization');
    expect(stream.body.toString()).not.toContain('CANARY');
  });

  it.each([
    ['https://generativelanguage.googleapis.com', 'gemini-2.5-pro', '/v1beta/models/gemini-2.5-pro:generateContent'],
    ['https://generativelanguage.googleapis.com/v1alpha', 'gemini-2.5-pro', '/models/gemini-2.5-pro:generateContent'],
    ['https://generativelanguage.googleapis.com', 'tunedModels/mine', '/v1beta/tunedModels/mine:generateContent'],
    ['https://generativelanguage.googleapis.com', 'models/gemma-3?x', '/v1beta/models/gemma-3%3Fx:generateContent'],
  ])('%s and %s', (baseUrl, model, path) => {
    expect(gemini.write(NOTHING, openaiTarget({}, { baseUrl }, { model }), openaiCall({ model: 'asked' })).path).toBe(path);
  });

  it('keeps what is said to OpenAI alone, and lets the trace cross', () => {
    const call = openaiCall({ model: 'asked' }, { headers: { 'openai-beta': 'x', 'x-request-id': 'r1' } });
    const { headers } = gemini.write(NOTHING, openaiTarget(), call);
    expect(headers).toMatchObject({ 'x-request-id': 'r1' });
    expect(headers).not.toHaveProperty('openai-beta');
  });
});

describe('parameters', () => {
  it('have their places in generationConfig', () => {
    const length = { outputTokensMax: 10, stop: ['a'], seed: 7, logprobs: 4, choices: 2 };
    expect(config({ ...length, temperature: 0, topP: 0.5, topK: 3, frequencyPenalty: 1, presencePenalty: -1 })).toEqual({
      maxOutputTokens: 10,
      temperature: 0,
      topP: 0.5,
      topK: 3,
      stopSequences: ['a'],
      seed: 7,
      frequencyPenalty: 1,
      presencePenalty: -1,
      responseLogprobs: true,
      logprobs: 4,
      candidateCount: 2,
    });
    expect(config({ logprobs: 0, topK: -1 })).toEqual({ responseLogprobs: true });
    expect(config({})).toBeUndefined();
  });

  it('a wish for images, and how they shall look', () => {
    const unsaid = new Map<string, unknown>([
      ['modalities', ['image', 'text']],
      ['image_config', { aspect_ratio: '16:9', image_size: '2K' }],
    ]);
    expect(config({ unsaid })).toEqual({ responseModalities: ['IMAGE', 'TEXT'], imageConfig: { aspectRatio: '16:9', imageSize: '2K' } });
    expect(config({ unsaid: new Map([['imageConfig', { aspectRatio: '1:1' }]]) })).toEqual({ imageConfig: { aspectRatio: '1:1' } });
    expect(config({ unsaid: new Map([['modalities', ['text']]]) })).toBeUndefined();
  });

  it('a wish for JSON, with a schema as the model knows schemas', () => {
    expect(config({ format: { kind: 'json' } })).toEqual({ responseMimeType: 'application/json' });
    const schema = {
      type: 'object',
      properties: { a: { $ref: '#/$defs/A' } },
      $defs: { A: { type: 'string', const: 'x' } },
      additionalProperties: false,
    };
    const format = { kind: 'schema', name: 'n', description: undefined, schema, strict: true } as const;
    expect(config({ format })).toEqual({ responseMimeType: 'application/json', responseJsonSchema: schema });
    expect(config({ format }, 'gemini-2.0-flash')).toEqual({
      responseMimeType: 'application/json',
      responseSchema: { type: 'object', properties: { a: { type: 'string', enum: ['x'] } } },
    });
  });

  const wish = (part: Partial<ReasoningWish>): ReasoningWish => ({ effort: undefined, budgetTokens: undefined, adaptive: false, ...part });
  it.each<[string, Partial<ReasoningWish>, object | undefined]>([
    ['gemini-2.5-flash', { effort: 'none' }, { thinkingBudget: 0, includeThoughts: false }],
    ['gemini-2.5-pro', { effort: 'none' }, { thinkingBudget: 128, includeThoughts: false }],
    ['gemini-2.5-flash-lite', { effort: 'minimal' }, { thinkingBudget: 512, includeThoughts: true }],
    ['gemini-2.5-flash', { effort: 'low' }, { thinkingBudget: 1024, includeThoughts: true }],
    ['gemini-2.5-flash', { effort: 'medium' }, { thinkingBudget: 2048, includeThoughts: true }],
    ['gemini-2.5-flash', { effort: 'high' }, { thinkingBudget: 4096, includeThoughts: true }],
    ['gemini-2.5-flash', { budgetTokens: 777 }, { thinkingBudget: 777, includeThoughts: true }],
    ['gemini-2.5-flash', { adaptive: true }, { thinkingBudget: -1, includeThoughts: true }],
    ['gemini-3-pro-preview', { adaptive: true }, { includeThoughts: true }],
    ['gemini-3-pro-preview', { effort: 'minimal' }, { thinkingLevel: 'low', includeThoughts: true }],
    ['gemini-3.5-flash', { effort: 'none' }, { thinkingLevel: 'minimal', includeThoughts: false }],
    ['gemini-flash-latest', { effort: 'xhigh' }, { thinkingLevel: 'high', includeThoughts: true }],
    ['gemini-2.0-flash', { effort: 'none' }, undefined],
  ])('%s thinks as %j says', (model, part, expected) => {
    expect(asObject(config({ reasoning: wish(part) }, model))?.['thinkingConfig']).toEqual(expected);
  });

  it("Gemini's own go to their places, hints that change nothing are left out, the rest is refused by name", () => {
    const unsaid = new Map<string, unknown>([
      ['safety_settings', [{ category: 'c', threshold: 't' }]],
      ['cached_content', 'cachedContents/1'],
      ['web_search_options', {}],
      ['store', false],
      ['metadata', {}],
      ['service_tier', 'auto'],
      ['verbosity', 'low'],
      ['logit_bias', {}],
      ['modalities', ['text']],
    ]);
    expect(body({ unsaid, user: 'u', tools: [TOOL] })).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'hello' }] }],
      safetySettings: [{ category: 'c', threshold: 't' }],
      cachedContent: 'cachedContents/1',
      tools: [expect.objectContaining({ functionDeclarations: [expect.anything()] }), { googleSearch: {} }],
    });
    for (const [name, value] of Object.entries({ logit_bias: { 5: 1 }, modalities: ['audio'], prediction: {}, labels: {} }))
      expect(() => body({ unsaid: new Map([[name, value]]) })).toThrow(expect.objectContaining({ code: 'invalid_value', details: { param: name } }));
  });
});

describe('tools', () => {
  it('are declared with their schema as it is, or for an elder model in its words', () => {
    const declared = (model: string): unknown =>
      asArray(asObject(asArray(body({ tools: [TOOL] }, model)['tools'])?.[0])?.['functionDeclarations'])?.[0];
    expect(declared('gemini-2.5-pro')).toEqual({ name: 'weather', description: 'tells the weather', parametersJsonSchema: TOOL.parameters });
    expect(declared('gemini-2.0-flash')).toEqual({
      name: 'weather',
      description: 'tells the weather',
      parameters: { type: 'object', properties: { place: { type: 'string', nullable: true } } },
    });
    const empty = { ...TOOL, description: undefined, parameters: { type: 'object', properties: {} } };
    expect(asArray(body({ tools: [empty] }, 'gemini-2.0-flash')['tools'])).toEqual([{ functionDeclarations: [{ name: 'weather' }] }]);
  });

  it.each<[NeutralRequest['toolChoice'], object]>([
    ['auto', { mode: 'AUTO' }],
    ['none', { mode: 'NONE' }],
    ['required', { mode: 'ANY' }],
    [{ name: 'weather' }, { mode: 'ANY', allowedFunctionNames: ['weather'] }],
  ])('the choice %j', (toolChoice, functionCallingConfig) => {
    expect(body({ tools: [TOOL], toolChoice })['toolConfig']).toEqual({ functionCallingConfig });
  });

  it('one call at a time is promised only where there is one tool', () => {
    expect(() => body({ tools: [TOOL], parallelTools: false })).not.toThrow();
    expect(() => body({ tools: [TOOL, { ...TOOL, name: 'other' }], parallelTools: false })).toThrow(GatewayError);
  });
});

describe('the conversation', () => {
  it('has instructions apart, and roles that alternate', () => {
    const written = body({
      system: [
        { kind: 'text', text: 'be' },
        { kind: 'text', text: 'brief' },
      ],
      turns: [user(text('a')), user(text('b')), assistant({ kind: 'refusal', text: 'no' }), user(text(''))],
    });
    expect(written['systemInstruction']).toEqual({ parts: [{ text: 'be' }, { text: 'brief' }] });
    expect(written['contents']).toEqual([
      { role: 'user', parts: [{ text: 'a' }, { text: 'b' }] },
      { role: 'model', parts: [{ text: 'no' }] },
    ]);
  });

  it('instructions alone are the question', () => {
    const written = body({ system: [{ kind: 'text', text: 'say hi' }], turns: [] });
    expect(written).toEqual({ contents: [{ role: 'user', parts: [{ text: 'say hi' }] }] });
  });

  it('bytes are inline, addresses are for Google to fetch', () => {
    expect(
      contents([
        user(
          image({ base64: 'AAAA', mime: 'image/png' }),
          image({ url: 'https://example.org/cat.JPG?x=1' }),
          image({ url: 'https://example.org/cat' }),
          image({ url: 'https://example.org/cat.png', mime: 'image/webp' }),
          { kind: 'file', media: { fileId: 'gs://b/doc.pdf' }, name: undefined },
          { kind: 'audio', base64: 'BBBB', format: 'wav' },
        ),
      ]),
    ).toEqual([
      {
        role: 'user',
        parts: [
          { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
          { fileData: { mimeType: 'image/jpeg', fileUri: 'https://example.org/cat.JPG?x=1' } },
          { fileData: { fileUri: 'https://example.org/cat' } },
          { fileData: { mimeType: 'image/webp', fileUri: 'https://example.org/cat.png' } },
          { fileData: { mimeType: 'application/pdf', fileUri: 'gs://b/doc.pdf' } },
          { inlineData: { mimeType: 'audio/wav', data: 'BBBB' } },
        ],
      },
    ]);
  });

  it('results come first and in the order of their calls, with the name and the id that Gemini gave', () => {
    expect(
      contents([
        assistant(called('abcd1234'), called('call_x')),
        user(text('and?'), result('call_x', 'no', true)),
        user(result('abcd1234', '{"t":1}')),
      ]),
    ).toEqual([
      {
        role: 'model',
        parts: [
          { functionCall: { name: 'weather', args: { place: 'Rome' }, id: 'abcd1234' } },
          { functionCall: { name: 'weather', args: { place: 'Rome' } } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'weather', response: { t: 1 }, id: 'abcd1234' } },
          { functionResponse: { name: 'weather', response: { error: 'no' } } },
          { text: 'and?' },
        ],
      },
    ]);
    expect(contents([assistant(called('c')), user(result('c', 'sunny'))])).toMatchObject([
      {},
      { parts: [{ functionResponse: { response: { output: 'sunny' } } }] },
    ]);
  });

  it('an image in a result stands inside where the model takes it there, and else beside', () => {
    const content = [{ kind: 'image', media: { base64: 'AAAA', mime: 'image/png' }, detail: undefined }] as const;
    const turns = [assistant(called('c')), user({ kind: 'tool_result', callId: 'c', content, isError: false })];
    const inlineData = { mimeType: 'image/png', data: 'AAAA' };
    expect(contents(turns)).toMatchObject([{}, { parts: [{ functionResponse: { name: 'weather' } }, { inlineData }] }]);
    expect(contents(turns, 'gemini-3-pro')).toMatchObject([{}, { parts: [{ functionResponse: { name: 'weather', parts: [{ inlineData }] } }] }]);
  });

  it('a result without its call, and arguments that are no object, are refused', () => {
    expect(() => contents([user(result('nobody', 'x'))])).toThrow(GatewayError);
    expect(() => contents([assistant(called('c', undefined, '[1]'))])).toThrow(GatewayError);
  });

  it('signatures of calls come back; from the third generation on the first call has one in any case', () => {
    expect(contents([assistant(called('a', 'c2ln'), called('b'))])).toMatchObject([{ parts: [{ thoughtSignature: 'c2ln' }, {}] }]);
    expect(JSON.stringify(contents([assistant(called('a'), called('b'))]))).not.toContain('thoughtSignature');
    const third = asArray(asObject(asArray(contents([assistant(called('a'), called('b'))], 'gemini-3-pro'))?.[0])?.['parts']) ?? [];
    expect(third.map((part) => asObject(part)?.['thoughtSignature'])).toEqual(['skip_thought_signature_validator', undefined]);
  });

  it("of thoughts, Gemini's own signatures come back where they stood, another's do not", () => {
    const thought = (words: string, signature: string | undefined): Part => ({ kind: 'reasoning', text: words, signature, redacted: undefined });
    expect(contents([assistant(thought('hm', markedSignature('thought', 'S1')), thought('', markedSignature('text', 'S2')), text('so'))])).toEqual([
      {
        role: 'model',
        parts: [
          { text: 'hm', thought: true, thoughtSignature: 'S1' },
          { text: 'so', thoughtSignature: 'S2' },
        ],
      },
    ]);
    expect(contents([assistant(thought('', markedSignature('text', 'S2'))), user(text('go on'))])).toEqual([
      { role: 'model', parts: [{ text: '', thoughtSignature: 'S2' }] },
      { role: 'user', parts: [{ text: 'go on' }] },
    ]);
    expect(
      contents([assistant(thought('hm', 'EqQBforeign'), { kind: 'reasoning', text: '', signature: undefined, redacted: 'x' }, text('so'))]),
    ).toEqual([{ role: 'model', parts: [{ text: 'hm', thought: true }, { text: 'so' }] }]);
  });
});

describe('embeddings', () => {
  const target = openaiTarget({}, BASE, { model: 'gemini-embedding-001' });
  const call = (fields: object): ReturnType<typeof openaiCall> => openaiCall({ model: 'asked', ...fields }, {}, 'embeddings');

  it('are asked for together', () => {
    const { path, body: bytes } = gemini.writeEmbeddings(call({ input: ['a', 'b'], dimensions: 64 }), target);
    expect(path).toBe('/v1beta/models/gemini-embedding-001:batchEmbedContents');
    const one = (words: string): object => ({
      model: 'models/gemini-embedding-001',
      content: { parts: [{ text: words }] },
      outputDimensionality: 64,
    });
    expect(parsedJson(bytes.toString())).toEqual({ requests: [one('a'), one('b')] });
    expect(() => gemini.writeEmbeddings(call({ input: [[1, 2]] }), target)).toThrow(expect.objectContaining({ details: { param: 'input' } }));
  });

  it('are answered as numbers or as base64, and there must be one for each input', () => {
    const answered = Buffer.from('{"embeddings":[{"values":[0.5,-1]}]}');
    const floats = gemini.readEmbeddings(answered, call({ input: 'abcdefgh' }), target);
    if (floats instanceof UpstreamFailure) throw floats;
    expect(parsedJson(floats.body.toString())).toEqual({
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: [0.5, -1] }],
      model: 'outer',
      usage: { prompt_tokens: 2, total_tokens: 2 },
    });
    expect(floats.usage).toBeUndefined();
    const base64 = gemini.readEmbeddings(answered, call({ input: 'a', encoding_format: 'base64' }), target);
    if (base64 instanceof UpstreamFailure) throw base64;
    expect(base64.body.toString()).toContain('"embedding":"AAAAPwAAgL8="');
    expect(gemini.readEmbeddings(answered, call({ input: ['a', 'b'] }), target)).toMatchObject({ kind: 'invalid' });
    expect(gemini.readEmbeddings(Buffer.from('[]'), call({ input: 'a' }), target)).toMatchObject({ kind: 'invalid' });
  });
});

/** What was recorded, read back: the conversation a client would have had to send for it. */
const traffic = RecordedTraffic.open();
const recorded = traffic?.cases(({ provider, endpoint }) => ['gemini', 'vertex_ai'].includes(provider) && endpoint.startsWith('gemini')) ?? [];
const spoken = recorded.filter((one) => asArray(traffic?.requestBody(one)?.['contents']) !== undefined);

function camel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camel);
  const object = asObject(value);
  if (object === undefined) return value;
  const named = Object.entries(object).map(([name, inner]) => {
    const key = name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    return [key, key === 'args' || key === 'response' ? inner : camel(inner)] as const;
  });
  return Object.fromEntries(named.filter(([key, inner]) => !(key === 'thought' && inner === false)));
}

function partOf(part: JsonObject, ids: string[]): Part {
  const blob = asObject(part['inlineData']);
  const file = asObject(part['fileData']);
  const call = asObject(part['functionCall']);
  const answer = asObject(part['functionResponse']);
  if (blob !== undefined) return image({ base64: String(blob['data']), mime: String(blob['mimeType']) });
  if (file !== undefined) return image({ url: String(file['fileUri']) });
  if (call !== undefined) {
    const id = asText(call['id']) ?? `call_${ids.length}`;
    ids.push(id);
    return {
      kind: 'tool_call',
      id,
      name: String(call['name']),
      arguments: JSON.stringify(call['args'] ?? {}),
      signature: asText(part['thoughtSignature']),
    };
  }
  if (answer !== undefined) {
    const content = (asArray(answer['parts']) ?? []).map((inner) => partOf(inner as JsonObject, ids) as Extract<Part, { kind: 'image' }>);
    const said = { kind: 'text', text: JSON.stringify(answer['response']) } as const;
    return { kind: 'tool_result', callId: asText(answer['id']) ?? ids.shift() ?? '', content: [said, ...content], isError: false };
  }
  return text(String(part['text']));
}

function turnsOf(contents: readonly unknown[]): Turn[] {
  const ids: string[] = [];
  return contents.map((item) => {
    const content = item as JsonObject;
    const parts = (asArray(content['parts']) ?? []).map((part) => partOf(part as JsonObject, ids));
    return { role: content['role'] === 'model' ? 'assistant' : 'user', parts };
  });
}

/** Neighbours of one role are one. */
function expected(contents: readonly unknown[]): unknown {
  const merged: { role: string; parts: unknown[] }[] = [];
  for (const item of contents) {
    const { role = 'user', parts } = item as { role?: string; parts: unknown[] };
    if (merged.at(-1)?.role === role) merged.at(-1)?.parts.push(...parts);
    else merged.push({ role, parts: [...parts] });
  }
  return merged;
}

/** Without what nobody can know: a type that the name does not tell, ids that Gemini has not made. The order of members says nothing. */
function bare(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    const object = asObject(inner);
    if (object === undefined) return inner;
    const isUnknown = (name: string, member: unknown): boolean =>
      name === 'mimeType' ||
      (name === 'id' && 'name' in object && !/^[A-Za-z0-9]{8}$/.test(String(member))) ||
      (name === 'thoughtSignature' && ('text' in object || member === 'skip_thought_signature_validator'));
    const kept = Object.entries(object).filter(([name, member]) => !isUnknown(name, member));
    return Object.fromEntries(kept.toSorted(([one], [other]) => (one < other ? -1 : 1)));
  });
}

(traffic === undefined ? describe.skip : describe)('recorded requests', () => {
  const cases: [string, RecordedCase][] = spoken.map((one) => [one.id, one]);
  it.each(cases.length === 0 ? [['none', {} as RecordedCase]] : cases)('%s: the conversation is written as it was recorded', (_id, one) => {
    const contents = camel(asArray(traffic?.requestBody(one)?.['contents'])) as unknown[];
    const written = body({ turns: turnsOf(contents) }, 'gemini-3-pro')['contents'];
    // Texts that are empty are not told; signatures of texts travel with thoughts, which these conversations do not hold.
    const isWhole = !JSON.stringify(contents).includes('"text":""');
    if (isWhole) expect(bare(written)).toBe(bare(expected(contents)));
  });
});
