import { type RecordedCase, type RecordedSummary, RecordedTraffic } from '../doubles/recorded-traffic.js';
import { DIFFERENCES_ELSEWHERE } from './differences-elsewhere.js';
import type { HeardAnswer } from './heard-answer.js';
import { hearMessage } from './heard-message.js';
import { hearResponse } from './heard-response.js';
import { KNOWN_DIFFERENCES } from './known-differences.js';
import { differences } from './passes.js';
import { RecordedStage } from './recorded-stage.js';

const traffic = RecordedTraffic.open();
const describeRecorded = traffic === undefined ? describe.skip : describe;
const TRANSLATED = /^(chat|messages|responses|converse|converse_stream|invoke|invoke_stream|cohere_chat|gemini|gemini_stream|vertex_anthropic)$/;
// Whoever was limited rests, and is not asked again by the next client.
const cases = traffic?.cases((recorded) => TRANSLATED.test(recorded.endpoint) && traffic.hasSummary(recorded) && recorded.status !== 429) ?? [];

const NONE: [string, RecordedCase][] = [['none', {} as RecordedCase]];
const named = (heardHere: RecordedCase[]): [string, RecordedCase][] =>
  heardHere.length === 0 ? NONE : heardHere.map((recorded) => [recorded.id, recorded]);

/** The tools that the recorded answer calls, as the client of another wire offers them. */
function toolsOf({ choices = [] }: RecordedSummary): string[] {
  return [...new Set(choices.flatMap(({ tool_calls: calls = [] }) => calls.map(({ name }) => name)))].filter((name) => name !== '');
}

describeRecorded('recorded providers, heard by clients of other wires', () => {
  const recordings = traffic as RecordedTraffic;
  const stage = new RecordedStage(recordings, cases, 23);

  beforeAll(() => stage.start(), 30_000);
  afterAll(() => stage.stop());

  async function heard(
    recorded: RecordedCase,
    path: string,
    question: object,
    hear: (response: Response, streams: boolean) => Promise<HeardAnswer>,
  ): Promise<HeardAnswer> {
    const before = stage.calls(recorded);
    const streams = recorded.stream === true;
    const answer = await hear(await stage.ask(recorded, path, { model: stage.nameOf(recorded), stream: streams, ...question }), streams);
    // What is refused before it is sent proves nothing.
    expect(stage.calls(recorded)).toBe(before + 1);
    return answer;
  }

  function expectSame(answer: HeardAnswer, recorded: RecordedCase, summary: RecordedSummary, untold: readonly string[]): void {
    for (const difference of differences(answer, recorded, summary, recordings.response(recorded), untold)) {
      const isKnown = [...KNOWN_DIFFERENCES, ...DIFFERENCES_ELSEWHERE].some(({ ids, differs }) => ids.test(recorded.id) && differs.test(difference));
      if (!isKnown) expect(difference).toBe('');
    }
  }

  it.each(named(cases))(
    '%s, by Messages',
    async (_id, recorded) => {
      const summary = recordings.summary(recorded);
      const tools = toolsOf(summary).map((name) => ({ name, input_schema: { type: 'object' } }));
      const question = { max_tokens: 1_000, messages: [{ role: 'user', content: 'Tell me.' }], ...(tools.length > 0 && { tools }) };
      const answer = await heard(recorded, '/v1/messages', question, hearMessage);
      // One answer, whose refusals are text.
      const choices = (summary.choices ?? [])
        .slice(0, 1)
        .map((choice) => ({ ...choice, text: (choice.text ?? '') + (choice.refusal ?? ''), refusal: '' }));
      expectSame(answer, recorded, { ...summary, ...(summary.choices && { choices }) }, ['reasoning']);
    },
    15_000,
  );

  // OpenAI's own models are asked for Responses, and speak it.
  it.each(named(cases.filter(({ provider, endpoint }) => provider !== 'openai' || endpoint !== 'chat')))(
    '%s, by Responses',
    async (_id, recorded) => {
      const summary = recordings.summary(recorded);
      const tools = toolsOf(summary).map((name) => ({ type: 'function', name, parameters: { type: 'object' } }));
      const question = { input: 'Tell me.', store: false, ...(tools.length > 0 && { tools }) };
      const answer = await heard(recorded, '/v1/responses', question, hearResponse);
      expectSame(answer, recorded, { ...summary, ...(summary.choices && { choices: summary.choices.slice(0, 1) }) }, []);
    },
    15_000,
  );
});
