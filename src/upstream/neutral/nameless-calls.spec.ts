import { openaiTarget } from '../../../test/doubles/openai-call.js';
import { MessageEvents } from '../anthropic/message-events.js';
import { readMessage } from '../anthropic/read-message.js';
import { ConverseEvents } from '../bedrock/converse-events.js';
import { readConverse } from '../bedrock/read-converse.js';
import { readResponse } from '../responses/read-response.js';
import { ResponseEvents } from '../responses/response-events.js';
import type { NeutralEvent } from './neutral-event.js';

const { upstream } = openaiTarget({});
const body = (value: object): Buffer => Buffer.from(JSON.stringify(value));
const item = (name: unknown): object => ({ type: 'function_call', call_id: 'c', name, arguments: '{"a":1}' });

function heard(tell: (events: NeutralEvent[]) => void): NeutralEvent[] {
  const events: NeutralEvent[] = [];
  tell(events);
  return events;
}

/** What each wire tells of one call by this name. */
const WIRES: Readonly<Record<string, (name: unknown) => readonly NeutralEvent[]>> = {
  'a message': (name) =>
    readMessage(body({ content: [{ type: 'tool_use', id: 'c', name, input: { a: 1 } }], stop_reason: 'tool_use', usage: {} }), upstream),
  'a stream of messages': (name) =>
    heard((events) => {
      const reading = new MessageEvents(upstream);
      const tell = (event: object): void => reading.event(event as Readonly<Record<string, unknown>>, '', events);
      tell({ type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 'c', name, input: {} } });
      tell({ type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"a":1}' } });
      tell({ type: 'content_block_stop', index: 0 });
      tell({ type: 'message_delta', delta: { stop_reason: 'tool_use' } });
    }),
  Converse: (name) =>
    readConverse({ output: { message: { content: [{ toolUse: { toolUseId: 'c', name, input: { a: 1 } } }] } }, stopReason: 'tool_use' }) ?? [],
  ConverseStream: (name) =>
    heard((events) => {
      const reading = new ConverseEvents(upstream);
      reading.event('contentBlockStart', { contentBlockIndex: 0, start: { toolUse: { toolUseId: 'c', name } } }, events);
      reading.event('contentBlockDelta', { contentBlockIndex: 0, delta: { toolUse: { input: '{"a":1}' } } }, events);
      reading.event('contentBlockStop', { contentBlockIndex: 0 }, events);
      reading.event('messageStop', { stopReason: 'tool_use' }, events);
    }),
  'a response': (name) => readResponse(body({ status: 'completed', output: [item(name)] }), upstream),
  'a stream of a response': (name) =>
    heard((events) => {
      const reading = new ResponseEvents(upstream);
      reading.event({ type: 'response.output_item.added', output_index: 0, item: item(name) }, '', events);
      reading.event({ type: 'response.function_call_arguments.delta', output_index: 0, delta: '{"a":1}' }, '', events);
      reading.event({ type: 'response.output_item.done', output_index: 0, item: item(name) }, '', events);
      reading.event({ type: 'response.completed', response: { status: 'completed', output: [item(name)] } }, '', events);
    }),
};

const calls = (events: readonly NeutralEvent[]): string[] => events.map(({ kind }) => kind).filter((kind) => kind.startsWith('tool_'));

describe.each(Object.entries(WIRES))('%s', (_wire, told) => {
  it('tells a call that has a name', () => {
    expect(calls(told('f'))).toEqual(['tool_call', 'tool_arguments']);
  });

  it.each([undefined, null, '', 7])('tells no call whose name is %j, and ends as an answer without one', (name) => {
    expect(calls(told(name))).toEqual([]);
    expect(told(name)).toContainEqual({ kind: 'finish', choice: 0, reason: 'stop', stopSequence: undefined });
  });
});
