import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = mkdtempSync(join(tmpdir(), 'bin-'));
mkdirSync(join(root, 'bin'));
copyFileSync('bin/nexus.js', join(root, 'bin', 'nexus.js'));
writeFileSync(join(root, 'package.json'), '{"type":"module"}');
afterAll(() => rmSync(root, { recursive: true }));

const run = (path: string): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [path, 'check', 'x.yaml'], { encoding: 'utf8' });

it('before a build it says what is missing', () => {
  expect(run(join(root, 'bin', 'nexus.js'))).toMatchObject({ status: 1, stderr: 'nexus is not built yet: run "npm run build" first\n' });
});

it('hands arguments and exit code through, by a link too, as npm installs it', () => {
  mkdirSync(join(root, 'dist', 'cli'), { recursive: true });
  writeFileSync(join(root, 'dist', 'cli', 'main.js'), 'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 78;');
  symlinkSync(join(root, 'bin', 'nexus.js'), join(root, 'nexus'));
  for (const path of [join(root, 'bin', 'nexus.js'), join(root, 'nexus')])
    expect(run(path)).toMatchObject({ status: 78, stdout: '["check","x.yaml"]\n', stderr: '' });
});
