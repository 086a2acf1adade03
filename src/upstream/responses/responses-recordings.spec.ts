import OpenAI from 'openai';
import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { type RecordedCase, type RecordedSummary, RecordedTraffic } from '../../../test/doubles/recorded-traffic.js';
import { SeededRandom } from '../../../test/doubles/seeded-random.js';
import { servedBytes } from '../../../test/doubles/served-bytes.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { chatFinish } from '../openai/chat-finish.js';
import { asArray, asObject, type JsonObject } from '../openai/json-value.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { ResponsesInbound } from './responses-inbound.js';
import { ResponsesOutbound } from './responses-outbound.js';
import { ResponsesPassThrough } from './responses-pass-through.js';

const traffic = RecordedTraffic.open();
const outbound = new ResponsesOutbound();
const inbound = new ResponsesInbound('left_out');
const passThrough = new ResponsesPassThrough();
const cases = traffic?.cases(({ endpoint }) => endpoint === 'responses') ?? [];
const NONE: [string, RecordedCase][] = [['none', {} as RecordedCase]];
const named = (wanted: (recorded: RecordedCase) => boolean): [string, RecordedCase][] => {
  const found = cases.filter(wanted).map((recorded): [string, RecordedCase] => [recorded.id, recorded]);
  return found.length === 0 ? NONE : found;
};
const streams = named(({ framing, status }) => framing === 'sse' && status === 200);
const answers = named(({ framing, status }) => framing === 'json' && status === 200);
const describeRecorded = traffic === undefined ? describe.skip : describe;
const FRAME = { id: 'request-1', model: 'outer', createdAt: 1_700_000_000 };

const response = (recorded: RecordedCase): Buffer => (traffic as RecordedTraffic).response(recorded);
const summary = (recorded: RecordedCase): RecordedSummary => (traffic as RecordedTraffic).summary(recorded);
const callOf = (recorded: RecordedCase, stream: boolean): ReturnType<typeof openaiCall> =>
  openaiCall({ model: 'asked', input: 'x', ...traffic?.requestBody(recorded), stream });

function streamed(stream: Buffer, sizes: () => number): { events: NeutralEvent[]; dropped: number } {
  const reader = outbound.streamReader(1024 * 1024, openaiTarget());
  const events: NeutralEvent[] = [];
  for (let at = 0; at < stream.length;) {
    const size = sizes();
    const chunk = Buffer.from(stream.subarray(at, at + size));
    at += size;
    events.push(...reader.read(chunk));
    chunk.fill(0x21);
  }
  events.push(...reader.end());
  return { events, dropped: reader.dropped };
}

/** Everything that was said, put together. */
function told(events: readonly NeutralEvent[]): object {
  const calls: { name: string; json: string }[] = [];
  const said = { text: '', reasoning: '', refusal: '' };
  let finish: string | undefined;
  let usage: NeutralEvent | undefined;
  let failed = false;
  for (const event of events) {
    if (event.kind === 'text' || event.kind === 'reasoning' || event.kind === 'refusal') said[event.kind] += event.text;
    if (event.kind === 'tool_call') calls[event.call] = { name: event.name, json: '' };
    if (event.kind === 'tool_arguments') (calls[event.call] as { json: string }).json += event.json;
    if (event.kind === 'finish') finish = event.reason === 'length' ? 'length' : chatFinish(event.reason, calls.length > 0, false);
    if (event.kind === 'usage') usage = event;
    if (event.kind === 'failure') failed = true;
  }
  const counts = usage?.kind === 'usage' ? usage.usage : undefined;
  return {
    ...said,
    calls: calls.map(({ name, json }) => ({ name, arguments: parsed(json) })),
    finish,
    usage: counts && { input: counts.input, output: counts.output, cached: counts.cached, reasoning: counts.reasoning },
    failed,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return { __unparsed__: text };
  }
}

function expected({ choices = [], usage, error }: RecordedSummary): object {
  const [choice] = choices as readonly (NonNullable<RecordedSummary['choices']>[number] & { finish_reason?: string })[];
  return {
    text: choice?.text ?? '',
    reasoning: choice?.reasoning ?? '',
    refusal: choice?.refusal ?? '',
    calls: (choice?.tool_calls ?? []).map(({ name, arguments: value }) => ({ name, arguments: value })),
    finish: choice?.finish_reason ?? undefined,
    usage: usage
      ? {
          input: usage['prompt_tokens'],
          output: usage['completion_tokens'],
          cached: usage['cached_tokens'] ?? 0,
          reasoning: usage['reasoning_tokens'] ?? 0,
        }
      : undefined,
    failed: error !== undefined && error !== null,
  };
}

