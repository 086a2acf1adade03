import { openaiTarget } from '../../../test/doubles/openai-call.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { GeminiOutbound } from './gemini-outbound.js';

const gemini = new GeminiOutbound();
const sse = (...responses: (object | string)[]): Buffer =>
  Buffer.from(responses.map((one) => `data: ${typeof one === 'string' ? one : JSON.stringify(one)}\r\n\r\n`).join(''));

function streamed(stream: Buffer, eventBytesMax = 65_536): { readonly events: readonly NeutralEvent[]; readonly dropped: number } {
  const reader = gemini.streamReader(eventBytesMax, openaiTarget());
  return { events: [...reader.read(stream), ...reader.end()], dropped: reader.dropped };
}

const said = (parts: object[], more: object = {}): object => ({ candidates: [{ content: { role: 'model', parts }, ...more }], responseId: 'r1' });
const kinds = (events: readonly NeutralEvent[]): string[] => events.map(({ kind }) => kind);
const read = (answer: unknown): readonly NeutralEvent[] => gemini.read(Buffer.from(JSON.stringify(answer)), openaiTarget());
const finishes = (events: readonly NeutralEvent[]): unknown[] => events.flatMap((event) => (event.kind === 'finish' ? [event.reason] : []));

describe('how an answer ends', () => {
  it.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content_filter'],
    ['RECITATION', 'content_filter'],
    ['PROHIBITED_CONTENT', 'content_filter'],
    ['SPII', 'content_filter'],
    ['OTHER', 'content_filter'],
    ['A_WORD_OF_TOMORROW', 'stop'],
    ['MALFORMED_FUNCTION_CALL', 'stop'],
  ])('%s is %s', (finishReason, reason) => {
    expect(finishes(read(said([{ text: 'x' }], { finishReason })))).toEqual([reason]);
  });

  it('a call makes it tool_calls, and only a stop', () => {
    const part = { functionCall: { name: 'f', args: {} } };
    expect(finishes(read(said([part], { finishReason: 'STOP' })))).toEqual(['tool_calls']);
    expect(finishes(read(said([part], { finishReason: 'MAX_TOKENS' })))).toEqual(['length']);
  });

  it('a call that makes no sense, with nothing else, is a failure that may be tried again', () => {
    expect(read(said([], { finishReason: 'MALFORMED_FUNCTION_CALL' })).at(-1)).toMatchObject({ kind: 'failure', failure: { kind: 'server_error' } });
  });

  it.each([
    [1, 'stop'],
    [2, 'length'],
    [3, 'content_filter'],
    [8, 'content_filter'],
    [10, 'content_filter'],
    [99, 'content_filter'],
  ])('a reason that comes as the number %i is told as %s', (finishReason, wanted) => {
    expect(finishes(read(said([{ text: 'a' }], { finishReason })))).toEqual([wanted]);
    expect(finishes(streamed(sse(said([{ text: 'a' }], { finishReason: 0 }), said([], { finishReason }))).events)).toEqual([wanted]);
  });

  it('a whole answer without a reason to end has ended, where something was said', () => {
    expect(finishes(read(said([{ text: 'a' }])))).toEqual(['stop']);
    expect(read(said([])).at(-1)).toMatchObject({ kind: 'failure', failure: { kind: 'invalid' } });
  });

  it('a refused prompt ends with the filter, also in the middle of an answer', () => {
    expect(finishes(read({ promptFeedback: { blockReason: 1 } }))).toEqual(['content_filter']);
    expect(read({ promptFeedback: { blockReason: 'SAFETY' } })).toEqual([
      { kind: 'start', id: undefined },
      { kind: 'finish', choice: 0, reason: 'content_filter', stopSequence: undefined },
    ]);
    const counted = (usageMetadata: object): unknown =>
      read({ promptFeedback: { blockReason: 'SAFETY' }, usageMetadata }).flatMap((event) => (event.kind === 'usage' ? [event.usage.input] : []));
    expect([counted({ promptTokenCount: 5 }), counted({ trafficType: 'ON_DEMAND' })]).toEqual([[5], [0]]);
    expect(finishes(streamed(sse(said([{ text: 'a' }]), { promptFeedback: { blockReason: 'OTHER' } })).events)).toEqual(['content_filter']);
  });

  it('is told at once, but not before its time by models that give a reason with every piece', () => {
    const usual = gemini.streamReader(65_536);
    usual.read(sse(said([{ text: 'a' }])));
    expect(finishes(usual.read(sse(said([{ text: 'b' }], { finishReason: 'STOP' }))))).toEqual(['stop']);
    expect(finishes(usual.end())).toEqual([]);
    const eager = gemini.streamReader(65_536);
    expect(finishes(eager.read(sse(said([{ text: 'a' }], { finishReason: 'STOP' }))))).toEqual([]);
    expect(finishes(eager.read(sse(said([{ text: 'b' }], { finishReason: 'STOP' }))))).toEqual([]);
    expect(finishes(eager.end())).toEqual(['stop']);
  });

  it('of a stream without a reason there is no end', () => {
    expect(finishes(streamed(sse(said([{ text: 'a' }]))).events)).toEqual([]);
  });
});

