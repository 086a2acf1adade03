import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { type RecordedCase, RecordedTraffic } from '../../../test/doubles/recorded-traffic.js';
import { SeededRandom } from '../../../test/doubles/seeded-random.js';
import { readSliced, recordedOf, told, toldOf } from '../../../test/doubles/told-events.js';
import { ChatInbound } from '../openai/chat-inbound.js';
import { asArray, asObject, type JsonObject, parsedJson } from '../openai/json-value.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { CohereOutbound } from './cohere-outbound.js';

const traffic = RecordedTraffic.open();
const cohere = new CohereOutbound();
/** Of the first version, which is no event stream and no longer served. */
const FIRST_VERSION = 'cohere/chat-stream-stop-command-r-8f5c';
const cases = traffic?.cases(({ id, provider }) => provider === 'cohere' && id !== FIRST_VERSION) ?? [];
const chats = (wanted: (recorded: RecordedCase) => boolean): RecordedCase[] =>
  cases.filter((recorded) => recorded.endpoint === 'cohere_chat' && wanted(recorded));
const describeRecorded = traffic === undefined ? describe.skip : describe;
const named = (found: readonly RecordedCase[]): [string, RecordedCase][] =>
  found.length === 0 ? [['none', {} as RecordedCase]] : found.map((recorded) => [recorded.id, recorded]);

/** The independent reader keeps a plan apart from reasoning. */
function expectedOf(recorded: RecordedCase): object {
  const summary = (traffic as RecordedTraffic).summary(recorded) as ReturnType<RecordedTraffic['summary']> & { tool_plan?: string };
  const { tool_plan: plan = '', choices = [] } = summary;
  return recordedOf({ ...summary, choices: choices.map((choice) => ({ ...choice, reasoning: plan + (choice.reasoning ?? '') })) });
}

function expectUsage(recorded: RecordedCase, usage: ReturnType<typeof told>['usage']): void {
  const { usage: counted } = (traffic as RecordedTraffic).summary(recorded);
  // The independent reader passes these over.
  const reasoning = /"reasoning_tokens":(\d+)/.exec((traffic as RecordedTraffic).response(recorded).toString())?.[1];
  expect(usage).toEqual({
    input: counted?.['prompt_tokens'],
    output: counted?.['completion_tokens'],
    cached: counted?.['cached_tokens'] ?? 0,
    cacheWritten: 0,
    reasoning: Number(reasoning ?? 0),
  });
}

describeRecorded('recorded streams', () => {
  it.each(named(chats(({ framing, status }) => framing === 'sse' && status === 200)))(
    '%s says what was recorded, however it is sliced',
    (_id, recorded) => {
      const stream = (traffic as RecordedTraffic).response(recorded);
      const read = (sizes: () => number): ReturnType<typeof readSliced> =>
        readSliced(cohere.streamReader(1024 * 1024, openaiTarget()), stream, sizes);
      const whole = read(() => stream.length);
      const random = new SeededRandom(stream.length);
      for (const sizes of [() => 1, () => 7, () => 1 + random.below(900)]) expect(read(sizes)).toEqual(whole);
      expect(whole.dropped).toBe(0);
      const all = told(whole.events);
      expect(toldOf(all)).toEqual(expectedOf(recorded));
      if (!all.failed) expectUsage(recorded, all.usage);
      if (recorded.id.includes('citations-command-a-plus'))
        expect(whole.events.some(({ kind }) => kind === 'citation')).toBe(stream.includes('"citation-start"'));
    },
  );
});

describeRecorded('recorded answers', () => {
  it.each(named(chats(({ framing, status }) => framing === 'json' && status === 200)))('%s says what was recorded', (_id, recorded) => {
    const body = (traffic as RecordedTraffic).response(recorded);
    const events = cohere.read(body, openaiTarget());
    const all = told(events);
    expect(toldOf(all)).toEqual(expectedOf(recorded));
    expectUsage(recorded, all.usage);
    expect(events[0]).toEqual({ kind: 'start', id: asObject(parsedJson(body.toString()))?.['id'] });
    expect(events.some(({ kind }) => kind === 'citation')).toBe(body.includes('"type":"document"'));
  });
});