describeRecorded('recorded responses, read', () => {
  it.each(streams)('%s streams the same events, however it is sliced', (_id, recorded) => {
    const stream = response(recorded);
    const whole = streamed(stream, () => stream.length);
    const random = new SeededRandom(stream.length);
    for (const sizes of [() => 1, () => 7, () => 1 + random.below(900)]) expect(streamed(stream, sizes)).toEqual(whole);
    expect(whole.dropped).toBe(0);
    expect(told(whole.events)).toEqual(expected(summary(recorded)));
  });

  it.each(streams)('%s says the same whole as in pieces', (_id, recorded) => {
    const final = finalOf(response(recorded));
    if (final === undefined) return;
    const { events } = streamed(response(recorded), () => 1000);
    expect(told(outbound.read(Buffer.from(JSON.stringify(final)), openaiTarget()))).toEqual(told(events));
  });

  it.each(answers)('%s is read whole', (_id, recorded) => {
    expect(told(outbound.read(response(recorded), openaiTarget()))).toEqual(expected(summary(recorded)));
  });

  it.each(named(({ status }) => status >= 400))('%s is named', (_id, recorded) => {
    const failure = outbound.explain(openaiTarget(), recorded.status, (traffic as RecordedTraffic).headers(recorded), response(recorded));
    expect(failure.kind).toBe(recorded.status === 401 ? 'auth' : 'rejected');
    const { error } = JSON.parse(response(recorded).toString()) as { error: { message: string; code: string | null } };
    if (failure.kind === 'rejected') expect(failure.details.body?.error).toMatchObject({ message: error.message, code: error.code });
  });
});

function finalOf(stream: Buffer): JsonObject | undefined {
  const lines = stream.toString().split('\n');
  const data = lines.filter((line) => line.startsWith('data: {')).map((line) => asObject(JSON.parse(line.slice(6))) ?? {});
  return asObject(data.find(({ type }) => type === 'response.completed' || type === 'response.incomplete')?.['response']);
}

async function readBySdk(body: Buffer, stream: boolean): Promise<{ types: string[]; final: OpenAI.Responses.Response }> {
  const server = await servedBytes(body, stream ? 'text/event-stream' : 'application/json');
  const client = new OpenAI({ apiKey: 'x', baseURL: server.baseUrl, maxRetries: 0 });
  const types: string[] = [];
  try {
    if (!stream) return { types, final: await client.responses.create({ model: 'm', input: 'x' }) };
    const events = client.responses.stream({ model: 'm', input: 'x' });
    for await (const event of events) types.push(event.type);
    return { types, final: await events.finalResponse() };
  } finally {
    await server.close();
  }
}

/** What the official client makes of it, in the words of the summaries. */
function understood(final: OpenAI.Responses.Response): object {
  const calls: object[] = [];
  const said = { text: '', reasoning: '', refusal: '' };
  for (const item of final.output) {
    if (item.type === 'function_call') calls.push({ name: item.name, arguments: parsed(item.arguments) });
    if (item.type === 'reasoning') said.reasoning += item.summary.map(({ text }) => text).join('');
    if (item.type !== 'message') continue;
    for (const part of item.content) {
      if (part.type === 'output_text') said.text += part.text;
      else said.refusal += part.refusal;
    }
  }
  return { ...said, calls };
}

const spoken = (recorded: RecordedCase): object => {
  const { text, reasoning, refusal, calls } = expected(summary(recorded)) as Record<string, unknown>;
  return { text, reasoning, refusal, calls };
};

