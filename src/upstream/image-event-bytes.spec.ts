import { openaiCall, openaiTarget } from '../../test/doubles/openai-call.js';
import type { InferenceEndpoint } from '../contracts/endpoint.js';
import { imageEventBytes } from './image-event-bytes.js';

const PLAIN = openaiTarget();
const IMAGES = openaiTarget({}, {}, { model: 'gemini-3-pro-image-preview' });

it.each<[string, object, InferenceEndpoint, number]>([
  ['a chat', { model: 'm', messages: [] }, 'chat_completions', 10],
  ['a chat that asks for images', { model: 'm', messages: [], modalities: ['image', 'text'] }, 'chat_completions', 320],
  ['a response', { model: 'm', input: 'a' }, 'responses', 10],
  ['a response that may make images', { model: 'm', input: 'a', tools: [{ type: 'image_generation' }] }, 'responses', 320],
  ['a message', { model: 'm', messages: [], modalities: [] }, 'messages', 10],
])('an event of %s (%j) may have its bytes', (_name, body, endpoint, wanted) => {
  expect(imageEventBytes(10, PLAIN, openaiCall(body, {}, endpoint))).toBe(wanted);
  expect(imageEventBytes(10, IMAGES, openaiCall(body, {}, endpoint))).toBe(320);
});

it('the name of the model alone tells', () => {
  expect([undefined, PLAIN, IMAGES].map((target) => imageEventBytes(10, target))).toEqual([10, 10, 320]);
});
