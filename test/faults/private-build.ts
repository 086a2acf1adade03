import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type Options, transformSync } from '@swc/core';

/** The sources as they stand, built into a folder of its own, where files can be spoiled and mended again one by one. */
export class PrivateBuild {
  private readonly folder = mkdtempSync(join(tmpdir(), 'nexus-faults-build-'));
  private readonly sources = join(this.folder, 'src');

  private readonly options = options();

  constructor() {
    cpSync('src', this.sources, { recursive: true });
    copyFileSync('package.json', join(this.folder, 'package.json'));
    symlinkSync(resolve('node_modules'), join(this.folder, 'node_modules'));
    for (const name of readdirSync(this.sources, { recursive: true, encoding: 'utf8' }))
      if (name.endsWith('.ts') && !name.endsWith('.spec.ts') && !name.endsWith('.d.ts')) this.write(name, this.read(name));
  }

  get main(): string {
    return join(this.folder, 'dist', 'main.js');
  }

  /** A source as it stands. `name`: its path under `src`. */
  read(name: string): string {
    return readFileSync(join(this.sources, name), 'utf8');
  }

  /** What is run in place of a source. */
  write(name: string, text: string): void {
    const target = join(this.folder, 'dist', name.replace(/ts$/, 'js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, transformSync(text, { ...this.options, filename: join(this.sources, name) }).code);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** As the product is built; what it leaves out is left out above. */
function options(): Options {
  const { exclude: _exclude, $schema: _schema, ...shared } = JSON.parse(readFileSync('.swcrc', 'utf8')) as Record<string, unknown>;
  return { ...shared, swcrc: false, configFile: false, sourceMaps: 'inline' };
}
