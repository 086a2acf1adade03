import { resolve } from 'node:path';
import { readTextFile } from './read-text-file.js';

/** Files that hold one secret each. Remembers them, so that they can be watched. */
export class SecretFiles {
  readonly paths = new Set<string>();

  constructor(private readonly folder: string) {}

  /** The secret, its trailing line break trimmed; or why it cannot be had. */
  read(path: string): { readonly text: string } | { readonly reason: string } {
    const file = resolve(this.folder, path);
    this.paths.add(file);
    const read = readTextFile(file);
    if ('reason' in read) return read;
    return read.text.trim() === '' ? { reason: 'the file is empty' } : { text: read.text.replace(/\r?\n$/, '') };
  }
}
