import { readFileSync, statSync } from 'node:fs';
import { textOfBytes, type TextOrReason, tooLarge } from './text-of-bytes.js';

/** A small text file, or why it cannot be had: completes "cannot be used: …". */
export function readTextFile(path: string): TextOrReason {
  try {
    return tooLarge(statSync(path).size) ?? textOfBytes(readFileSync(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { reason: (code && REASONS[code]) ?? 'the file cannot be read' };
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'this is a directory, not a file',
  EACCES: 'this process may not read the file',
  EPERM: 'this process may not read the file',
  ELOOP: 'its symbolic links go round in circles',
};
