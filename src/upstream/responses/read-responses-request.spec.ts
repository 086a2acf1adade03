import { openaiCall } from '../../../test/doubles/openai-call.js';
import { GatewayError } from '../../contracts/gateway-error.js';
import type { NeutralRequest } from '../neutral/neutral-request.js';
import { ResponsesInbound } from './responses-inbound.js';
import { sealed } from './sealed-reasoning.js';

const inbound = new ResponsesInbound();
const read = (body: object): NeutralRequest => inbound.read(openaiCall({ model: 'm', input: 'hi', ...body }));
const turnsOf = (...input: object[]): NeutralRequest['turns'] => read({ input }).turns;
const text = (words: string): object => ({ kind: 'text', text: words });
const user = { role: 'user', content: 'hi' };

function refusal(body: object): GatewayError {
  try {
    read(body);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

it('a text is what the user says, and instructions come first', () => {
  const request = read({ instructions: 'Be brief.', input: 'hi', max_output_tokens: 9, temperature: 0.5, top_p: 0.9, user: 'u' });
  expect(request).toMatchObject({ system: [text('Be brief.')], turns: [{ role: 'user', parts: [text('hi')] }] });
  expect(request).toMatchObject({ outputTokensMax: 9, temperature: 0.5, topP: 0.9, user: 'u', choices: 1, stop: [], tools: [] });
  expect([...request.unsaid]).toEqual([]);
});

it('system and developer messages follow the instructions, in order', () => {
  const input = [{ role: 'system', content: 'b' }, { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'c' }] }, user];
  expect(read({ instructions: 'a', input }).system).toEqual([text('a'), text('b'), text('c')]);
});

it.each([
  [{ type: 'input_text', text: 'a' }, text('a')],
  [{ type: 'output_text', text: 'a', annotations: [] }, text('a')],
  [
    { type: 'refusal', refusal: 'no' },
    { kind: 'refusal', text: 'no' },
  ],
  [
    { type: 'input_image', image_url: 'https://x.test/a.png', detail: 'low' },
    { kind: 'image', media: { url: 'https://x.test/a.png' }, detail: 'low' },
  ],
  [
    { type: 'input_image', image_url: 'data:image/png;base64,QUJD' },
    { kind: 'image', media: { base64: 'QUJD', mime: 'image/png' } },
  ],
  [
    { type: 'input_image', file_id: 'file-1' },
    { kind: 'image', media: { fileId: 'file-1' } },
  ],
  [
    { type: 'input_file', filename: 'a.md', file_data: 'QUJD' },
    { kind: 'file', media: { base64: 'QUJD', mime: 'text/plain' }, name: 'a.md' },
  ],
  [
    { type: 'input_file', file_data: 'data:application/pdf;base64,QUJD' },
    { kind: 'file', media: { base64: 'QUJD', mime: 'application/pdf' } },
  ],
  [
    { type: 'input_file', file_url: 'https://x.test/a.pdf' },
    { kind: 'file', media: { url: 'https://x.test/a.pdf' } },
  ],
  [
    { type: 'input_file', file_id: 'file-1' },
    { kind: 'file', media: { fileId: 'file-1' } },
  ],
  [
    { type: 'input_audio', input_audio: { data: 'QUJD', format: 'wav' } },
    { kind: 'audio', base64: 'QUJD', format: 'wav' },
  ],
])('the part %j is read', (part, expected) => {
  expect(turnsOf({ role: 'user', content: [part] })).toMatchObject([{ role: 'user', parts: [expected] }]);
});

