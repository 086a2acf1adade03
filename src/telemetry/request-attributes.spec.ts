import { openaiCall } from '../../test/doubles/openai-call.js';
import { requestAttributes } from './request-attributes.js';

it('tells how a chat was asked for', () => {
  const call = openaiCall({
    model: 'm',
    stream: true,
    max_tokens: 3,
    max_completion_tokens: 4,
    temperature: 0,
    top_p: 0.5,
    seed: 7,
    n: 1,
    stop: 'end',
    frequency_penalty: 1,
    presence_penalty: -1,
    reasoning_effort: 'high',
    response_format: { type: 'json_object' },
  });
  expect(requestAttributes(call)).toEqual({
    'gen_ai.request.model': 'm',
    'gen_ai.request.stream': true,
    'gen_ai.request.max_tokens': 4,
    'gen_ai.request.temperature': 0,
    'gen_ai.request.top_p': 0.5,
    'gen_ai.request.seed': 7,
    'gen_ai.request.stop_sequences': ['end'],
    'gen_ai.request.frequency_penalty': 1,
    'gen_ai.request.presence_penalty': -1,
    'gen_ai.request.reasoning.level': 'high',
    'gen_ai.output.type': 'json',
  });
});

it('tells the same of the other wires', () => {
  const responses = openaiCall({
    model: 'm',
    input: 'secret',
    max_output_tokens: 5,
    reasoning: { effort: 'low' },
    previous_response_id: 'resp_1',
    conversation: { id: 'conv_1' },
  });
  expect(requestAttributes(responses)).toEqual({
    'gen_ai.request.model': 'm',
    'gen_ai.request.stream': false,
    'gen_ai.request.max_tokens': 5,
    'gen_ai.request.reasoning.level': 'low',
    'gen_ai.request.previous_response.id': 'resp_1',
    'gen_ai.conversation.id': 'conv_1',
  });
  expect(requestAttributes(openaiCall({ model: 'm', top_k: 9, stop_sequences: ['a', 'b'] }))).toMatchObject({
    'gen_ai.request.top_k': 9,
    'gen_ai.request.stop_sequences': ['a', 'b'],
  });
});

it('leaves out what is not of its kind, and cuts what is long', () => {
  const odd = { max_tokens: 1.5, temperature: 'hot', top_p: null, seed: 1e300, stop: [1, {}], n: '2', reasoning: 'x', response_format: [] };
  expect(requestAttributes(openaiCall({ model: 'm'.repeat(500), ...odd, reasoning_effort: 'x'.repeat(5_000) }))).toEqual({
    'gen_ai.request.model': 'm'.repeat(128),
    'gen_ai.request.stream': false,
  });
  expect(requestAttributes(openaiCall({ model: 'm', stop: Array.from({ length: 100 }, () => 'x') }))['gen_ai.request.stop_sequences']).toHaveLength(
    16,
  );
});