describe('calls', () => {
  it('without an id get one that is the same for the same reply, and another for the next', () => {
    const ids = (responseId: string): string[] =>
      read({ ...said([{ functionCall: { name: 'f' } }, { functionCall: { name: 'f' } }], { finishReason: 'STOP' }), responseId }).flatMap((event) =>
        event.kind === 'tool_call' ? [event.id] : [],
      );
    expect(new Set([...ids('r1'), ...ids('r1'), ...ids('r2')]).size).toBe(4);
    expect(ids('r1')[0]).toMatch(/^call_[0-9a-f]{24}$/);
  });

  it('without arguments have empty ones; the id and the signature are what Gemini gave', () => {
    expect(read(said([{ functionCall: { name: 'f', id: 'abcd1234' }, thoughtSignature: 'c2ln' }], { finishReason: 'STOP' })).slice(1, 3)).toEqual([
      { kind: 'tool_call', choice: 0, call: 0, id: 'abcd1234', name: 'f', signature: 'c2ln' },
      { kind: 'tool_arguments', choice: 0, call: 0, json: '{}' },
    ]);
  });

  it('are put together where their arguments arrive in pieces', () => {
    const piece = (functionCall: object): object => said([{ functionCall }]);
    const { events } = streamed(
      sse(
        piece({ name: 'f', willContinue: true }),
        piece({ partialArgs: [{ jsonPath: '$.place', stringValue: 'New ', willContinue: true }], willContinue: true }),
        piece({ partialArgs: [{ jsonPath: '$.place', stringValue: 'York' }], willContinue: true }),
        piece({
          partialArgs: [
            { jsonPath: "$.stops[0]['a b']", numberValue: 2 },
            { jsonPath: '$.stops[1]', boolValue: true },
          ],
          willContinue: true,
        }),
        piece({
          partialArgs: [{ jsonPath: '$.none', nullValue: 'NULL_VALUE' }, { jsonPath: '$.stops[9]', numberValue: 1 }, { jsonPath: 'x' }, 5],
          willContinue: true,
        }),
        piece({}),
        piece({ name: 'g', args: { n: 1 } }),
        said([], { finishReason: 'STOP' }),
      ),
    );
    const json = events.flatMap((event) => (event.kind === 'tool_arguments' ? [[event.call, JSON.parse(event.json) as unknown]] : []));
    expect(json).toEqual([
      [0, { place: 'New York', stops: [{ 'a b': 2 }, true], none: null }],
      [1, { n: 1 }],
    ]);
    expect(finishes(events)).toEqual(['tool_calls']);
  });

  it('that nobody ends are ended by the next, and by the end of the answer', () => {
    const open = (name: string): object =>
      said([{ functionCall: { name, willContinue: true, partialArgs: [{ jsonPath: '$.a', stringValue: name }] } }]);
    const { events } = streamed(sse(open('f'), open('g'), said([], { finishReason: 'STOP' })));
    expect(kinds(events)).toEqual(['start', 'tool_call', 'tool_arguments', 'tool_call', 'tool_arguments', 'finish']);
    expect(events.flatMap((event) => (event.kind === 'tool_arguments' ? [event.call, event.json] : []))).toEqual([0, '{"a":"f"}', 1, '{"a":"g"}']);
  });

  it('in pieces without end are a failure', () => {
    const long = { name: 'f', willContinue: true, partialArgs: [{ jsonPath: '$.a', stringValue: 'x'.repeat(300) }] };
    const more = { willContinue: true, partialArgs: [{ jsonPath: '$.a', stringValue: 'x'.repeat(300) }] };
    const pieces = [long, more, more, more].map((functionCall) => said([{ functionCall }]));
    expect(streamed(sse(...pieces), 600).events.find(({ kind }) => kind === 'failure')).toMatchObject({ failure: { kind: 'invalid' } });
  });
});

