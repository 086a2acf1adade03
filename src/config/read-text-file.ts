import { readFileSync, statSync } from 'node:fs';

const FILE_BYTES_MAX = 64 * 1024 * 1024;

/** A small text file, or why it cannot be had: completes "cannot be used: …". */
export function readTextFile(path: string): { readonly text: string } | { readonly reason: string } {
  try {
    const { size } = statSync(path);
    if (size > FILE_BYTES_MAX) return { reason: 'the file is larger than 64 MiB' };
    const bytes = readFileSync(path);
    if (bytes.length > FILE_BYTES_MAX) return { reason: 'the file is larger than 64 MiB' };
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
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
  ERR_ENCODING_INVALID_ENCODED_DATA: 'the file is not valid UTF-8',
};
