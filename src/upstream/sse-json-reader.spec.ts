import type { NeutralEvent } from './neutral/neutral-event.js';
import { SseJsonReader } from './sse-json-reader.js';
import { UpstreamFailure } from './upstream-failure.js';

/** Tells the names of what came as texts. */
function reader(): SseJsonReader {
  const say = (text: string, events: NeutralEvent[]): void => void events.push({ kind: 'text', choice: 0, text });
  return new SseJsonReader(
    {
      event: (data, name, events) => {
        if (data['fail'] === true) events.push({ kind: 'failure', failure: new UpstreamFailure('server_error', 'x') });
        else if (data['a'] !== undefined) say(`${name}:${JSON.stringify(data['a'])}`, events);
      },
      done: (events) => say('done', events),
      end: (events) => say('end', events),
    },
    64,
  );
}

function heard(text: string | Buffer): string[] {
  const one = reader();
  return [...one.read(Buffer.from(text)), ...one.end()].map((event) => (event.kind === 'text' ? event.text : event.kind));
}

it.each([
  ['events with and without a name', 'event: x\ndata: {"a":1}\n\ndata: {"a":2}\n\n', ['x:1', ':2', 'end']],
  ['a last event without its blank line', 'data: {"a":1}', [':1', 'end']],
  ['comments, and events that say nothing', ': ping\n\ndata: {}\n\n', ['alive', 'alive', 'end']],
  ['an empty event', 'data: \n\n', ['end']],
  ['the last word, after which nothing is read', 'data: [DONE]\n\ndata: {"a":1}\n\n', ['done']],
  ['a failure, after which nothing is read', 'data: {"fail":true}\n\ndata: {"a":1}\n\n', ['failure']],
  ['an event that is cut at the end', 'data: {"a":1}\n\ndata: {"a"', [':1', 'end']],
  ['three events in a row that are no JSON', 'data: {\n\ndata: [1]\n\ndata: 7\n\ndata: {"a":1}\n\n', ['failure']],
  ['bad ones between good ones', 'data: {\n\ndata: {\n\ndata: {"a":1}\n\ndata: {\n\ndata: {\n\n', [':1', 'end']],
  ['an error that is no JSON', 'event: error\ndata: boom\n\n', ['alive', 'end']],
  ['an event over the limit', `data: {"a":"${'x'.repeat(80)}"}\n\n`, ['failure']],
])('%s', (_name, text, expected) => {
  expect(heard(text)).toEqual(expected);
});

it('bytes that are no UTF-8 are no JSON', () => {
  const one = reader();
  expect(one.read(Buffer.concat([Buffer.from('data: {"a":"'), Buffer.from([0xff]), Buffer.from('"}\n\n')]))).toEqual([]);
  expect(one.dropped).toBe(1);
  expect(one.read(Buffer.from('data: {"a":"\ufffd"}\n\n'))).toHaveLength(1);
});
