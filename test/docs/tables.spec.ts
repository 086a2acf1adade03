import { readFileSync, writeFileSync } from 'node:fs';
import { DOCUMENTS } from './documents.js';
import { TABLES, tablesIn, withTables } from './tables.js';

// `WRITE_DOCS=1` in the environment writes the tables instead of judging them.
const writes = process.env['WRITE_DOCS'] === '1';

describe.each(DOCUMENTS)('%s', (path) => {
  it('its tables say what the code says', () => {
    const text = readFileSync(path, 'utf8');
    if (writes) writeFileSync(path, withTables(text));
    else expect(text).toBe(withTables(text));
  });
});

it('every table stands somewhere', () => {
  const written = new Set(DOCUMENTS.flatMap((path) => tablesIn(readFileSync(path, 'utf8'))));
  expect([...written].toSorted()).toEqual(Object.keys(TABLES).toSorted());
});

it('README lists every setting', () => {
  expect(tablesIn(readFileSync('README.md', 'utf8'))).toEqual(expect.arrayContaining(['settings', 'errors', 'metrics']));
});
