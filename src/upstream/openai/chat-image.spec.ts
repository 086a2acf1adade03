import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { AnthropicOutbound } from '../anthropic/anthropic-outbound.js';
import { MessagesInbound } from '../anthropic/messages-inbound.js';
import { BedrockOutbound } from '../bedrock/bedrock-outbound.js';
import { CohereOutbound } from '../cohere/cohere-outbound.js';
import { GeminiOutbound } from '../gemini/gemini-outbound.js';
import type { InboundDialect } from '../neutral/inbound-dialect.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { ResponsesInbound } from '../responses/responses-inbound.js';
import { ResponsesOutbound } from '../responses/responses-outbound.js';
import { ChatInbound } from './chat-inbound.js';
import { ChatOutbound } from './chat-outbound.js';
import { CompletionsInbound } from './completions-inbound.js';

const chat = new ChatInbound();
const reply = { id: 'abc', model: 'outer', createdAt: 1_700_000_000 };
const call = openaiCall({ model: 'm', stream: true, messages: [] });
const image = (base64: string): NeutralEvent => ({ kind: 'image', choice: 0, mime: 'image/png', base64 });
const finish: NeutralEvent = { kind: 'finish', choice: 0, reason: 'stop', stopSequence: undefined };
const MADE: readonly NeutralEvent[] = [image('AAAA'), image('BBBB'), finish];
const listed = (index: number, base64: string): object => ({ type: 'image_url', image_url: { url: `data:image/png;base64,${base64}` }, index });

function streamed(inbound: InboundDialect, events: readonly NeutralEvent[]): string {
  const writer = inbound.streamWriter(reply, call);
  return events.map((event) => writer.write(event)).join('') + writer.end();
}

const dataOf = (stream: string): Record<string, unknown>[] =>
  [...stream.matchAll(/^data: (\{.*\})$/gm)].map(([, json]) => JSON.parse(json as string) as Record<string, unknown>);

describe('images that a model made', () => {
  it('are told to clients of chat beside the text, numbered', () => {
    const answer = JSON.parse(chat.answer(MADE, reply).toString()) as { choices: { message: object }[] };
    expect(answer.choices[0]?.message).toMatchObject({ content: null, images: [listed(0, 'AAAA'), listed(1, 'BBBB')] });
    const deltas = dataOf(streamed(chat, MADE)).flatMap(({ choices }) =>
      (choices as { delta: { images?: object[] } }[]).map(({ delta }) => delta.images ?? []),
    );
    expect(deltas.flat()).toEqual([listed(0, 'AAAA'), listed(1, 'BBBB')]);
  });

  it('are items of their own to clients of Responses, and read there as images again', () => {
    const responses = new ResponsesInbound();
    const events: readonly NeutralEvent[] = [
      { kind: 'text', choice: 0, text: 'see' },
      image('AAAA'),
      { kind: 'text', choice: 0, text: 'so' },
      finish,
    ];
    const whole = JSON.parse(responses.answer(events, reply).toString()) as { output: object[] };
    expect(whole.output).toMatchObject([
      { type: 'message' },
      { type: 'image_generation_call', status: 'completed', result: 'AAAA', output_format: 'png' },
      { type: 'message' },
    ]);
    const stream = streamed(responses, events);
    expect(dataOf(stream).map(({ type }) => type)).toEqual(
      expect.arrayContaining(['response.image_generation_call.in_progress', 'response.image_generation_call.completed']),
    );
    const outbound = new ResponsesOutbound();
    const reader = outbound.streamReader(65_536);
    for (const heard of [outbound.read(Buffer.from(JSON.stringify(whole))), [...reader.read(Buffer.from(stream)), ...reader.end()]])
      expect(heard.filter(({ kind }) => kind === 'image')).toEqual([image('AAAA')]);
  });

  it('have no place in Messages and completions, which are whole without them', () => {
    for (const inbound of [new MessagesInbound(), new CompletionsInbound()]) {
      expect(inbound.answer(MADE, reply).toString() + streamed(inbound, MADE)).not.toContain('AAAA');
    }
  });

  it('are heard from providers of chat that make them', () => {
    const images = [listed(0, 'AAAA'), { type: 'image_url', image_url: { url: 'https://elsewhere' } }];
    const answer = { id: 'x', choices: [{ index: 0, message: { role: 'assistant', content: '', images }, finish_reason: 'stop' }] };
    expect(new ChatOutbound().read(Buffer.from(JSON.stringify(answer))).slice(1)).toEqual([image('AAAA'), finish]);
  });

  const asked = chat.read(
    openaiCall({
      model: 'm',
      messages: [
        { role: 'user', content: 'a cat' },
        { role: 'assistant', content: 'here', images: [listed(0, 'AAAA')] },
        { role: 'user', content: 'make it black' },
      ],
    }),
  );
  const target = openaiTarget({}, {}, { model: 'anthropic.claude-sonnet-4-5' });

  it('go back to Gemini with the conversation', () => {
    const body = JSON.parse(new GeminiOutbound().write(asked, target, call).body.toString()) as { contents: object[] };
    expect(body.contents[1]).toEqual({ role: 'model', parts: [{ text: 'here' }, { inlineData: { mimeType: 'image/png', data: 'AAAA' } }] });
  });

  it.each([new AnthropicOutbound(), new BedrockOutbound(undefined), new CohereOutbound(), new ChatOutbound(), new ResponsesOutbound()])(
    'stay here where no model takes them back: %#',
    (outbound) => {
      const body = outbound.write(asked, target, call).body.toString();
      expect(body).not.toContain('AAAA');
      expect(body).toContain('here');
    },
  );
});
