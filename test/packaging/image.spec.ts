import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Stage {
  readonly name: string;
  readonly lines: readonly string[];
}

/** Instructions with their continuation lines joined, by stage. No engine runs here: this reads the recipe, it does not bake it. */
function stages(): Stage[] {
  const instructions = readFileSync('Dockerfile', 'utf8')
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const found: { name: string; lines: string[] }[] = [];
  for (const line of instructions) {
    const [, name] = /^FROM \S+ AS (\S+)$/.exec(line) ?? [];
    if (name !== undefined) found.push({ name, lines: [] });
    found.at(-1)?.lines.push(line);
  }
  return found;
}

function healthCommand(stage: Stage | undefined): string[] {
  const line = stage?.lines.find((instruction) => instruction.startsWith('HEALTHCHECK')) ?? '';
  return JSON.parse(/CMD (\[.*\])$/.exec(line)?.[1] ?? '[]') as string[];
}

/** What reaches the build, as .dockerignore has it: a name is let in by its own line. */
const letIn = readFileSync('.dockerignore', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('!'))
  .map((line) => line.slice(1));

describe('the image', () => {
  const [build, packages, runtime] = stages();

  test('is made in stages, all on one base that can be pinned by digest', () => {
    expect([build?.name, packages?.name, runtime?.name]).toEqual(['build', 'packages', 'runtime']);
    expect(readFileSync('Dockerfile', 'utf8')).toMatch(/^ARG NODE_IMAGE=node:24-slim$/m);
    for (const stage of stages()) expect(stage.lines[0]).toMatch(/^FROM \$\{NODE_IMAGE\} /);
  });

  test('carries neither development packages nor a second Node, and the lock decides', () => {
    expect(packages?.lines).toContain('RUN npm ci --omit=dev --omit=optional');
    expect(
      stages()
        .flatMap(({ lines }) => lines)
        .filter((line) => /npm (i|install|update)\b/.test(line)),
    ).toEqual([]);
    expect(readFileSync('.npmrc', 'utf8')).toMatch(/^ignore-scripts=true$/m);
    for (const stage of [build, packages]) expect(stage?.lines.find((line) => line.startsWith('COPY package.json'))).toContain('.npmrc');
  });

  test('runs as somebody without rights, on every address, in production', () => {
    expect(runtime?.lines).toContain('USER 10001:10001');
    expect(runtime?.lines.find((line) => line.startsWith('ENV'))).toMatch(/NODE_ENV=production\s+GATEWAY_HOST=0\.0\.0\.0/);
    const after = runtime?.lines.slice(runtime.lines.findIndex((line) => line.startsWith('USER'))) ?? [];
    expect(after.filter((line) => /^(USER (?!10001)|RUN|COPY|ADD)/.test(line))).toEqual([]);
  });

  test('starts the gateway itself, so that signals reach it, and asks it for its health without a shell', () => {
    expect(runtime?.lines.slice(-2)).toEqual([
      'ENTRYPOINT ["/usr/bin/tini", "--"]',
      'CMD ["node", "--enable-source-maps", "--max-semi-space-size=8", "dist/main.js"]',
    ]);
    expect(runtime?.lines.find((line) => line.startsWith('RUN'))).toMatch(
      /apt-get install -y --no-install-recommends tini .*rm -rf \/var\/lib\/apt\/lists/,
    );
    expect(healthCommand(runtime)).toEqual(['node', '-e', expect.stringContaining('/health/ready')]);
  });

  test.each([
    ['is ready', 200, 0],
    ['is draining', 503, 1],
    ['is not there', undefined, 1],
  ])('its health check, run against a gateway that %s', async (_, status, code) => {
    const server = createServer((request, response) => response.writeHead(request.url === '/health/ready' ? (status ?? 200) : 404).end()).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    if (status === undefined) server.close();
    const [, ...args] = healthCommand(runtime);
    const check = spawn(process.execPath, args, { env: { GATEWAY_PORT: String(port) }, stdio: 'ignore' });
    expect(await once(check, 'exit')).toEqual([code, null]);
    server.close();
  });

  test('tells what it is, in the labels that tools read', () => {
    const label = runtime?.lines.find((line) => line.startsWith('LABEL')) ?? '';
    for (const name of ['title', 'description', 'licenses', 'version', 'revision']) expect(label).toContain(`org.opencontainers.image.${name}=`);
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(runtime?.lines).toContain(`ARG VERSION=${version}`);
  });

  test('everything it copies is in the project and reaches the build', () => {
    const sources = stages().flatMap(({ lines }) =>
      lines.filter((line) => line.startsWith('COPY ') && !line.includes('--from=')).flatMap((line) => line.split(' ').slice(1, -1)),
    );
    expect(sources.length).toBeGreaterThan(5);
    for (const source of sources)
      expect({ source, there: existsSync(source), letIn: letIn.includes(source.replace(/^\.\//, '')) }).toEqual({ source, there: true, letIn: true });
  });

  test('nothing else reaches the build: no .env, no history, no keys', () => {
    const lines = readFileSync('.dockerignore', 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines[0]).toBe('*');
    const lastLetIn = lines.findLastIndex((line) => line.startsWith('!'));
    expect(lines.slice(lastLetIn + 1)).toEqual(expect.arrayContaining(['**/.env*', '**/.git', '**/*.key', '**/*.pem', '**/node_modules', '**/dist']));
  });
});