it('what the assistant thought, said and called is one turn; each result is the user’s', () => {
  const turns = turnsOf(
    user,
    {
      type: 'reasoning',
      id: 'rs_1',
      summary: [
        { type: 'summary_text', text: 'Hm.' },
        { type: 'summary_text', text: 'So.' },
      ],
    },
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Let me see.' }] },
    { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{"a":1}' },
    { type: 'function_call', call_id: 'c2', name: 'f', arguments: '' },
    { type: 'function_call_output', call_id: 'c1', output: 'one' },
    { type: 'function_call_output', call_id: 'c2', output: [{ type: 'input_image', image_url: 'https://x.test/a.png' }] },
    { role: 'assistant', content: 'Done.' },
    user,
  );
  const call = (id: string, json: string): object => ({ kind: 'tool_call', id, name: 'f', arguments: json, signature: undefined });
  expect(turns).toEqual([
    { role: 'user', parts: [text('hi')] },
    {
      role: 'assistant',
      parts: [
        { kind: 'reasoning', text: 'Hm.\n\nSo.', signature: undefined, redacted: undefined },
        text('Let me see.'),
        call('c1', '{"a":1}'),
        call('c2', '{}'),
      ],
    },
    { role: 'user', parts: [{ kind: 'tool_result', callId: 'c1', content: [text('one')], isError: false }] },
    {
      role: 'user',
      parts: [
        {
          kind: 'tool_result',
          callId: 'c2',
          content: [{ kind: 'image', media: { url: 'https://x.test/a.png' }, detail: undefined }],
          isError: false,
        },
      ],
    },
    { role: 'assistant', parts: [text('Done.')] },
    { role: 'user', parts: [text('hi')] },
  ]);
});

it('a custom tool is a function of one text, its calls are calls of it, and its grammar is told', () => {
  const format = { type: 'grammar', syntax: 'lark', definition: 'start: "x"' };
  const request = read({
    tools: [{ type: 'custom', name: 'patch', description: 'Patches.', format }],
    tool_choice: { type: 'custom', name: 'patch' },
    input: [
      user,
      { type: 'custom_tool_call', call_id: 'c', name: 'patch', input: 'a "b"\n' },
      { type: 'custom_tool_call_output', call_id: 'c', output: 'ok' },
    ],
  });
  const [tool] = request.tools;
  expect(tool).toMatchObject({ name: 'patch', parameters: { required: ['input'], properties: { input: { type: 'string' } } } });
  expect(tool?.description).toBe('Patches.\n\nThe input follows this grammar (lark):\nstart: "x"');
  expect(request.toolChoice).toEqual({ name: 'patch' });
  expect(request.turns[1]?.parts).toMatchObject([{ kind: 'tool_call', name: 'patch', arguments: '{"input":"a \\"b\\"\\n"}' }]);
  expect(request.turns[2]?.parts).toMatchObject([{ kind: 'tool_result', callId: 'c' }]);
});

it('tools in a namespace bear both names, in the list and in earlier calls', () => {
  const request = read({
    tools: [
      { type: 'namespace', name: 'crm', description: '', tools: [{ type: 'function', name: 'find', parameters: { type: 'object' }, strict: true }] },
    ],
    input: [user, { type: 'function_call', call_id: 'c', namespace: 'crm', name: 'find', arguments: '{}' }],
  });
  expect(request.tools).toEqual([{ name: 'crm__find', description: undefined, parameters: { type: 'object' }, strict: true, cache: undefined }]);
  expect(request.turns[1]?.parts).toMatchObject([{ kind: 'tool_call', name: 'crm__find' }]);
});

it.each([
  ['auto', 'auto'],
  ['none', 'none'],
  ['required', 'required'],
  [{ type: 'function', name: 'b' }, { name: 'b' }],
])('the choice %j is %j', (toolChoice, expected) => {
  const tools = ['a', 'b'].map((name) => ({ type: 'function', name, parameters: {} }));
  expect(read({ tools, tool_choice: toolChoice }).toolChoice).toEqual(expected);
});

it('of allowed tools the others are left out', () => {
  const tools = ['a', 'b'].map((name) => ({ type: 'function', name, parameters: {} }));
  const request = read({ tools, tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'b' }] } });
  expect(request.tools.map(({ name }) => name)).toEqual(['b']);
  expect(request.toolChoice).toBe('required');
});

it.each([
  [undefined, { kind: 'text' }],
  [{ type: 'text' }, { kind: 'text' }],
  [{ type: 'json_object' }, { kind: 'json' }],
  [
    { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true },
    { kind: 'schema', name: 'n', description: undefined, schema: { type: 'object' }, strict: true },
  ],
])('the format %j is read', (format, expected) => {
  expect(read({ text: { format } }).format).toEqual(expected);
});

