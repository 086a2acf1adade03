import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { estimatedCount } from './estimated-count.js';

const target = openaiTarget({}, {}, { model: 'claude-x' });
const question = { model: 'outer', messages: [{ role: 'user', content: 'x'.repeat(3_500) }] };
const count = (status: number, words: object | string, body: object = question): ReturnType<typeof estimatedCount> =>
  estimatedCount(openaiCall(body, {}, 'count_tokens'), target, status, Buffer.from(typeof words === 'string' ? words : JSON.stringify(words)));

const said = (message: string, type = 'not_found_error'): object => ({ type: 'error', error: { type, message } });

it.each([
  [404, ''],
  [404, '<html><head><title>404 Not Found</title></head></html>'],
  [404, '404 page not found'],
  [404, { detail: 'Not Found' }],
  [404, said('Not Found')],
  [404, said('File Not Found')],
  [404, { error: { message: 'Invalid URL (POST /v1/messages/count_tokens)', type: 'invalid_request_error', param: null, code: null } }],
  [404, { error: { code: 404, message: 'Publisher Model `projects/p/locations/l/publishers/anthropic/models/count-tokens` was not found.' } }],
  [405, { detail: 'Method Not Allowed' }],
  [501, 'this model does not'],
])('an upstream that says %i %j cannot count: the house estimates', (status, words) => {
  const answer = count(status, words);
  if (answer === undefined || answer instanceof UpstreamFailure) throw new Error('no answer');
  expect(answer).toMatchObject({ usage: undefined, isOurs: true });
  expect(JSON.parse(answer.body.toString())).toEqual({ input_tokens: 1_004 });
});

it.each([
  [404, said('model: claude-x')],
  [404, { error: { message: 'The model `other` does not exist.', type: 'NotFoundError', param: 'model', code: 404 } }],
  [404, { error: 'claude-x not found' }],
  [404, { error: { code: 'DeploymentNotFound', message: 'It does not exist.' } }],
  [404, said('File not found: file_011CNha8iCJcU1wXNR6q4V8w')],
  [400, said('messages: at least one message is required', 'invalid_request_error')],
  [401, said('invalid x-api-key', 'authentication_error')],
  [403, ''],
  [410, ''],
  [429, said('slow down', 'rate_limit_error')],
  [500, ''],
  [503, ''],
])('its refusal stands where it says %i %j', (status, words) => {
  expect(count(status, words)).toBeUndefined();
});

it('a prompt that makes no sense is refused as such', () => {
  const refusal = count(404, '', { model: 'outer', messages: [] });
  expect(refusal).toMatchObject({ kind: 'rejected', details: { status: 400, body: { error: { param: 'messages' } } } });
});
