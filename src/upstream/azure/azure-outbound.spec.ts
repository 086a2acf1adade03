import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { MessagesInbound } from '../anthropic/messages-inbound.js';
import { TranslatingAdapter } from '../neutral/translating-adapter.js';
import { type JsonObject, parsedJson } from '../openai/json-value.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { AzureOutbound } from './azure-outbound.js';

const azure = new AzureOutbound({ apiVersion: '2025-02-01-preview', keyIsToken: false, tokens: undefined });
const adapter = new TranslatingAdapter(new MessagesInbound(), azure);
const call = openaiCall({ model: 'asked', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] }, {}, 'messages');
const at = (model: string): ReturnType<typeof openaiTarget> => openaiTarget({}, { baseUrl: 'https://r.openai.azure.com', apiKey: 'k' }, { model });

describe("a client of Anthropic's at Azure", () => {
  it('is asked for at its deployment, in words of chat completions', () => {
    const { path, headers, body } = adapter.encode(call, at('mine'));
    expect(path).toBe('/openai/deployments/mine/chat/completions?api-version=2025-02-01-preview');
    expect(headers).toMatchObject({ 'api-key': 'k' });
    expect(headers).not.toHaveProperty('authorization');
    expect(parsedJson(body.toString())).toEqual({ model: 'mine', messages: [{ role: 'user', content: 'hi' }], max_tokens: 9 });
  });

  it('limits a deployment that is marked as one that thinks by the name it knows', () => {
    const { path, body } = adapter.encode(call, at('o_series/mine'));
    expect(path).toContain('/deployments/mine/');
    expect(parsedJson(body.toString())).toMatchObject({ model: 'mine', max_completion_tokens: 9 });
  });

  it('reads an answer that the filter cut as a refusal to go on', () => {
    const filtered = { id: 'c', choices: [{ index: 0, finish_reason: 'content_filter', content_filter_results: {} }] };
    const answer = adapter.answer(call, at('mine'), Buffer.from(JSON.stringify(filtered)));
    if (answer instanceof UpstreamFailure) throw answer;
    expect((parsedJson(answer.body.toString()) as JsonObject)['stop_reason']).toBe('refusal');
  });

  it('is told why it was refused, with what the filter found', () => {
    const error = { message: 'no', code: 'content_filter', innererror: { code: 'ResponsibleAIPolicyViolation' } };
    const failure = adapter.explain(at('mine'), 400, {}, Buffer.from(JSON.stringify({ error })));
    expect(failure).toMatchObject({ kind: 'rejected', details: { body: { error: { innererror: error.innererror } } } });
  });
});