it.each([
  [{ effort: 'low', summary: 'auto' }, 'low'],
  [{ effort: 'none' }, 'none'],
  [{ effort: 'max' }, 'xhigh'],
  [{ effort: null }, undefined],
  [{ summary: 'auto' }, undefined],
  [null, undefined],
])('the wish to reason %j asks for %s', (reasoning, effort) => {
  expect(read({ reasoning }).reasoning?.effort).toBe(effort);
});

it.each([
  [{}, undefined],
  [{ top_logprobs: 3 }, 3],
  [{ include: ['message.output_text.logprobs'] }, 0],
  [{ include: ['reasoning.encrypted_content'], top_logprobs: 0 }, undefined],
])('log probabilities: %j asks for %s', (body, expected) => {
  expect(read(body).logprobs).toBe(expected);
});

it('what an agent sends every time is no obstacle', () => {
  const request = read({
    store: false,
    include: ['reasoning.encrypted_content'],
    prompt_cache_key: 'k',
    client_metadata: { a: 'b' },
    truncation: 'auto',
    previous_response_id: null,
    conversation: null,
    background: false,
    parallel_tool_calls: true,
    text: { verbosity: 'low' },
    tools: [],
    tool_choice: 'auto',
    input: [
      user,
      { type: 'reasoning', summary: [], encrypted_content: 'gAAAA-of-another-provider', content: null },
      { type: 'local_shell_call', call_id: 's', status: 'completed', action: { type: 'exec', command: ['ls'] } },
      { type: 'function_call_output', call_id: 's', output: 'a.txt' },
      { type: 'web_search_call', id: 'ws_1', status: 'completed' },
      { type: 'compaction', encrypted_content: 'x' },
      { type: 'ghost_snapshot' },
      { type: 'image_generation_call', id: 'ig_1', status: 'failed', result: null },
      user,
    ],
  });
  expect(request.turns).toEqual([
    { role: 'user', parts: [text('hi')] },
    { role: 'user', parts: [text('hi')] },
  ]);
  expect(request.toolChoice).toBeUndefined();
  expect([...request.unsaid]).toEqual([
    ['prompt_cache_key', 'k'],
    ['verbosity', 'low'],
  ]);
});

