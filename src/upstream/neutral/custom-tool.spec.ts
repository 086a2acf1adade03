import type OpenAI from 'openai';
import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream';
import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { GatewayError } from '../../contracts/gateway-error.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import { AnthropicOutbound } from '../anthropic/anthropic-outbound.js';
import type { OutboundDialect } from './outbound-dialect.js';
import { TranslatingAdapter } from './translating-adapter.js';
import { ChatInbound } from '../openai/chat-inbound.js';
import { ResponsesInbound } from '../responses/responses-inbound.js';
import { ResponsesOutbound } from '../responses/responses-outbound.js';

const GRAMMAR = { syntax: 'lark', definition: 'start: "a"' };
const PATCH = { type: 'custom', custom: { name: 'patch', description: 'Edits.', format: { type: 'grammar', grammar: GRAMMAR } } };
const NOTE = { type: 'custom', custom: { name: 'note', format: { type: 'text' } } };
const F = { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } };
const TOOLS = [F, PATCH, NOTE];
const SAID = '*** Begin\n"é😀"\\';

const chat = new ChatInbound();
const asked = (body: object): InferenceCall => openaiCall({ model: 'outer', messages: [{ role: 'user', content: 'hi' }], tools: TOOLS, ...body });
const adapter = (outbound: OutboundDialect): TranslatingAdapter => new TranslatingAdapter(chat, outbound);
const sent = (body: object, outbound: OutboundDialect = new ResponsesOutbound()): Record<string, unknown> =>
  JSON.parse(adapter(outbound).encode(asked(body), openaiTarget()).body.toString()) as Record<string, unknown>;

describe('a custom tool of a client of chat completions', () => {
  it('is one for a provider of Responses, and can be chosen', () => {
    expect(sent({})['tools']).toEqual([
      { type: 'function', name: 'f', parameters: F.function.parameters, strict: false },
      { type: 'custom', name: 'patch', description: 'Edits.', format: { type: 'grammar', ...GRAMMAR } },
      { type: 'custom', name: 'note', format: { type: 'text' } },
    ]);
    expect(sent({ tool_choice: { type: 'custom', custom: { name: 'patch' } } })['tool_choice']).toEqual({ type: 'custom', name: 'patch' });
    expect(sent({ tool_choice: { type: 'function', function: { name: 'f' } } })['tool_choice']).toEqual({ type: 'function', name: 'f' });
    const allowed = { mode: 'required', tools: [{ type: 'custom', custom: { name: 'note' } }] };
    expect(sent({ tool_choice: { type: 'allowed_tools', allowed_tools: allowed } })).toMatchObject({
      tools: [{ type: 'custom', name: 'note' }],
      tool_choice: 'required',
    });
  });

  it('keeps its calls and their results in its own form there', () => {
    const calls = [
      { id: 'c1', type: 'custom', custom: { name: 'patch', input: SAID } },
      { id: 'c2', type: 'function', function: { name: 'f', arguments: '{"input":"x"}' } },
    ];
    const results = ['c1', 'c2'].map((id) => ({ role: 'tool', tool_call_id: id, content: `of ${id}` }));
    expect(sent({ messages: [{ role: 'user', content: 'hi' }, { role: 'assistant', tool_calls: calls }, ...results] })['input']).toEqual([
      { role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
      { type: 'custom_tool_call', call_id: 'c1', name: 'patch', input: SAID },
      { type: 'function_call', call_id: 'c2', name: 'f', arguments: '{"input":"x"}' },
      { type: 'custom_tool_call_output', call_id: 'c1', output: 'of c1' },
      { type: 'function_call_output', call_id: 'c2', output: 'of c2' },
    ]);
  });

  it('is a function of one text for every other provider, its grammar told in words', () => {
    const body = sent(
      {
        tool_choice: { type: 'custom', custom: { name: 'patch' } },
        messages: [
          { role: 'user', content: 'hi' },
          { role: 'assistant', tool_calls: [{ id: 'c1', type: 'custom', custom: { name: 'patch', input: SAID } }] },
          { role: 'tool', tool_call_id: 'c1', content: 'done' },
        ],
      },
      new AnthropicOutbound(),
    );
    expect(body).toMatchObject({
      tools: [{ name: 'f' }, { name: 'patch', input_schema: { required: ['input'] } }, { name: 'note' }],
      tool_choice: { type: 'tool', name: 'patch' },
    });
    expect((body['tools'] as { description?: string }[])[1]?.description).toBe('Edits.\n\nThe input follows this grammar (lark):\nstart: "a"');
    expect(JSON.stringify(body['messages'])).toContain(JSON.stringify({ type: 'tool_use', id: 'c1', name: 'patch', input: { input: SAID } }));
  });

  it.each([
    [{ tools: [{ type: 'custom' }] }, 'tools[0].custom'],
    [{ tools: [{ type: 'custom', custom: {} }] }, 'tools[0].custom.name'],
    [{ tools: [{ type: 'custom', custom: { name: 'a', format: { type: 'x' } } }] }, 'tools[0].custom.format.type'],
    [{ tools: [{ type: 'custom', custom: { name: 'a', format: { type: 'grammar' } } }] }, 'tools[0].custom.format.grammar.syntax'],
    [{ tool_choice: { type: 'custom' } }, 'tool_choice.function.name'],
    [
      { messages: [{ role: 'assistant', tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'a' } }] }] },
      'messages[0].tool_calls[0].custom.input',
    ],
  ])('that makes no sense is refused by its path: %j', (body, param) => {
    let refusal: unknown;
    try {
      sent(body);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(GatewayError);
    expect(refusal).toMatchObject({ details: { param } });
  });
});

