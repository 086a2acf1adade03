import { readFileSync } from 'node:fs';
import { describeWithRedis } from '../doubles/installed-redis.js';
import { examplesIn } from './examples.js';
import { ReadmeDesk } from './readme-desk.js';

const readme = readFileSync('README.md', 'utf8');
const examples = examplesIn(readme);
/** The first block of JSON below a heading. */
const shown = (heading: string): string => new RegExp(`\\n## ${heading}\\n[\\s\\S]*?\`\`\`json\\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1] ?? '';
const outputs: string[] = [];
let desk: ReadmeDesk;
beforeAll(() => (desk = new ReadmeDesk()));
afterAll(() => desk.close());

const sections = [...new Set(examples.map(({ section }) => section))];

it('README has examples to paste', () => {
  expect(examples.filter(({ action }) => action === 'run').length).toBeGreaterThan(15);
  expect(examples.filter(({ action, prints }) => action !== 'start' && prints.length === 0)).toEqual([]);
});

for (const section of sections) {
  const parts = examples.filter((example) => example.section === section);
  (parts.some(({ needsRedis }) => needsRedis) ? describeWithRedis : describe)(section, () => {
    it('does what README says when it is pasted', async () => {
      for (const example of parts) {
        if (example.action === 'start') await desk.start(example);
        else {
          const { code, output } = example.action === 'run' ? await desk.run(example) : await desk.module(example);
          for (const text of example.prints) expect(output).toContain(text);
          expect(code).toBe(0);
          outputs.push(output);
        }
      }
    }, 30_000);
  });
}

describe('what README shows as it came', () => {
  it('is the first answer, shortened', () => {
    const { choices, ...told } = JSON.parse(shown('Quick start')) as { choices: { message: { content: string } }[] };
    const answer = JSON.parse(outputs[0] ?? '') as { choices: { message: { content: string } }[] };
    const [start = '', rest] = choices[0]?.message.content.split('…') ?? [];
    expect(rest).toBe('');
    expect(answer).toMatchObject(told);
    expect(answer.choices[0]?.message.content.startsWith(start)).toBe(true);
  });

  it('is a line of the log, of the call that fell back', () => {
    const fields = (line: string): Record<string, unknown> => JSON.parse(line) as Record<string, unknown>;
    const told = fields(shown('What can be seen'));
    const lines = desk.logs().map(fields);
    const line = lines.find(({ msg, model, fallback }) => msg === 'request' && model === 'broken' && fallback === true) ?? {};
    expect(Object.keys(line)).toEqual(Object.keys(told));
    for (const name of ['time', 'request_id', 'duration_ms', 'overhead_ms']) expect(typeof line[name]).toBe(typeof told[name]);
    const { time: _, request_id: __, duration_ms: ___, overhead_ms: ____, ...same } = told;
    expect(line).toMatchObject(same);
  });
});
