import { readFileSync } from 'node:fs';
import { describeWithRedis } from '../doubles/installed-redis.js';
import { examplesIn } from './examples.js';
import { ReadmeDesk } from './readme-desk.js';

const examples = examplesIn(readFileSync('README.md', 'utf8'));
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
        }
      }
    }, 30_000);
  });
}