describeRecorded('recorded responses, written again', () => {
  it.each(streams)('%s is understood by the official client', async (_id, recorded) => {
    const { events } = streamed(response(recorded), () => 500);
    if (events.some(({ kind }) => kind === 'failure')) return;
    const writer = inbound.streamWriter(FRAME, callOf(recorded, true));
    const text = events.map((event) => writer.write(event)).join('') + writer.end();
    const { types, final } = await readBySdk(Buffer.from(text), true);
    expect(understood(final)).toEqual(spoken(recorded));
    expect(types.slice(0, 2)).toEqual(['response.created', 'response.in_progress']);
    expect(types.at(-1)).toBe(`response.${final.status}`);
    expect(final.model).toBe('outer');
    const numbers = [...text.matchAll(/"sequence_number":(\d+),/g)].map(([, number]) => Number(number));
    expect(numbers).toEqual(numbers.map((_, index) => index));
    // Answered whole, it is the very response that the stream ends with.
    const whole = JSON.parse(inbound.answer(events, FRAME, callOf(recorded, true)).toString()) as object;
    expect(whole).toEqual(finalOf(Buffer.from(text)));
  });

  it.each(answers)('%s is understood by the official client', async (_id, recorded) => {
    const events = outbound.read(response(recorded), openaiTarget());
    const { final } = await readBySdk(inbound.answer(events, FRAME, callOf(recorded, false)), false);
    expect(understood(final)).toEqual(spoken(recorded));
    const { usage } = summary(recorded);
    if (usage) expect(final.usage).toMatchObject({ input_tokens: usage['prompt_tokens'], output_tokens: usage['completion_tokens'] });
  });
});

const withoutModel = (text: string): string => text.replaceAll(/("model": ?)"[^"]*"/g, '$1').replaceAll('\r', '');

describeRecorded('recorded responses, passed through', () => {
  it.each(streams)('%s is the same bytes but for the model, however it is sliced', (_id, recorded) => {
    const stream = response(recorded);
    const random = new SeededRandom(stream.length);
    let first: string | undefined;
    for (const sizes of [() => stream.length, () => 1, () => 7, () => 1 + random.below(700)]) {
      const translator = passThrough.translator(callOf(recorded, true), openaiTarget(), 1024 * 1024);
      let output = '';
      for (let at = 0; at < stream.length;) {
        const size = sizes();
        const chunk = Buffer.from(stream.subarray(at, at + size));
        at += size;
        output += translator.write(chunk).toString('latin1');
        chunk.fill(0x21);
      }
      output += translator.end().toString('latin1');
      expect(translator.failure !== undefined).toBe((expected(summary(recorded)) as { failed: boolean }).failed);
      if (translator.failure !== undefined) return;
      expect(translator.progress).toBe('done');
      expect(translator.dropped).toBe(0);
      first ??= output;
      expect(output).toBe(first);
      const { usage } = expected(summary(recorded)) as { usage: object };
      expect(translator.usage).toEqual(usage);
    }
    const before = stream.toString('latin1').replace(/data: \[DONE\]\s*$/, '');
    expect(withoutModel(first ?? '').trimEnd()).toBe(withoutModel(before).trimEnd());
    expect(first).not.toMatch(/"model": ?"(?!outer")(?=[^{}]*"object": ?"response")/);
  });

  it.each(answers)('%s is the same bytes but for the model', (_id, recorded) => {
    const answer = passThrough.answer(callOf(recorded, false), openaiTarget(), response(recorded));
    if (answer instanceof UpstreamFailure) throw answer;
    expect(withoutModel(answer.body.toString())).toBe(withoutModel(response(recorded).toString()));
    expect(asObject(JSON.parse(answer.body.toString()))?.['model']).toBe('outer');
    expect(answer.usage).toEqual((expected(summary(recorded)) as { usage: object }).usage);
  });
});

describeRecorded('recorded requests', () => {
  const requests = named((recorded) => asArray(traffic?.requestBody(recorded)?.['input']) !== undefined);

  it.each(requests)('%s means the same after having been read and written', (_id, recorded) => {
    const call = callOf(recorded, false);
    const once = inbound.read(call);
    const { body } = outbound.write(once, openaiTarget({}, {}, { model: 'asked' }), call);
    const again = inbound.read(openaiCall(body.toString()));
    // What is silent about strictness is not strict, and what another provider encrypted cannot be said.
    expect(JSON.stringify({ ...again, unsaid: [...again.unsaid] })).toBe(JSON.stringify({ ...said(once), unsaid: [...once.unsaid] }));
  });
});

function said<R extends ReturnType<ResponsesInbound['read']>>(request: R): R {
  const { format } = request;
  return {
    ...request,
    turns: request.turns.map((turn) => ({ ...turn, parts: turn.parts.filter(({ kind }) => kind !== 'reasoning') })),
    tools: request.tools.map((tool) => ({
      ...tool,
      parameters: tool.parameters ?? { type: 'object', properties: {} },
      strict: tool.strict ?? false,
    })),
    ...(format.kind === 'schema' && { format: { ...format, strict: format.strict ?? false } }),
  };
}
