import OpenAI from 'openai';
import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { type RecordedCase, RecordedTraffic } from '../../../test/doubles/recorded-traffic.js';
import { SeededRandom } from '../../../test/doubles/seeded-random.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import { AnthropicOutbound } from '../anthropic/anthropic-outbound.js';
import { TranslatingAdapter } from '../neutral/translating-adapter.js';
import { ChatInbound } from '../openai/chat-inbound.js';
import { ChatOutbound } from '../openai/chat-outbound.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { ResponsesInbound } from './responses-inbound.js';
import { ResponsesOutbound } from './responses-outbound.js';

const traffic = RecordedTraffic.open();
const describeRecorded = traffic === undefined ? describe.skip : describe;
const RESPONSES = new ResponsesInbound();
const chatBehind = new TranslatingAdapter(RESPONSES, new ChatOutbound());
const messagesBehind = new TranslatingAdapter(RESPONSES, new AnthropicOutbound());
const responsesBehind = new TranslatingAdapter(new ChatInbound(), new ResponsesOutbound());
const NONE: [string, RecordedCase][] = [['none', {} as RecordedCase]];

/** `perProvider`: so many of each provider, so that the run stays short. */
function recorded(endpoint: string, framing: string, perProvider: number): [string, RecordedCase][] {
  const counts = new Map<string, number>();
  const found = (traffic?.cases((one) => one.endpoint === endpoint && one.framing === framing && one.status === 200) ?? []).filter((one) => {
    if (one.provider === 'snowflake' || one.id === CUSTOM_CALL) return false;
    const error = traffic?.summary(one).error;
    const count = counts.get(one.provider) ?? 0;
    counts.set(one.provider, count + 1);
    return count < perProvider && (error === undefined || error === null);
  });
  return found.length === 0 ? NONE : found.map((one) => [one.id, one]);
}

/** A call of a custom tool, as chat has it: no other wire can ask for one there. */
const CUSTOM_CALL = 'openai/chat-sync-toolcall-gpt-5-36ee';

function streamed(adapter: TranslatingAdapter, call: InferenceCall, stream: Buffer): Buffer {
  const translator = adapter.translator(call, openaiTarget(), 1024 * 1024);
  const random = new SeededRandom(stream.length);
  const parts: Buffer[] = [];
  for (let at = 0; at < stream.length;) {
    const size = 1 + random.below(900);
    parts.push(translator.write(stream.subarray(at, at + size)));
    at += size;
  }
  parts.push(translator.end());
  if (translator.failure !== undefined) throw translator.failure;
  return Buffer.concat(parts);
}

function answered(adapter: TranslatingAdapter, call: InferenceCall, body: Buffer): Buffer {
  const answer = adapter.answer(call, openaiTarget(), body);
  if (answer instanceof UpstreamFailure) throw answer;
  return answer.body;
}

function client(body: Buffer, type: string): OpenAI {
  return new OpenAI({
    apiKey: 'x',
    baseURL: 'http://127.0.0.1:9/v1',
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(new Uint8Array(body), { headers: { 'content-type': type } })),
  });
}

interface Understood {
  text: string;
  readonly calls: { name: string; arguments: unknown }[];
  finish: string;
}

async function responseBySdk(body: Buffer, isStream: boolean): Promise<Understood> {
  const sdk = client(body, isStream ? 'text/event-stream' : 'application/json');
  const request = { model: 'm', input: 'x' };
  const final = isStream ? await sdk.responses.stream(request).finalResponse() : await sdk.responses.create(request);
  const understood: Understood = { text: final.output_text, calls: [], finish: 'stop' };
  for (const item of final.output) if (item.type === 'function_call') understood.calls.push({ name: item.name, arguments: parsed(item.arguments) });
  if (understood.calls.length > 0) understood.finish = 'tool_calls';
  const why = final.incomplete_details?.reason;
  if (why !== undefined) understood.finish = why === 'content_filter' ? why : 'length';
  return understood;
}

