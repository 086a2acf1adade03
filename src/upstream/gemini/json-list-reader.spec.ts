import { openaiTarget } from '../../../test/doubles/openai-call.js';
import { readSliced } from '../../../test/doubles/told-events.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { GeminiOutbound } from './gemini-outbound.js';

const gemini = new GeminiOutbound();
const piece = (text: string, more: object = {}): object => ({
  candidates: [{ content: { role: 'model', parts: [{ text }] }, ...more }],
  responseId: 'r',
});

function read(stream: string, eventBytesMax = 65_536): readonly NeutralEvent[] {
  const reader = gemini.streamReader(eventBytesMax, openaiTarget());
  return [...reader.read(Buffer.from(stream)), ...reader.end()];
}

const texts = (events: readonly NeutralEvent[]): string => events.map((event) => (event.kind === 'text' ? event.text : '')).join('');

describe('a stream that is a list of JSON', () => {
  const list = JSON.stringify([piece('a "}]{ \\ \u{1f600}'), piece('b', { finishReason: 'STOP' })], undefined, 2);

  it('says what the same stream of events says, however it is sliced', () => {
    const whole = read(list);
    expect(texts(whole)).toBe('a "}]{ \\ \u{1f600}b');
    expect(whole.at(-1)).toMatchObject({ kind: 'finish', reason: 'stop' });
    for (const size of [1, 2, 3, 7, 64]) {
      expect(readSliced(gemini.streamReader(65_536, openaiTarget()), Buffer.from(list), () => size).events).toEqual(
        readSliced(gemini.streamReader(65_536, openaiTarget()), Buffer.from(list), () => list.length * 2).events,
      );
    }
  });

  it('tells each object as soon as it is whole', () => {
    const reader = gemini.streamReader(65_536, openaiTarget());
    const [first = '', second = ''] = [piece('a'), piece('b', { finishReason: 'STOP' })].map((one) => JSON.stringify(one));
    expect(texts(reader.read(Buffer.from(`\n[${first}`)))).toBe('a');
    expect(texts(reader.read(Buffer.from(`\n,\r\n${second}`)))).toBe('b');
    expect(reader.read(Buffer.from('\n]'))).toEqual([]);
  });

  it('may be one object alone, and may tell an error', () => {
    expect(read(JSON.stringify(piece('a', { finishReason: 'STOP' }))).at(-1)).toMatchObject({ kind: 'finish' });
    expect(read('[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"slow"}}]').at(-1)).toMatchObject({
      kind: 'failure',
      failure: { kind: 'rate_limited' },
    });
  });

  it('that breaks off has no end, and what breaks off says nothing', () => {
    const events = read(list.slice(0, -20));
    expect(texts(events)).toBe('a "}]{ \\ \u{1f600}');
    expect(events.some(({ kind }) => kind === 'finish' || kind === 'failure')).toBe(false);
  });

  it.each(['[1]', '[{"a":1} x]', '{]', '[{"a":}]'])('%j is none', (stream) => {
    expect(read(stream).at(-1)).toMatchObject({ kind: 'failure', failure: { kind: 'invalid' } });
    const reader = gemini.streamReader(65_536, openaiTarget());
    reader.read(Buffer.from(stream));
    expect(reader.read(Buffer.from(list))).toEqual([]);
  });

  it('has objects of a limited size; of models that make images, a larger one', () => {
    const image = JSON.stringify([{ candidates: [{ content: { parts: [{ inlineData: { mimeType: 'image/png', data: 'A'.repeat(300) } }] } }] }]);
    expect(read(image, 200).at(-1)).toMatchObject({ kind: 'failure', failure: { kind: 'invalid' } });
    const reader = gemini.streamReader(200, openaiTarget({}, {}, { model: 'gemini-2.5-flash-image' }));
    expect(reader.read(Buffer.from(image)).at(-1)).toMatchObject({ kind: 'image', mime: 'image/png' });
  });
});
