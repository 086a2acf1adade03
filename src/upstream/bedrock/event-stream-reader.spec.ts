import { crc32 } from 'node:zlib';
import { eventFrame, eventStreamFrame, exceptionFrame } from '../../../test/doubles/event-stream-frame.js';
import { openaiTarget } from '../../../test/doubles/openai-call.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import type { StreamReader } from '../neutral/outbound-dialect.js';
import { BedrockOutbound } from './bedrock-outbound.js';

const bedrock = new BedrockOutbound(undefined);
const reader = (eventBytesMax = 1024 * 1024): StreamReader => bedrock.streamReader(eventBytesMax, openaiTarget());
const text = (words: string): Buffer => eventFrame('contentBlockDelta', { contentBlockIndex: 0, delta: { text: words }, p: 'abc' });
const read = (...frames: Buffer[]): readonly NeutralEvent[] => reader().read(Buffer.concat(frames));
const failureOf = (events: readonly NeutralEvent[]): object | undefined => events.find((event) => event.kind === 'failure')?.failure;

function damaged(frame: Buffer, at: number): Buffer {
  const copy = Buffer.from(frame);
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
}

describe('the frames of an event stream', () => {
  it('a wrong checksum, of lengths or of the message, is a failure, and nothing is read after it', () => {
    for (const at of [0, 5, 9, 14, 60, text('x').length - 1]) {
      const events = read(text('before'), damaged(text('x'), at), text('after'));
      expect(events.map(({ kind }) => kind)).toEqual(['text', 'failure']);
      expect(failureOf(events)).toMatchObject({ kind: 'invalid', message: 'The upstream sent an event whose checksum is wrong.' });
    }
  });

  it('what is no event stream is a failure, not an exception', () => {
    expect(failureOf(read(Buffer.from('data: {"choices":[]}\n\n')))).toMatchObject({ kind: 'invalid' });
    expect(failureOf(read(Buffer.from('<html>Bad gateway</html>')))).toMatchObject({ kind: 'invalid' });
  });

  it('an event over the limit is a failure as soon as its length is known', () => {
    const big = text('x'.repeat(2_000));
    const small = reader(1_000);
    expect(failureOf(small.read(big.subarray(0, 12)))).toMatchObject({ kind: 'invalid', message: expect.stringContaining('1000 bytes') });
    expect(small.read(big.subarray(12))).toEqual([]);
  });

  it('one event that holds no object is dropped and counted, three in a row are a failure', () => {
    const bad = [eventFrame('contentBlockDelta', '{"delta":'), eventFrame('contentBlockDelta', '7'), eventFrame('contentBlockDelta', '')];
    const stream = reader();
    const events = stream.read(Buffer.concat([bad[0] as Buffer, bad[1] as Buffer, text('still here'), ...bad]));
    expect(events.map(({ kind }) => kind)).toEqual(['text', 'failure']);
    expect(stream.dropped).toBe(5);
  });

  it('headers of every kind are passed over, and an event nobody knows says nothing', () => {
    const names = Buffer.from('0161000162010163020901640300090165040000000901660500000000000000090167060001410168080000000000000009', 'hex');
    const uuid = Buffer.concat([Buffer.from([1, 0x69, 9]), Buffer.alloc(16)]);
    const type = eventStreamFrame({ ':message-type': 'event', ':event-type': 'yetToCome' }, '{}');
    const fields = Buffer.concat([names, uuid, type.subarray(12, type.length - 6)]);
    expect(read(withFields(fields, '{}'), text('x')).map(({ kind }) => kind)).toEqual(['alive', 'text']);
    expect(failureOf(read(withFields(Buffer.from([1, 0x61, 99]), '{}')))).toMatchObject({ kind: 'invalid' });
    expect(failureOf(read(withFields(Buffer.from([200, 0x61]), '{}')))).toMatchObject({ kind: 'invalid' });
    expect(failureOf(read(withFields(Buffer.from([1, 0x61, 7, 255, 255]), '{}')))).toMatchObject({ kind: 'invalid' });
  });

  it('a stream that breaks off within an event says no more than it did', () => {
    const stream = reader();
    expect(stream.read(Buffer.concat([text('a'), text('b').subarray(0, 40)]))).toHaveLength(1);
    expect(stream.end()).toEqual([]);
  });
});

describe('an exception in a stream', () => {
  it.each([
    ['validationException', 'rejected', 400],
    ['throttlingException', 'rate_limited', 429],
    ['serviceUnavailableException', 'server_error', 503],
    ['internalServerException', 'server_error', 500],
    ['modelTimeoutException', 'server_error', 408],
    ['modelStreamErrorException', 'server_error', 424],
    ['yetToComeException', 'server_error', 500],
  ])('%s is %s, first or later, and the last that is heard', (type, kind, status) => {
    const exception = exceptionFrame(type, { message: 'Too bad.' });
    expect(failureOf(read(exception))).toMatchObject({ kind, details: { status } });
    const later = read(text('a'), exception, text('b'));
    expect(later.map((event) => event.kind)).toEqual(['text', 'failure']);
  });

  it('keeps the words of a refusal', () => {
    const exception = exceptionFrame('validationException', { message: 'The image is broken.' });
    expect(failureOf(read(exception))).toMatchObject({
      message: 'The image is broken.',
      details: { body: { error: { message: 'The image is broken.', type: 'invalid_request_error', param: null, code: null } } },
    });
  });

  it('an error without a body is told by its headers', () => {
    const error = eventStreamFrame({ ':message-type': 'error', ':error-code': 'InternalFailure', ':error-message': 'Oh.' }, '');
    expect(failureOf(read(error))).toMatchObject({ kind: 'server_error', details: { status: 500 } });
  });
});

