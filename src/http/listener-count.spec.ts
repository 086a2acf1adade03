import { listenerCount } from './listener-count.js';

const limits = (files: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units     \nMax open files            ${files}                 ${files}                 files     \n`;

it.each([
  ['1048576', 64],
  ['1024', 64],
  ['256', 16],
  ['128', 8],
  ['10', 1],
  ['unlimited', 1],
])('of %s files that may be open: %i listeners', (files, count) => expect(listenerCount('linux', () => limits(files))).toBe(count));

it('one where nothing is known, and where the kernel cannot share', () => {
  expect(
    listenerCount('linux', () => {
      throw new Error('no such file');
    }),
  ).toBe(1);
  expect(listenerCount('darwin', () => limits('1024'))).toBe(1);
});
