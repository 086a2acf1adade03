import { readFileSync, writeFileSync } from 'node:fs';
import { type RecordedCase, RecordedTraffic } from '../doubles/recorded-traffic.js';
import { KNOWN_DIFFERENCES } from './known-differences.js';
import { PassedTable } from './passed-table.js';
import { passes } from './passes.js';
import { recordedQuestion } from './recorded-question.js';
import { RecordedStage } from './recorded-stage.js';

const traffic = RecordedTraffic.open();
const describeRecorded = traffic === undefined ? describe.skip : describe;
const SERVED =
  /^(chat|completions|embeddings|messages|responses|converse|converse_stream|invoke|invoke_stream|cohere_chat|gemini|gemini_stream|vertex_anthropic)$/;
const cases = traffic?.cases((recorded) => SERVED.test(recorded.endpoint) && traffic.hasSummary(recorded)) ?? [];

const DOCUMENT = 'docs/providers.md';
const FROM = '<!-- recordings -->';
const TO = '<!-- end of recordings -->';
const BETWEEN_MARKS = /<!-- recordings -->.*<!-- end of recordings -->/s;
const NONE: [string, RecordedCase][] = [['none', {} as RecordedCase]];

describeRecorded('recorded providers behind the gateway', () => {
  const recordings = traffic as RecordedTraffic;
  const stage = new RecordedStage(recordings, cases, 11);
  const table = new PassedTable();
  const seen = new Map<string, Set<string>>();

  beforeAll(() => stage.start(), 30_000);

  afterAll(async () => {
    await stage.stop();
    const differences = [...seen].map(([reason, providers]) => `- ${[...providers].join(', ')}: ${reason}`).join('\n');
    const text = `${table.toString()}\n\nWhat differs from the recording, and why:\n\n${differences}`;
    process.stdout.write(`\n${text}\n\n`);
    if (process.env['WRITE_DOCS'] !== '1') return;
    const [before = '', after = ''] = readFileSync(DOCUMENT, 'utf8').split(BETWEEN_MARKS);
    writeFileSync(DOCUMENT, `${before}${FROM}\n\n${text}\n\n${TO}${after}`);
  });

  it.each(cases.length === 0 ? NONE : cases.map((recorded): [string, RecordedCase] => [recorded.id, recorded]))(
    '%s',
    async (id, recorded) => {
      const { path, body, streams } = recordedQuestion(recordings, recorded, stage.nameOf(recorded));
      const response = await stage.ask(recorded, path, body);
      const differences = await passes(response, recorded, recordings, streams);
      // What is refused before it is sent proves nothing.
      expect(stage.calls(recorded)).toBe(1);
      table.add(recorded, differences.length === 0);
      for (const difference of differences) {
        const known = KNOWN_DIFFERENCES.find(({ ids, differs }) => ids.test(id) && differs.test(difference));
        if (known === undefined) expect(differences).toEqual([]);
        else seen.set(known.reason, (seen.get(known.reason) ?? new Set()).add(`\`${recorded.provider}\``));
      }
    },
    15_000,
  );
});