describe('what a stream says', () => {
  const start = (index: number, toolUse: object): Buffer => eventFrame('contentBlockStart', { contentBlockIndex: index, start: { toolUse } });
  const input = (index: number, json: string): Buffer =>
    eventFrame('contentBlockDelta', { contentBlockIndex: index, delta: { toolUse: { input: json } } });
  const stop = (index: number): Buffer => eventFrame('contentBlockStop', { contentBlockIndex: index });
  const finish = eventFrame('messageStop', { stopReason: 'tool_use' });

  it('counts calls by themselves, and a call without arguments has {}', () => {
    const events = read(
      text('Let me see.'),
      stop(0),
      start(1, { toolUseId: 'a', name: 'none' }),
      input(1, ''),
      stop(1),
      start(2, { toolUseId: 'b', name: 'some' }),
      input(2, '{"x":'),
      input(2, '1}'),
      finish,
    );
    expect(events.filter(({ kind }) => kind !== 'alive')).toEqual([
      { kind: 'text', choice: 0, text: 'Let me see.' },
      { kind: 'tool_call', choice: 0, call: 0, id: 'a', name: 'none', signature: undefined },
      { kind: 'tool_arguments', choice: 0, call: 0, json: '{}' },
      { kind: 'tool_call', choice: 0, call: 1, id: 'b', name: 'some', signature: undefined },
      { kind: 'tool_arguments', choice: 0, call: 1, json: '{"x":' },
      { kind: 'tool_arguments', choice: 0, call: 1, json: '1}' },
      { kind: 'finish', choice: 0, reason: 'tool_calls', stopSequence: undefined },
    ]);
  });

  it('does not tell of tools that the provider runs itself', () => {
    const events = read(
      start(0, { toolUseId: 'a', name: 'nova_grounding', type: 'server_tool_use' }),
      input(0, '{"query":"x"}'),
      stop(0),
      eventFrame('contentBlockStart', { contentBlockIndex: 1, start: { toolResult: { toolUseId: 'a', type: 'nova_grounding_result' } } }),
      eventFrame('contentBlockDelta', { contentBlockIndex: 1, delta: { text: '[HIDDEN]' } }),
      stop(1),
      eventFrame('contentBlockDelta', { contentBlockIndex: 2, delta: { text: 'Found.' } }),
      eventFrame('contentBlockDelta', {
        contentBlockIndex: 3,
        delta: { citation: { location: { web: { url: 'https://a.example/x', domain: 'a.example' } }, sourceContent: [{ text: 'q' }] } },
      }),
      eventFrame('messageStop', { stopReason: 'end_turn' }),
    );
    expect(events.filter(({ kind }) => kind !== 'alive')).toEqual([
      { kind: 'text', choice: 0, text: 'Found.' },
      { kind: 'citation', choice: 0, url: 'https://a.example/x', title: 'a.example', quote: 'q' },
      { kind: 'finish', choice: 0, reason: 'stop', stopSequence: undefined },
    ]);
  });

  it('the tool that takes an answer in JSON is the text of it', () => {
    const events = read(start(0, { toolUseId: 'a', name: 'json_tool_call' }), input(0, '{"a":1}'), stop(0), finish);
    expect(events.filter(({ kind }) => kind !== 'alive')).toEqual([
      { kind: 'text', choice: 0, text: '{"a":1}' },
      { kind: 'finish', choice: 0, reason: 'stop', stopSequence: undefined },
    ]);
  });

  it('tells which stop sequence it was, and usage that comes after the end, cached tokens among the input, in whole tokens', () => {
    const events = read(
      eventFrame('messageStop', { stopReason: 'stop_sequence', additionalModelResponseFields: { stop_sequence: 'END' } }),
      eventFrame('metadata', { usage: { inputTokens: 2.6, outputTokens: 5.2, cacheReadInputTokens: 10, cacheWriteInputTokens: 20 }, trace: {} }),
    );
    expect(events).toEqual([
      { kind: 'finish', choice: 0, reason: 'stop_sequence', stopSequence: 'END' },
      { kind: 'usage', usage: { input: 33, output: 5, cached: 10, cacheWritten: 20, reasoning: 0 } },
    ]);
  });

  it('redacted thoughts and signatures come through', () => {
    const delta = (reasoningContent: object): Buffer => eventFrame('contentBlockDelta', { contentBlockIndex: 0, delta: { reasoningContent } });
    expect(read(delta({ text: 'hm' }), delta({ signature: 's' }), delta({ redactedContent: 'eA==' }))).toEqual([
      { kind: 'reasoning', choice: 0, text: 'hm' },
      { kind: 'reasoning_signature', choice: 0, signature: 's' },
      { kind: 'redacted_reasoning', choice: 0, data: 'eA==' },
    ]);
  });

  it('a stream of thousands of blocks that never end keeps a bounded memory and goes on', () => {
    const stream = reader();
    let calls = 0;
    for (let index = 0; index < 2_000; index++)
      calls += stream.read(start(index, { toolUseId: `t${index}`, name: 'f' })).filter(({ kind }) => kind === 'tool_call').length;
    expect(calls).toBe(256);
    expect(stream.read(text('on'))).toEqual([{ kind: 'text', choice: 0, text: 'on' }]);
  });
});

function withFields(fields: Buffer, payload: string): Buffer {
  const length = 16 + fields.length + payload.length;
  const frame = Buffer.alloc(length);
  frame.writeUInt32BE(length, 0);
  frame.writeUInt32BE(fields.length, 4);
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
  fields.copy(frame, 12);
  frame.write(payload, 12 + fields.length);
  frame.writeUInt32BE(crc32(frame.subarray(0, length - 4)), length - 4);
  return frame;
}
