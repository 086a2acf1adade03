import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { LogDestination } from './log-destination.js';

let folder: string;
const open: LogDestination[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-'));
});
afterEach(async () => {
  for (const destination of open.splice(0)) await destination.close();
  rmSync(folder, { recursive: true });
});

/** A destination on a file, and what stands in it. */
function onFile(): { destination: LogDestination; text: () => string } {
  const path = join(folder, 'log');
  const fd = openSync(path, 'a');
  const destination = new LogDestination(fd);
  closeSync(fd);
  open.push(destination);
  return { destination, text: () => readFileSync(path, 'utf8') };
}
/** A destination on a file system that does as it is told at each write: takes so many bytes, or fails. */
function scripted(...answers: (number | string)[]): {
  destination: LogDestination;
  taken: () => string;
  writes: number[];
  answerFromNowOn: (answer: number | string) => void;
} {
  let taken = '';
  const writes: number[] = [];
  const destination = new LogDestination(1, (_fd, data) => {
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (typeof answer === 'string') throw Object.assign(new Error(answer), { code: answer });
    const written = Math.min(answer ?? 0, data.length);
    taken += data.subarray(0, written).toString();
    writes.push(written);
    return written;
  });
  open.push(destination);
  return { destination, taken: () => taken, writes, answerFromNowOn: (answer) => void answers.splice(0, answers.length, answer) };
}
const EVERYTHING = Number.POSITIVE_INFINITY;

it('a single line is written within a tenth of a second', async () => {
  const { destination, text } = onFile();
  destination.write('{"a":1}\n');
  expect(text()).toBe('');
  await wait(100);
  expect(text()).toBe('{"a":1}\n');
});

it('many lines are written as whole lines, in order, in writes that no other worker can divide', async () => {
  const { destination, taken, writes } = scripted(EVERYTHING);
  const lines = Array.from({ length: 500 }, (_unused, index) => `{"line":${index},"text":"${'ä'.repeat(index % 90)}"}\n`);
  for (const line of lines) destination.write(line);
  await destination.flush();
  expect(taken()).toBe(lines.join(''));
  expect(Math.max(...writes)).toBeLessThanOrEqual(4096);
  expect(writes.length).toBeLessThan(40);
});

it('what is left at the end of the process is written then', () => {
  const { destination, text } = onFile();
  destination.write('last words\n');
  process.listeners('exit').at(-1)?.(0);
  expect(text()).toBe('last words\n');
});

it('a reader that is slow is given time, and nothing is lost or doubled', async () => {
  const { destination, taken } = scripted('EAGAIN', 3, 'EAGAIN', EVERYTHING);
  destination.write('one\ntwo\n');
  await destination.flush();
  expect(taken()).toBe('one\ntwo\n');
  expect(destination.dropped).toBe(0);
});

it('lines that come while the reader is busy are written once it is not', async () => {
  const { destination, taken } = scripted('EAGAIN', EVERYTHING);
  destination.write('one\n');
  await wait(60);
  destination.write('two\n');
  await wait(100);
  expect(taken()).toBe('one\ntwo\n');
});

it('a reader that takes nothing costs bounded memory: further lines are dropped and counted', async () => {
  const { destination, answerFromNowOn } = scripted('EAGAIN');
  const line = `${'x'.repeat(1023)}\n`;
  for (let index = 0; index < 10_000; index++) destination.write(line);
  expect(destination.dropped).toBe(10_000 - 8 * 1024);
  answerFromNowOn(EVERYTHING);
});

it('a full disk costs lines, which are counted, and the log goes on when there is room again', async () => {
  const { destination, taken } = scripted('ENOSPC', EVERYTHING);
  destination.write('lost\n');
  await destination.flush();
  destination.write('kept\n');
  await destination.flush();
  expect(taken()).toBe('kept\n');
  expect(destination.dropped).toBe(1);
});

it('a line that the full disk cut off does not swallow the next', async () => {
  const { destination, taken } = scripted(3, 'ENOSPC', EVERYTHING);
  destination.write('{"cut":1}\n');
  await destination.flush();
  destination.write('{"whole":1}\n');
  await destination.flush();
  expect(taken().split('\n')).toEqual(['{"c', '{"whole":1}', '']);
});

it('a reader that is gone is not written to again, and nothing throws', async () => {
  const { destination, writes } = scripted('EPIPE');
  destination.write('one\n');
  await destination.flush();
  destination.write('two\n');
  await destination.flush();
  expect(writes).toEqual([]);
  expect(destination.dropped).toBe(2);
});

it('a real disk that is full throws nothing', async () => {
  const fd = openSync('/dev/full', 'w');
  const destination = new LogDestination(fd);
  open.push(destination);
  destination.write('{"a":1}\n');
  await destination.flush();
  expect(destination.dropped).toBe(1);
  closeSync(fd);
});
