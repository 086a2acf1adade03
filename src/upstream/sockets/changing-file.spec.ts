import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HandClock } from '../../../test/doubles/hand-clock.js';
import { ChangingFile } from './changing-file.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'changing-'))));
afterEach(() => rmSync(folder, { recursive: true }));

it('is read when it was written, looked at once a second at most, and empty where it is absent', async () => {
  const path = join(folder, 'file');
  const clock = new HandClock();
  let reads = 0;
  const file = new ChangingFile(path, (text) => (reads++, text), clock);
  expect(await file.current()).toBe('');
  writeFileSync(path, 'one');
  expect(await file.current()).toBe('');
  clock.advance(1_001);
  expect(await Promise.all([file.current(), file.current()])).toEqual(['one', 'one']);
  clock.advance(1_001);
  expect(await file.current()).toBe('one');
  expect(reads).toBe(2);
  writeFileSync(path, 'other');
  clock.advance(1_001);
  expect(await file.current()).toBe('other');
  rmSync(path);
  clock.advance(1_001);
  expect(await file.current()).toBe('');
});
