import { answerFacts, closingFacts, openingFacts } from './reply-facts.js';

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

it.each([
  [
    'OpenAI',
    {
      choices: [
        { message: { tool_calls: [{ id: 'call_1' }] }, finish_reason: 'tool_calls' },
        { message: {}, finish_reason: 'length' },
      ],
      id: 'chatcmpl-1',
      model: 'gpt-4o',
    },
    { id: 'chatcmpl-1', model: 'gpt-4o', finishReasons: ['tool_calls', 'length'] },
  ],
  [
    'Anthropic',
    {
      id: 'msg_1',
      model: 'claude',
      content: [{ type: 'tool_use', id: 'toolu_1', input: { finish_reason: 'a secret', stop_reason: 'another' } }],
      stop_reason: 'tool_use',
    },
    { id: 'msg_1', model: 'claude', finishReasons: ['tool_use'] },
  ],
  [
    'Gemini',
    { candidates: [{ content: {}, finishReason: 'STOP' }], modelVersion: 'gemini-2', responseId: 'r1' },
    { id: 'r1', model: 'gemini-2', finishReasons: ['STOP'] },
  ],
  ['Bedrock', { output: {}, stopReason: 'end_turn' }, { finishReasons: ['end_turn'] }],
  ['embeddings', { object: 'list', data: [{ id: 'no' }], model: 'ada' }, { model: 'ada' }],
  ['nothing of the kind', { id: 7, model: null, choices: 'none' }, {}],
])('reads what an answer says of itself: %s', (_wire, body, facts) => {
  expect(answerFacts(json(body))).toEqual(facts);
});

it('reads nothing of what is no JSON, or very long', () => {
  expect(answerFacts(Buffer.from('{"id":"x"'))).toEqual({});
  expect(answerFacts(json({ id: 'x', pad: 'x'.repeat(300_000) }))).toEqual({});
});

it('reads events of a stream, whichever holds it', () => {
  const opening = `: hello\n\nevent: message_start\ndata: ${JSON.stringify({ type: 'message_start', message: { id: 'msg_1', model: 'claude' } })}\n\n`;
  expect(openingFacts(Buffer.from(opening))).toEqual({ id: 'msg_1', model: 'claude' });
  const closing = `data: ${JSON.stringify({ type: 'message_delta', delta: { stop_reason: 'end_turn' } })}\n\ndata: {"type":"message_stop"}\n\n`;
  expect(closingFacts(Buffer.from(closing))).toEqual({ finishReasons: ['end_turn'] });
  const chat = `data: ${JSON.stringify({ id: 'c', model: 'm', choices: [{ delta: {}, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`;
  expect(openingFacts(Buffer.from(chat))).toEqual({ id: 'c', model: 'm' });
  expect(closingFacts(Buffer.from(chat))).toEqual({ finishReasons: ['stop'] });
  for (const read of [openingFacts, closingFacts]) expect(read(Buffer.from('data: {"cut in the mid'))).toEqual({});
});