const CALL = { type: 'custom_tool_call', id: 'ctc_1', call_id: 'call_1', name: 'patch', input: SAID, status: 'completed' };
const FUNCTION = { type: 'function_call', id: 'fc_1', call_id: 'call_2', name: 'f', arguments: '{"input":"x"}', status: 'completed' };
const HOSTED = { type: 'custom_tool_call', id: 'ctc_2', call_id: 'xs_1', name: 'x_keyword_search', input: '{}', status: 'completed' };
const COMPLETED = { type: 'response.completed', response: { id: 'resp_1', status: 'completed', output: [CALL, FUNCTION, HOSTED] } };
const PIECES = [SAID.slice(0, 12), SAID.slice(12, 14), SAID.slice(14)];
const EVENTS = [
  { type: 'response.created', response: { id: 'resp_1' } },
  { type: 'response.output_item.added', output_index: 0, item: { ...CALL, input: '', status: 'in_progress' } },
  ...PIECES.map((delta) => ({ type: 'response.custom_tool_call_input.delta', output_index: 0, item_id: 'ctc_1', delta })),
  { type: 'response.custom_tool_call_input.done', output_index: 0, item_id: 'ctc_1', input: SAID },
  { type: 'response.output_item.done', output_index: 0, item: CALL },
  { type: 'response.output_item.added', output_index: 1, item: HOSTED },
  { type: 'response.custom_tool_call_input.delta', output_index: 1, delta: '{}' },
  { type: 'response.output_item.done', output_index: 1, item: HOSTED },
  { type: 'response.output_item.added', output_index: 2, item: { ...FUNCTION, arguments: '' } },
  { type: 'response.function_call_arguments.delta', output_index: 2, delta: '{"input":"x"}' },
  { type: 'response.output_item.done', output_index: 2, item: FUNCTION },
  COMPLETED,
];
const TOLD = [
  { id: 'call_1', type: 'custom', custom: { name: 'patch', input: SAID } },
  { id: 'call_2', type: 'function', function: { name: 'f', arguments: '{"input":"x"}' } },
];

function streamed(events: readonly object[], outbound: OutboundDialect = new ResponsesOutbound(), body: object = {}): string[] {
  const translator = adapter(outbound).translator(asked({ stream: true, ...body }), openaiTarget(), 1024 * 1024);
  const told = events.map((event) => translator.write(Buffer.from(`data: ${JSON.stringify(event)}\n\n`)).toString());
  told.push(translator.end().toString());
  expect([translator.failure, translator.progress]).toEqual([undefined, 'done']);
  return told;
}