describe('what else is told', () => {
  it('thoughts, signatures before the text they belong to, sources and log probabilities', () => {
    const page = (uri: string): object => ({ web: { uri, title: `title of ${uri}` } });
    const more = {
      finishReason: 'STOP',
      groundingMetadata: {
        groundingChunks: [page('https://a'), page('https://b')],
        groundingSupports: [{ segment: { text: 'so' }, groundingChunkIndices: [1] }],
      },
      logprobsResult: {
        chosenCandidates: [{ token: 'so', logProbability: -0.5 }],
        topCandidates: [
          {
            candidates: [
              { token: 'so', logProbability: -0.5 },
              { token: 'no', logProbability: -2 },
            ],
          },
        ],
      },
    };
    const events = read(said([{ text: 'hm', thought: true }, { text: 'so', thoughtSignature: 'S' }, { executableCode: { code: '1' } }], more));
    expect(events.slice(1)).toEqual([
      { kind: 'reasoning', choice: 0, text: 'hm' },
      { kind: 'reasoning_signature', choice: 0, signature: 'gemini.text.S' },
      { kind: 'text', choice: 0, text: 'so' },
      { kind: 'citation', choice: 0, url: 'https://b', title: 'title of https://b', quote: 'so' },
      { kind: 'citation', choice: 0, url: 'https://a', title: 'title of https://a', quote: undefined },
      {
        kind: 'logprobs',
        choice: 0,
        content: [
          {
            token: 'so',
            logprob: -0.5,
            bytes: null,
            top_logprobs: [
              { token: 'so', logprob: -0.5, bytes: null },
              { token: 'no', logprob: -2, bytes: null },
            ],
          },
        ],
      },
      { kind: 'finish', choice: 0, reason: 'stop', stopSequence: undefined },
    ]);
  });

  it('sources of every kind, each once, however often a stream tells them', () => {
    const groundingChunks = [{ retrievedContext: { uri: 'gs://a', title: 'A' } }, { maps: { uri: 'https://m', title: 'M' } }, { image: {} }];
    const more = { groundingMetadata: { groundingChunks }, citationMetadata: { citationSources: [{ uri: 'https://r' }] } };
    const { events } = streamed(sse(said([{ text: 'x' }], more), said([{ text: 'y' }], { ...more, finishReason: 'STOP' })));
    expect(events.flatMap((event) => (event.kind === 'citation' ? [[event.url, event.title]] : []))).toEqual([
      ['gs://a', 'A'],
      ['https://m', 'M'],
      ['https://r', 'https://r'],
    ]);
  });

  it('images that the model made, but for those it only thought of, and nothing that is none', () => {
    const image = (mimeType: string, more: object = {}): object => ({ inlineData: { mimeType, data: 'aGk=' }, ...more });
    const parts = [image('image/png', { thought: true }), { text: 'see' }, image('image/png'), image('audio/wav'), { inlineData: { data: 4 } }];
    expect(read(said(parts, { finishReason: 'STOP' })).slice(1)).toEqual([
      { kind: 'text', choice: 0, text: 'see' },
      { kind: 'image', choice: 0, mime: 'image/png', base64: 'aGk=' },
      { kind: 'finish', choice: 0, reason: 'stop', stopSequence: undefined },
    ]);
  });

  it.each([
    [
      { promptTokenCount: 5, candidatesTokenCount: 3, thoughtsTokenCount: 4, totalTokenCount: 12 },
      { input: 5, output: 7, reasoning: 4 },
    ],
    [
      { promptTokenCount: 5, candidatesTokenCount: 7, thoughtsTokenCount: 4, totalTokenCount: 12 },
      { input: 5, output: 7, reasoning: 4 },
    ],
    [
      { promptTokenCount: 5, toolUsePromptTokenCount: 2, cachedContentTokenCount: 3, totalTokenCount: 7 },
      { input: 7, output: 0, cached: 3 },
    ],
  ])('%j is %j', (usageMetadata, expected) => {
    const events = read({ ...said([{ text: 'x' }], { finishReason: 'STOP' }), usageMetadata });
    expect(events.find(({ kind }) => kind === 'usage')).toMatchObject({ usage: { cacheWritten: 0, ...expected } });
  });
});