it('sealed reasoning comes back as what was sealed', () => {
  const item = (seal: string, words?: string): object => ({
    type: 'reasoning',
    summary: words === undefined ? [] : [{ type: 'summary_text', text: words }],
    encrypted_content: seal,
  });
  const turns = turnsOf(
    user,
    item(sealed({ kind: 'signature', value: 'S' }), 'Hm.'),
    item(sealed({ kind: 'redacted', value: 'R' })),
    item(sealed({ kind: 'call', value: 'G', callId: 'c2' }), 'So.'),
    { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' },
    { type: 'function_call', call_id: 'c2', name: 'f', arguments: '{}' },
  );
  expect(turns[1]?.parts).toEqual([
    { kind: 'reasoning', text: 'Hm.', signature: 'S', redacted: undefined },
    { kind: 'reasoning', text: '', signature: undefined, redacted: 'R' },
    { kind: 'reasoning', text: 'So.', signature: undefined, redacted: undefined },
    { kind: 'tool_call', id: 'c1', name: 'f', arguments: '{}', signature: undefined },
    { kind: 'tool_call', id: 'c2', name: 'f', arguments: '{}', signature: 'G' },
  ]);
});

it.each([['{"a"'], ['[1]'], ['"{}"'], ['none']])('the arguments of an earlier call that are no object, %s, go on as a text', (broken) => {
  const [, turn] = turnsOf(user, { type: 'function_call', call_id: 'c', name: 'f', arguments: broken });
  expect(turn?.parts).toMatchObject([{ kind: 'tool_call', name: 'f', arguments: JSON.stringify({ arguments: broken }) }]);
});

it('leaves out a reference to a thought, and tells of store where something that was said is referred to', () => {
  const call = { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' };
  const result = { type: 'function_call_output', call_id: 'c1', output: 'ok' };
  const { turns } = read({ input: [user, { type: 'item_reference', id: 'rs_1' }, call, result] });
  expect(turns[1]?.parts.map(({ kind }) => kind)).toEqual(['tool_call']);
  expect(() => read({ input: [user, { type: 'item_reference', id: 'msg_1' }] })).toThrow(/store to false/);
});

it.each([
  [{ previous_response_id: 'resp_1' }, 'previous_response_id', 'invalid_value'],
  [{ conversation: { id: 'conv_1' } }, 'conversation', 'invalid_value'],
  [{ prompt: { id: 'pmpt_1' } }, 'prompt', 'invalid_value'],
  [{ background: true }, 'background', 'invalid_value'],
  [{ input: [user, { type: 'item_reference', id: 'msg_1' }] }, 'input[1]', 'invalid_value'],
  [{ tools: [{ type: 'web_search' }] }, 'tools[0].type', 'invalid_value'],
  [
    {
      tools: [
        { type: 'function', name: 'f' },
        { type: 'mcp', server_label: 's' },
      ],
    },
    'tools[1].type',
    'invalid_value',
  ],
  [{ tools: [{ type: 'function' }] }, 'tools[0].name', 'missing_required_parameter'],
  [{ tool_choice: { type: 'file_search' } }, 'tool_choice.type', 'invalid_value'],
  [{ input: undefined }, 'input', 'missing_required_parameter'],
  [{ input: 7 }, 'input', 'invalid_value'],
  [{ input: '' }, 'input', 'invalid_value'],
  [{ input: [] }, 'input', 'invalid_value'],
  [{ input: ['x'] }, 'input[0]', 'invalid_value'],
  [{ input: [{ role: 'tool', content: 'x' }] }, 'input[0].role', 'invalid_value'],
  [{ input: [{ role: 'user' }] }, 'input[0].content', 'missing_required_parameter'],
  [{ input: [{ role: 'user', content: [{ type: 'text_input' }] }] }, 'input[0].content[0].type', 'invalid_value'],
  [{ input: [{ role: 'developer', content: [{ type: 'input_image', file_id: 'f' }] }] }, 'input[0].content', 'invalid_value'],
  [{ input: [user, { type: 'function_call_output', call_id: 'c', output: 'x' }] }, 'input[1].call_id', 'invalid_value'],
  [{ input: [{ type: 'function_call', call_id: 'c', name: 'f', arguments: ['a'] }] }, 'input[0].arguments', 'invalid_value'],
  [{ text: { format: { type: 'json_schema', name: 'n' } } }, 'text.format.schema', 'missing_required_parameter'],
  [{ text: 'plain' }, 'text', 'invalid_value'],
  [{ reasoning: { effort: 'enormous' } }, 'reasoning.effort', 'invalid_value'],
  [{ max_output_tokens: 0 }, 'max_output_tokens', 'invalid_value'],
])('%j is refused with %s', (body, param, code) => {
  expect(refusal(body)).toMatchObject({ code, status: 400, details: { param } });
});

it('a hosted tool is refused by its name, or left out where that is wished', () => {
  expect(refusal({ tools: [{ type: 'web_search' }] }).message).toContain('web_search');
  const call = openaiCall({ model: 'm', input: 'hi', tools: [{ type: 'web_search' }, { type: 'function', name: 'f', parameters: {} }] });
  expect(new ResponsesInbound('left_out').read(call).tools.map(({ name }) => name)).toEqual(['f']);
});

it('an image that was made before is one of the answer', () => {
  const made = { type: 'image_generation_call', id: 'ig_1', status: 'completed', output_format: 'webp', result: 'AAAA' };
  expect(read({ input: [user, made, user] }).turns[1]).toEqual({
    role: 'assistant',
    parts: [{ kind: 'image', media: { base64: 'AAAA', mime: 'image/webp' }, detail: undefined, isMade: true }],
  });
});