describeRecorded('recorded refusals', () => {
  it.each(named(cases.filter(({ status }) => status >= 400)))("%s is named in the provider's words", (_id, recorded) => {
    const body = (traffic as RecordedTraffic).response(recorded);
    const failure = cohere.explain(openaiTarget(), recorded.status, (traffic as RecordedTraffic).headers(recorded), body);
    expect(failure.kind).toBe(body.includes('TOO_MANY_TOKENS') ? 'context_length' : 'rejected');
    expect(failure.message).toBe(asObject(parsedJson(body.toString()))?.['message']);
    expect(failure.details.status).toBe(recorded.status);
    expect(failure.details.body?.error.code).toBe(failure.kind === 'context_length' ? 'context_length_exceeded' : null);
  });
});

describeRecorded('recorded embeddings', () => {
  const found = cases.filter(({ endpoint, status }) => endpoint === 'embeddings' && status === 200);
  it.each(named(found))('%s are an answer as OpenAI writes it', (_id, recorded) => {
    const texts = (traffic as RecordedTraffic).requestBody(recorded)?.['texts'];
    const call = openaiCall({ model: 'asked', input: texts ?? 'one' }, {}, 'embeddings');
    const answer = cohere.readEmbeddings((traffic as RecordedTraffic).response(recorded), call, openaiTarget());
    if (answer instanceof UpstreamFailure) throw answer;
    const { count, dims } = (traffic as RecordedTraffic).summary(recorded) as { count?: number; dims?: number };
    const data = asArray(asObject(parsedJson(answer.body.toString()))?.['data']) ?? [];
    expect(data).toHaveLength(count ?? -1);
    expect(asArray(asObject(data[0])?.['embedding'])).toHaveLength(dims ?? -1);
  });
});

/** The recorded request as a client of OpenAI's would write it. */
function asChat(body: JsonObject): JsonObject {
  const { p, response_format: format, tool_choice: choice, messages, ...rest } = body;
  const schema = asObject(format)?.['json_schema'];
  return {
    ...rest,
    ...(p !== undefined && { top_p: p }),
    ...(choice !== undefined && { tool_choice: String(choice).toLowerCase() }),
    ...(format !== undefined && { response_format: schema === undefined ? format : { type: 'json_schema', json_schema: { name: 'x', schema } } }),
    messages: (asArray(messages) ?? []).map((message) => {
      const { tool_plan: plan, ...said } = asObject(message) ?? {};
      return { ...said, ...(plan !== undefined && { reasoning_content: plan }) };
    }),
  };
}

/** Without what changes nothing: a list with one text is that text, none is none. */
function normal(body: JsonObject): JsonObject {
  const { documents, ...rest } = body;
  return {
    ...rest,
    stream: rest['stream'] ?? false,
    ...((asArray(documents) ?? []).length > 0 && { documents }),
    messages: (asArray(rest['messages']) ?? []).map((item) => {
      const { content, ...message } = asObject(item) ?? {};
      const parts = asArray(content);
      const text = parts?.length === 1 ? asObject(parts[0])?.['text'] : content;
      return { ...message, ...(text !== '' && text !== null && (text ?? content) !== undefined && { content: text ?? content }) };
    }),
  };
}

describeRecorded('recorded requests', () => {
  const isKnown = (recorded: RecordedCase): boolean => {
    const url = (traffic as RecordedTraffic).requestUrl(recorded);
    // Results that are documents have no word in OpenAI's wire.
    return (
      url?.endsWith('/v2/chat') === true &&
      !JSON.stringify((traffic as RecordedTraffic).requestBody(recorded)?.['messages']).includes('"type":"document"')
    );
  };
  it.each(named(traffic === undefined ? [] : chats(isKnown)))('%s would be written as it was', (_id, recorded) => {
    const body = (traffic as RecordedTraffic).requestBody(recorded) ?? {};
    const call = openaiCall(asChat(body));
    const written = cohere.write(new ChatInbound().read(call), openaiTarget({}, {}, { model: String(body['model']) }), call);
    expect(written.path).toBe('/v2/chat');
    expect(normal(parsedJson(written.body.toString()) as JsonObject)).toEqual(normal(body));
  });
});
