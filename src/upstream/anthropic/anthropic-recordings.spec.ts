import { openaiTarget } from '../../../test/doubles/openai-call.js';
import { type RecordedCase, type RecordedSummary, RecordedTraffic } from '../../../test/doubles/recorded-traffic.js';
import { SeededRandom } from '../../../test/doubles/seeded-random.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { chatFinish } from '../openai/chat-finish.js';
import { AnthropicOutbound } from './anthropic-outbound.js';

const traffic = RecordedTraffic.open();
const anthropic = new AnthropicOutbound();
const isOurs = ({ endpoint }: RecordedCase): boolean => endpoint === 'messages' || endpoint === 'vertex_anthropic';
const cases = traffic?.cases(isOurs) ?? [];
const NONE: [string, RecordedCase][] = [['none', {} as RecordedCase]];
const named = (wanted: (recorded: RecordedCase) => boolean): [string, RecordedCase][] => {
  const found = cases.filter(wanted).map((recorded): [string, RecordedCase] => [recorded.id, recorded]);
  return found.length === 0 ? NONE : found;
};
const describeRecorded = traffic === undefined ? describe.skip : describe;

function streamed(stream: Buffer, sizes: () => number): { events: NeutralEvent[]; dropped: number } {
  const reader = anthropic.streamReader(1024 * 1024, openaiTarget());
  const events: NeutralEvent[] = [];
  for (let at = 0; at < stream.length;) {
    const size = sizes();
    const chunk = Buffer.from(stream.subarray(at, at + size));
    at += size;
    events.push(...reader.read(chunk));
    chunk.fill(0x21);
  }
  events.push(...reader.end());
  return { events, dropped: reader.dropped };
}

/** Everything that was said, put together. */
function told(events: readonly NeutralEvent[]): object {
  const calls: { name: string; json: string }[] = [];
  let text = '';
  let reasoning = '';
  let finish: string | undefined;
  let usage: NeutralEvent | undefined;
  let failed = false;
  for (const event of events) {
    if (event.kind === 'text') text += event.text;
    if (event.kind === 'reasoning') reasoning += event.text;
    if (event.kind === 'tool_call') calls[event.call] = { name: event.name, json: '' };
    if (event.kind === 'tool_arguments') (calls[event.call] as { json: string }).json += event.json;
    if (event.kind === 'finish') finish = chatFinish(event.reason, calls.length > 0, false);
    if (event.kind === 'usage') usage = event;
    if (event.kind === 'failure') failed = true;
  }
  const counts = usage?.kind === 'usage' ? usage.usage : undefined;
  return {
    text,
    reasoning,
    calls: calls.map(({ name, json }) => ({ name, arguments: JSON.parse(json) as unknown })),
    finish,
    usage: counts && { input: counts.input, output: counts.output, cached: counts.cached, cacheWritten: counts.cacheWritten },
    failed,
  };
}

function expected({ choices = [], usage, error }: RecordedSummary): object {
  const [choice] = choices as readonly (NonNullable<RecordedSummary['choices']>[number] & { finish_reason?: string })[];
  return {
    text: choice?.text ?? '',
    reasoning: choice?.reasoning ?? '',
    calls: (choice?.tool_calls ?? []).map(({ name, arguments: value }) => ({ name, arguments: value })),
    finish: choice?.finish_reason ?? undefined,
    usage: usage
      ? {
          input: usage['prompt_tokens'],
          output: usage['completion_tokens'],
          cached: usage['cached_tokens'] ?? 0,
          cacheWritten: usage['cache_write_tokens'] ?? 0,
        }
      : undefined,
    failed: error !== undefined && error !== null,
  };
}

describeRecorded('recorded messages', () => {
  it.each(named(({ framing, status }) => framing === 'sse' && status === 200))(
    '%s streams the same events, however it is sliced',
    (_id, recorded) => {
      const stream = (traffic as RecordedTraffic).response(recorded);
      const whole = streamed(stream, () => stream.length);
      const random = new SeededRandom(stream.length);
      for (const sizes of [() => 1, () => 7, () => 1 + random.below(900)]) expect(streamed(stream, sizes)).toEqual(whole);
      expect(whole.dropped).toBe(0);
      expect(told(whole.events)).toEqual(expected((traffic as RecordedTraffic).summary(recorded)));
    },
  );

  it.each(named(({ framing, status }) => framing === 'json' && status === 200))('%s is read whole', (_id, recorded) => {
    const events = anthropic.read((traffic as RecordedTraffic).response(recorded), openaiTarget());
    expect(told(events)).toEqual(expected((traffic as RecordedTraffic).summary(recorded)));
  });

  it.each(named(({ status }) => status >= 400))('%s is named', (_id, recorded) => {
    const body = (traffic as RecordedTraffic).response(recorded);
    const failure = anthropic.explain(openaiTarget(), recorded.status, (traffic as RecordedTraffic).headers(recorded), body);
    const { status } = recorded;
    const kind = status === 429 ? 'rate_limited' : status >= 500 ? 'server_error' : status === 401 ? 'auth' : 'rejected';
    expect(failure.kind).toBe(kind);
    expect(failure.details.rawBody).toBeDefined();
    if (kind === 'rejected') {
      const { message, type } = (JSON.parse(body.toString()) as { error: { message: string; type: string } }).error;
      expect(failure.details).toMatchObject({ status, body: { error: { message, type } } });
    }
  });
});
