import { spawn } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { builtGateway } from '../doubles/built-gateway.js';

jest.setTimeout(180_000);

/** Figures that each of these profiles must have found, whatever else is installed on the machine. */
const WANTED = {
  json: ['CPU per request (µs)', 'requests a second on one core (/s)'],
  stream: [...each(['alone', 'in step'], ['CPU per event']), 'alone: events a second (/s)', 'in step: events a second (/s)'],
  translate: [
    ...each(['Messages at Anthropic, untouched'], ['CPU of a streamed event', 'CPU of a whole answer']),
    ...each(
      [
        'chat completions at OpenAI, renamed',
        'chat completions at Anthropic',
        'chat completions at Gemini',
        'Messages at OpenAI',
        'Responses at OpenAI',
      ],
      ['CPU of a streamed event', 'added to a streamed event', 'CPU of a whole answer', 'added to a whole answer'],
    ),
  ],
  start: ['start to ready (s)', 'memory at rest (MB)'],
  metrics: ['CPU of a scrape (ms)', 'lines of the page', 'its size (KB)'],
};

// What the machine is like decides nothing here: no figure is held against anything but being one.
const onLinux = process.platform === 'linux' ? it : it.skip;
if (process.platform !== 'linux') process.stderr.write('\n*** SKIPPED: the bench needs Linux, and is NOT tried. ***\n\n');

onLinux('the bench measures, and finds a sane figure for each thing it tells', async () => {
  const { code, words } = await bench('--smoke', '--check', ...Object.keys(WANTED).flatMap((name) => ['--only', name]));
  const found = faults(words);
  // What it said is shown where something is wrong.
  expect({ code, found, words: code === 0 && found.length === 0 ? '' : words }).toEqual({ code: 0, found: [], words: '' });
});

onLinux('names a profile that is not there, and ends with 1', async () => {
  const { code, words } = await bench('--only', 'nothing');
  expect(code).toBe(1);
  expect(words).toContain('There is no profile named nothing.');
});

describe('what is looked for in its tables', () => {
  const sane = Object.values(WANTED)
    .flat()
    .map((what) => `  ${what}   1   2,000   3.5e+3`)
    .join('\n');

  it('is satisfied by a number above zero for each figure, and by any number for a difference', () => {
    expect(faults(sane)).toEqual([]);
    expect(faults(sane.replace('added to a streamed event (µs)   1 ', 'added to a streamed event (µs)   -1 '))).toEqual([]);
  });

  it.each([
    ['a figure that is missing', 'its size (KB)   1', 'its length   1'],
    ['a figure that is no number', 'CPU per request (µs)   1', 'CPU per request (µs)   –'],
    ['a difference that is no number', 'added to a whole answer (µs)   1', 'added to a whole answer (µs)   –'],
    ['a figure below zero', 'CPU per event (µs)   1', 'CPU per event (µs)   -1'],
    ['a figure of zero', 'start to ready (s)   1   2,000   3.5e+3', 'start to ready (s)   0   0   0'],
  ])('is not satisfied by %s', (_what, one, other) => {
    expect(sane).toContain(one);
    expect(faults(sane.replace(one, other))).toHaveLength(1);
  });
});

function each(pairs: readonly string[], figures: readonly string[]): readonly string[] {
  return pairs.flatMap((pair) => figures.map((figure) => `${pair}: ${figure} (µs)`));
}

/** The wanted figures that are missing from the tables, or cannot be true. */
function faults(words: string): string[] {
  const rows = new Map(
    words
      .split('\n')
      .map((line) => line.trim().split(/\s{2,}/))
      .map(([what = '', ...cells]) => [what, cells.slice(0, 3)]),
  );
  return Object.values(WANTED)
    .flat()
    .filter((what) => {
      const figures = rows.get(what)?.map((cell) => Number(cell.replaceAll(',', ''))) ?? [];
      const isDifference = /\badded to\b/.test(what);
      return figures.length !== 3 || !figures.every((figure) => Number.isFinite(figure) && (isDifference || figure > 0));
    });
}

async function bench(...options: string[]): Promise<{ code: number | null; words: string }> {
  const build = dirname(builtGateway());
  const child = spawn(resolve('node_modules/.bin/node'), [resolve('bench/run.ts'), '--build', build, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (words += text));
  // It ends what it started before it ends itself.
  const late = setTimeout(() => child.kill('SIGTERM'), 150_000);
  const code = await new Promise<number | null>((end) => child.once('close', end));
  clearTimeout(late);
  return { code, words };
}