async function chatBySdk(body: Buffer, isStream: boolean): Promise<Understood> {
  const sdk = client(body, isStream ? 'text/event-stream' : 'application/json');
  const request = { model: 'm', messages: [] };
  const final = isStream ? await sdk.chat.completions.stream(request).finalChatCompletion() : await sdk.chat.completions.create(request);
  const [choice] = final.choices;
  const calls = (choice?.message.tool_calls ?? []).flatMap((call) =>
    call.type === 'function' ? [{ name: call.function.name, arguments: parsed(call.function.arguments) }] : [],
  );
  return { text: choice?.message.content ?? '', calls, finish: choice?.finish_reason ?? '' };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return { __unparsed__: text };
  }
}

function expected(one: RecordedCase): Understood {
  const [choice] = ((traffic as RecordedTraffic).summary(one).choices ?? []) as readonly {
    readonly text?: string;
    readonly tool_calls?: readonly { readonly name: string; readonly arguments: unknown }[];
    readonly finish_reason?: string;
  }[];
  const calls = (choice?.tool_calls ?? []).map(({ name, arguments: value }) => ({ name, arguments: value }));
  return { text: choice?.text ?? '', calls, finish: choice?.finish_reason ?? (calls.length > 0 ? 'tool_calls' : 'stop') };
}

const call = (stream: boolean): InferenceCall => openaiCall({ model: 'asked', input: 'hi', messages: [{ role: 'user', content: 'hi' }], stream });

describeRecorded('a Responses client', () => {
  it.each(recorded('chat', 'sse', 4))('before chat: %s', async (_id, one) => {
    const body = streamed(chatBehind, call(true), (traffic as RecordedTraffic).response(one));
    expect(await responseBySdk(body, true)).toEqual(expected(one));
  });

  it.each(recorded('chat', 'json', 4))('before chat: %s', async (_id, one) => {
    const body = answered(chatBehind, call(false), (traffic as RecordedTraffic).response(one));
    expect(await responseBySdk(body, false)).toEqual(expected(one));
  });

  it.each(recorded('messages', 'sse', 12))('before Messages: %s', async (_id, one) => {
    const body = streamed(messagesBehind, call(true), (traffic as RecordedTraffic).response(one));
    expect(await responseBySdk(body, true)).toEqual(expected(one));
  });
});

describeRecorded('a chat client', () => {
  it.each(recorded('responses', 'sse', 20))('before Responses: %s', async (_id, one) => {
    const body = streamed(responsesBehind, call(true), (traffic as RecordedTraffic).response(one));
    expect(await chatBySdk(body, true)).toEqual(expected(one));
  });

  it.each(recorded('responses', 'json', 20))('before Responses: %s', async (_id, one) => {
    const body = answered(responsesBehind, call(false), (traffic as RecordedTraffic).response(one));
    expect(await chatBySdk(body, false)).toEqual(expected(one));
  });
});

it('a conversation with a custom tool goes to chat as one with a function', () => {
  const asked = openaiCall({
    model: 'asked',
    stream: true,
    store: false,
    include: ['reasoning.encrypted_content'],
    prompt_cache_key: 'k',
    instructions: 'Be brief.',
    tools: [{ type: 'custom', name: 'patch' }],
    input: [
      { role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
      { type: 'custom_tool_call', call_id: 'c', name: 'patch', input: 'x' },
      { type: 'custom_tool_call_output', call_id: 'c', output: 'ok' },
    ],
  });
  const body = JSON.parse(chatBehind.encode(asked, openaiTarget()).body.toString()) as object;
  expect(body).toMatchObject({
    model: 'inner',
    stream: true,
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'hi' },
      { role: 'assistant', tool_calls: [{ id: 'c', type: 'function', function: { name: 'patch', arguments: '{"input":"x"}' } }] },
      { role: 'tool', tool_call_id: 'c', content: 'ok' },
    ],
    tools: [{ type: 'function', function: { name: 'patch', parameters: { required: ['input'] } } }],
  });
  expect(body).not.toHaveProperty('include');
});
