import { ForwardedStream } from './forwarded-stream.js';
import type { JsonObject } from './openai/json-value.js';

/** A wire on which every event is content, and `{"last":true}` makes the answer whole. */
class PlainStream extends ForwardedStream {
  constructor() {
    super(100);
  }

  protected meant(data: JsonObject): void {
    this.progress = data['last'] === true ? 'finished' : 'content';
    this.forward();
  }

  protected complete(): boolean {
    return this.progress === 'finished';
  }
}

function read(text: string): { readonly stream: PlainStream; readonly bytes: string } {
  const stream = new PlainStream();
  const bytes = stream.write(Buffer.from(text)).toString() + stream.end().toString();
  return { stream, bytes };
}

const BROKEN = 'data: {"a\n\n';

describe('ForwardedStream', () => {
  it('hands on the very chunk where nothing is left out', () => {
    const chunk = Buffer.from(': hi\n\ndata: {}\n\nevent: odd\n\n');
    expect(new PlainStream().write(chunk)).toBe(chunk);
  });

  it('drops what is no JSON, and two in a row are borne', () => {
    const { stream, bytes } = read(`${BROKEN}${BROKEN}data: {}\n\n${BROKEN}${BROKEN}data: {"last":true}\n\n`);
    expect(bytes).toBe('data: {}\n\ndata: {"last":true}\n\n');
    expect(stream).toMatchObject({ dropped: 4, failure: undefined });
  });

  it('takes what breaks off at the end for an end, not for one more event that is no JSON', () => {
    const { stream } = read(`data: {}\n\n${BROKEN}${BROKEN}data: {"a`);
    expect(stream).toMatchObject({ dropped: 2, failure: { kind: 'interrupted', message: expect.stringContaining('ended its stream') as string } });
  });

  it('takes an end without its blank line', () => {
    expect(read('data: {"last":true}')).toMatchObject({ bytes: 'data: {"last":true}\n\n', stream: { failure: undefined } });
  });

  it.each(['data:\n\n', 'data: [DONE]\n\n'])('keeps to itself %j and counts it as nothing', (event) => {
    const { stream, bytes } = read(event.repeat(4));
    expect(bytes).toBe('');
    expect(stream.dropped).toBe(0);
  });

  it('reads nothing more after a failure', () => {
    const stream = new PlainStream();
    stream.write(Buffer.from(`data: ${'x'.repeat(200)}\n\ndata: {}\n\n`));
    const { failure } = stream;
    expect(failure).toMatchObject({ kind: 'invalid' });
    expect(stream.write(Buffer.from('data: {}\n\n'))).toHaveLength(0);
    expect(stream.end()).toHaveLength(0);
    expect(stream.failure).toBe(failure);
  });
});