function chunksOf(stream: string): OpenAI.ChatCompletionChunk[] {
  const data = stream.split('\n\n').map((event) => event.slice('data: '.length));
  return data.filter((json) => json.startsWith('{')).map((json) => JSON.parse(json) as OpenAI.ChatCompletionChunk);
}

async function bySdk(stream: string): Promise<OpenAI.ChatCompletion> {
  const lines = chunksOf(stream).map((chunk) => JSON.stringify(chunk));
  return await ChatCompletionStream.fromReadableStream(new Blob([lines.join('\n')]).stream()).finalChatCompletion();
}

describe('a call of a custom tool', () => {
  it('of a whole response is one for a client of chat completions', () => {
    const answer = adapter(new ResponsesOutbound()).answer(asked({}), openaiTarget(), Buffer.from(JSON.stringify(COMPLETED.response)));
    const { choices } = JSON.parse('body' in answer ? answer.body.toString() : '{}') as OpenAI.ChatCompletion;
    expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
    expect(choices[0]?.message.tool_calls).toEqual(TOLD);
  });

  it('is told as it comes, piece by piece, and is whole for the official client', async () => {
    const told = streamed(EVENTS);
    const pieces = told.slice(2, 5).map((one) => chunksOf(one)[0]?.choices[0]?.delta.tool_calls);
    expect(pieces).toEqual(PIECES.map((input) => [{ index: 0, custom: { input } }]));
    const { choices } = await bySdk(told.join(''));
    expect(choices[0]?.message.tool_calls).toMatchObject(TOLD);
  });

  it.each([
    ['whose item is never done', EVENTS.filter(({ type }) => type !== 'response.output_item.done')],
    ['whose pieces never come', EVENTS.filter(({ type }) => !type.endsWith('.delta'))],
    ['that is told at the end alone', [COMPLETED]],
  ])('%s is whole too', async (_case, events) => {
    const { choices } = await bySdk(streamed(events).join(''));
    expect(choices[0]?.message.tool_calls?.[0]).toMatchObject(TOLD[0] as object);
  });

  it('of a provider that knows functions alone is one for the client', async () => {
    const start = (index: number, name: string): object => ({
      type: 'content_block_start',
      index,
      content_block: { type: 'tool_use', id: `t${index}`, name },
    });
    const json = (index: number, piece: string): object => ({
      type: 'content_block_delta',
      index,
      delta: { type: 'input_json_delta', partial_json: piece },
    });
    const given = JSON.stringify({ input: SAID });
    const events = [
      { type: 'message_start', message: { id: 'msg_1', usage: {} } },
      start(0, 'patch'),
      json(0, given.slice(0, 9)),
      json(0, given.slice(9, 20)),
      json(0, given.slice(20)),
      start(1, 'f'),
      json(1, '{"a":1}'),
      start(2, 'note'),
      json(2, 'as it is'),
      { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
      { type: 'message_stop' },
    ];
    const { choices } = await bySdk(streamed(events, new AnthropicOutbound()).join(''));
    expect(choices[0]?.message.tool_calls).toMatchObject([
      { id: 't0', type: 'custom', custom: { name: 'patch', input: SAID } },
      { id: 't1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
      { id: 't2', type: 'custom', custom: { name: 'note', input: 'as it is' } },
    ]);
  });

  it.each([
    ['whole', EVENTS],
    ['never done', EVENTS.filter(({ type }) => type !== 'response.output_item.done')],
  ])('is one of a function where the client offers no custom tool of that name: %s', async (_case, events) => {
    const { choices } = await bySdk(streamed(events, new ResponsesOutbound(), { tools: [F] }).join(''));
    const called = { name: 'patch', arguments: JSON.stringify({ input: SAID }) };
    expect(choices[0]?.message.tool_calls?.[0]).toMatchObject({ type: 'function', function: called });
  });
});

it('a client of Responses has its custom tools read the same way', () => {
  const call = openaiCall({
    model: 'm',
    input: 'hi',
    tools: [{ type: 'custom', name: 'patch', description: 'Edits.', format: { type: 'grammar', ...GRAMMAR } }],
  });
  expect(new ResponsesInbound().read(call).tools).toEqual(chat.read(asked({ tools: [PATCH] })).tools);
});
