import { readFileSync } from 'node:fs';
import { examplesIn } from './examples.js';
import { ReadmeDesk } from './readme-desk.js';

const page = readFileSync('docs/clients.md', 'utf8');
const examples = examplesIn(page);
let desk: ReadmeDesk;

beforeAll(async () => {
  desk = new ReadmeDesk();
  await desk.start({
    section: '',
    action: 'start',
    needsRedis: false,
    prints: [],
    code: 'GATEWAY_API_KEY_POLICIES=\'{"dev-key":{"rate_limit_per_minute":0}}\' npm start',
  });
}, 30_000);
afterAll(() => desk.close());

it('every example of an npm package is one that is run', () => {
  expect(examples.filter(({ action }) => action === 'module')).toHaveLength(page.match(/^```js$/gm)?.length ?? 0);
  expect(examples.filter(({ prints }) => prints.length === 0)).toEqual([]);
});

it('every client of the table has its section', () => {
  const rows = [...page.matchAll(/^\| \[[^\]]+\]\((#[^)]+)\)/gm)].map(([, link]) => link);
  const sections = [...page.matchAll(/^## (.+)$/gm)].map(([, name = '']) => `#${name.toLowerCase().replaceAll(' ', '-')}`);
  expect([...new Set(rows)].toSorted()).toEqual(sections.toSorted());
});

it.each(examples)(
  '$section: the example prints what it should',
  async (example) => {
    const { code, output } = example.action === 'run' ? await desk.run(example) : await desk.module(example);
    for (const text of example.prints) expect(output).toContain(text);
    expect(output).not.toMatch(/error|warning/i);
    expect(code).toBe(0);
  },
  30_000,
);
