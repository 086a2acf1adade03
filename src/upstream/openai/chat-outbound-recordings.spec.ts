import { openaiTarget } from '../../../test/doubles/openai-call.js';
import { type RecordedCase, RecordedTraffic } from '../../../test/doubles/recorded-traffic.js';
import { SeededRandom } from '../../../test/doubles/seeded-random.js';
import { readSliced, recordedOf, told, toldOf } from '../../../test/doubles/told-events.js';
import { ChatOutbound } from './chat-outbound.js';

const traffic = RecordedTraffic.open();
const chat = new ChatOutbound();
const APART = new Set(['xai', 'openai_compatible']);
/** A call of a custom tool, which no other wire can ask for; a summary of thoughts that the independent reader passes over. */
const KNOWN = new Set(['openai/chat-sync-toolcall-gpt-5-36ee', 'openrouter/chat-sync-tools-reasoning-citations-gpt-5-2-71e0']);
/** Snowflake's chat is a dialect of its own. */
const isOurs = ({ id, endpoint, provider }: RecordedCase): boolean => endpoint === 'chat' && provider !== 'snowflake' && !KNOWN.has(id);
const cases = traffic?.cases(isOurs) ?? [];
const NONE: [string, RecordedCase][] = [['none', {} as RecordedCase]];
const named = (wanted: (recorded: RecordedCase) => boolean): [string, RecordedCase][] => {
  const found = cases.filter(wanted).map((recorded): [string, RecordedCase] => [recorded.id, recorded]);
  return found.length === 0 ? NONE : found;
};
const describeRecorded = traffic === undefined ? describe.skip : describe;

function expectUsage(recorded: RecordedCase, usage: ReturnType<typeof told>['usage']): void {
  const { usage: counted } = (traffic as RecordedTraffic).summary(recorded);
  if (counted === undefined || counted === null) return expect(usage).toBeUndefined();
  const reasoning = counted['reasoning_tokens'] ?? 0;
  const completion = counted['completion_tokens'] ?? 0;
  expect(usage).toMatchObject({
    input: counted['prompt_tokens'] ?? 0,
    output: completion + (APART.has(recorded.provider) ? reasoning : 0),
    cached: counted['cached_tokens'] ?? 0,
    reasoning,
  });
}

describeRecorded('recorded chats as events', () => {
  it.each(named(({ framing, status }) => framing === 'sse' && status === 200))(
    '%s streams the same events, however it is sliced',
    (_id, recorded) => {
      const stream = (traffic as RecordedTraffic).response(recorded);
      const read = (sizes: () => number): ReturnType<typeof readSliced> => readSliced(chat.streamReader(1024 * 1024, openaiTarget()), stream, sizes);
      const whole = read(() => stream.length);
      const random = new SeededRandom(stream.length);
      for (const sizes of [() => 1, () => 7, () => 1 + random.below(900)]) expect(read(sizes)).toEqual(whole);
      expect(whole.dropped).toBe(0);
      const all = told(whole.events);
      const expected = recordedOf((traffic as RecordedTraffic).summary(recorded));
      if (all.failed) expect((expected as { failed: boolean }).failed).toBe(true);
      else {
        expect(toldOf(all)).toEqual(expected);
        expectUsage(recorded, all.usage);
      }
    },
  );

  it.each(named(({ framing, status }) => framing === 'json' && status === 200))('%s is read whole', (_id, recorded) => {
    const all = told(chat.read((traffic as RecordedTraffic).response(recorded), openaiTarget()));
    const expected = recordedOf((traffic as RecordedTraffic).summary(recorded));
    if (all.failed) expect((expected as { failed: boolean }).failed).toBe(true);
    else {
      expect(toldOf(all)).toEqual(expected);
      expectUsage(recorded, all.usage);
    }
  });
});
