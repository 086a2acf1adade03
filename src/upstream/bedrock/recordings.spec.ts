import { openaiTarget } from '../../../test/doubles/openai-call.js';
import { type RecordedCase, RecordedTraffic } from '../../../test/doubles/recorded-traffic.js';
import { SeededRandom } from '../../../test/doubles/seeded-random.js';
import { readSliced, recordedOf, type Told, told, toldOf } from '../../../test/doubles/told-events.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { BedrockOutbound } from './bedrock-outbound.js';

const traffic = RecordedTraffic.open();
const bedrock = new BedrockOutbound(undefined);
/** A text completion of an elder model, which nobody asks for by chat. */
const isOurs = ({ provider, id }: RecordedCase): boolean => provider === 'bedrock' && !id.includes('ai21-j2');
const cases = traffic?.cases(isOurs) ?? [];
const NONE: [string, RecordedCase][] = [['none', {} as RecordedCase]];
const named = (wanted: (recorded: RecordedCase) => boolean): [string, RecordedCase][] => {
  const found = cases.filter(wanted).map((recorded): [string, RecordedCase] => [recorded.id, recorded]);
  return found.length === 0 ? NONE : found;
};
const describeRecorded = traffic === undefined ? describe.skip : describe;

function expectAsRecorded(events: readonly NeutralEvent[], recorded: RecordedCase): void {
  const all: Told = told(events);
  const summary = (traffic as RecordedTraffic).summary(recorded);
  if (all.failed) {
    const failure = events.find((event) => event.kind === 'failure')?.failure;
    expect(summary.error).toMatchObject({ message: failure?.message });
    return;
  }
  expect(toldOf(all)).toEqual(recordedOf(summary));
  const { usage } = summary;
  if (usage === undefined || usage === null) return expect(all.usage).toBeUndefined();
  expect(all.usage).toEqual({
    input: usage['prompt_tokens'],
    output: usage['completion_tokens'],
    cached: usage['cached_tokens'] ?? 0,
    cacheWritten: usage['cache_write_tokens'] ?? 0,
    reasoning: usage['reasoning_tokens'] ?? 0,
  });
}

describeRecorded('recorded event streams', () => {
  it.each(named(({ framing, status }) => framing === 'aws-eventstream' && status === 200))(
    '%s says what was recorded, however it is sliced',
    (_id, recorded) => {
      const stream = (traffic as RecordedTraffic).response(recorded);
      const read = (sizes: () => number): ReturnType<typeof readSliced> =>
        readSliced(bedrock.streamReader(1024 * 1024, openaiTarget()), stream, sizes);
      const whole = read(() => stream.length);
      const random = new SeededRandom(stream.length);
      for (const sizes of [() => 1, () => 7, () => 1 + random.below(900)]) expect(read(sizes)).toEqual(whole);
      expect(whole.dropped).toBe(0);
      expectAsRecorded(whole.events, recorded);
    },
  );
});

describeRecorded('recorded answers', () => {
  it.each(named(({ framing, status }) => framing === 'json' && status === 200))('%s says what was recorded', (_id, recorded) => {
    expectAsRecorded(bedrock.read((traffic as RecordedTraffic).response(recorded), openaiTarget()), recorded);
  });
});

describeRecorded('recorded refusals', () => {
  it.each(named(({ status }) => status >= 400))("%s is named in the provider's words", (_id, recorded) => {
    const body = (traffic as RecordedTraffic).response(recorded);
    const failure = bedrock.explain(openaiTarget(), recorded.status, (traffic as RecordedTraffic).headers(recorded), body);
    const { message } = JSON.parse(body.toString()) as { message: string };
    if (recorded.status === 403) {
      expect(failure.kind).toBe('auth');
      expect(failure.details.rawBody).toBeUndefined();
      return;
    }
    expect(failure.kind).toBe(/Input Tokens Exceeded/.test(message) ? 'context_length' : 'rejected');
    expect(failure.details).toMatchObject({ status: recorded.status, rawBody: body, body: { error: { message } } });
  });
});