describe('trouble', () => {
  it('an error in a stream is what its code says', () => {
    const error = { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' };
    const { events } = streamed(sse(said([{ text: 'a' }]), { error }, said([{ text: 'b' }])));
    expect(kinds(events)).toEqual(['start', 'text', 'failure']);
    expect(events.at(-1)).toMatchObject({ failure: { kind: 'server_error', details: { status: 503 } } });
    expect(read([{ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'x' } }]).at(-1)).toMatchObject({ failure: { kind: 'rate_limited' } });
  });

  it('one event that is no JSON is dropped, three in a row are a failure', () => {
    const once = streamed(sse(said([{ text: 'a' }]), '{"cand', said([{ text: 'b' }], { finishReason: 'STOP' })));
    expect([once.dropped, finishes(once.events)]).toEqual([1, ['stop']]);
    expect(streamed(sse('x', '[]', '{')).events.at(-1)).toMatchObject({ kind: 'failure', failure: { kind: 'invalid' } });
  });

  it.each<[unknown]>([
    [null],
    [7],
    [[]],
    [{ candidates: 5 }],
    [{ candidates: [null, 'x', { index: -1 }, { index: 1e9, finishReason: 'STOP' }] }],
    [{ candidates: [{ content: [], finishReason: {} }] }],
    [{ candidates: [{ content: { parts: [null, 3, { functionCall: [] }, { functionCall: { args: 1 } }, { text: 5 }] } }] }],
    [
      {
        candidates: [{ groundingMetadata: { groundingSupports: [{ groundingChunkIndices: ['x', 99, -1] }] }, citationMetadata: { citations: [1] } }],
      },
    ],
    [{ candidates: [{ logprobsResult: { chosenCandidates: [{ token: 1 }], topCandidates: [null] } }], usageMetadata: { promptTokenCount: 'x' } }],
    [{ error: 'no object' }],
    [{ error: { details: [null, { violations: 4, fieldViolations: [null] }], status: 'X' } }],
    [{ promptFeedback: { blockReason: 0 } }],
    [{ promptFeedback: { blockReason: {} } }],
  ])('%j never throws, and is no answer', (answer) => {
    expect(read(answer).at(-1)?.kind).toBe('failure');
    expect(() => streamed(sse(answer as object))).not.toThrow();
  });

  it('reads what a proxy makes of it, in bytes of no kind too', () => {
    expect(gemini.read(Buffer.from([0xff, 0xfe]), openaiTarget()).at(-1)?.kind).toBe('failure');
    expect(() => streamed(Buffer.from([0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0x0a, 0x0a]))).not.toThrow();
    expect(finishes(streamed(sse(said([{ text: 'a' }], { finishReason: 'STOP' }), '[DONE]')).events)).toEqual(['stop']);
  });
});

describe('refusals', () => {
  const refused = (status: number, error: object, headers = {}): ReturnType<typeof gemini.explain> =>
    gemini.explain(openaiTarget(), status, headers, Buffer.from(JSON.stringify({ error: { code: status, message: 'words', ...error } })));

  it.each([
    [400, { status: 'INVALID_ARGUMENT' }, 'rejected'],
    [400, { status: 'INVALID_ARGUMENT', details: [{ reason: 'API_KEY_INVALID' }] }, 'auth'],
    [400, { status: 'INVALID_ARGUMENT', message: 'The input token count (9) exceeds the maximum number of tokens allowed (8).' }, 'context_length'],
    [401, { status: 'UNAUTHENTICATED' }, 'auth'],
    [403, { status: 'PERMISSION_DENIED' }, 'auth'],
    [404, { status: 'NOT_FOUND' }, 'rejected'],
    [429, { status: 'RESOURCE_EXHAUSTED' }, 'rate_limited'],
    [429, { status: 'RESOURCE_EXHAUSTED', details: [{ violations: [{ quotaId: 'GenerateRequestsPerDayPerProject' }] }] }, 'quota_exhausted'],
    [500, { status: 'INTERNAL' }, 'server_error'],
    [503, { status: 'UNAVAILABLE' }, 'server_error'],
    [504, { status: 'DEADLINE_EXCEEDED' }, 'server_error'],
  ])('%i %j is %s', (status, error, kind) => {
    expect(refused(status, error).kind).toBe(kind);
  });

  it("keep Google's words, the field and the advice; the header's goes before the body's", () => {
    const details = [{ fieldViolations: [{ field: 'contents[0].parts', description: 'd' }] }, { retryDelay: '34.4s' }];
    expect(refused(400, { status: 'INVALID_ARGUMENT', details }).details).toMatchObject({
      status: 400,
      retryAfterMs: 34_400,
      body: { error: { message: 'words', type: 'invalid_request_error', param: 'contents[0].parts', code: 'INVALID_ARGUMENT' } },
    });
    expect(refused(429, { status: 'RESOURCE_EXHAUSTED', details }, { 'retry-after': '2' }).details.retryAfterMs).toBe(2_000);
  });

  it('never repeat the key', () => {
    const told = refused(400, { status: 'INVALID_ARGUMENT', message: 'no key=sk-CANARY0123456789abcdef here' });
    expect(JSON.stringify([told.message, told.details.body, told.details.rawBody?.toString()])).not.toContain('CANARY');
  });
});
