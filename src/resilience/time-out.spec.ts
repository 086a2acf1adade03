import { settingsFrom } from '../../test/doubles/settings-from.js';
import { FAILURES } from '../upstream/upstream-failure.js';
import { timeOut, type Wait } from './time-out.js';

const SETTINGS = settingsFrom({ GATEWAY_UPSTREAMS: 'a=http://127.0.0.1:9?timeout=2.5' });

/** Before anything reached the client another target is tried; after that it is final. */
const WAITS: Record<Wait, readonly [words: string, retry: 'next' | 'never']> = {
  first_byte: ['2.5 s (GATEWAY_REQUEST_TIMEOUT_SECONDS)', 'next'],
  first_content: ['300 s (GATEWAY_FIRST_CONTENT_TIMEOUT_SECONDS)', 'next'],
  rest_of_answer: ['30 s (GATEWAY_STREAM_IDLE_TIMEOUT_SECONDS)', 'next'],
  next_event: ['30 s (GATEWAY_STREAM_IDLE_TIMEOUT_SECONDS)', 'never'],
  answer: ['600 s (GATEWAY_TOTAL_TIMEOUT_SECONDS)', 'next'],
  end: ['600 s (GATEWAY_TOTAL_TIMEOUT_SECONDS)', 'never'],
  reader: ['600 s (GATEWAY_TOTAL_TIMEOUT_SECONDS)', 'never'],
};

it.each(Object.entries(WAITS))('%s names its setting, and whether it is final', (wait, [words, retry]) => {
  const upstream = SETTINGS.routing.upstreams.get('a');
  if (upstream === undefined) throw new Error('no upstream');
  const failure = timeOut(wait as Wait, upstream, SETTINGS.resilience);
  expect(failure.message).toContain(words);
  expect(FAILURES[failure.kind]).toMatchObject({ retry, code: 'upstream_timeout' });
});
