import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { parseEnv } from 'node:util';
import { loadSettings } from '../../src/config/load-settings.js';
import { settingDefault } from '../../src/config/setting-default.js';
import { settingFields } from '../../src/config/setting.js';
import { SettingsFile } from '../../src/config/settings-file.js';
import { settingsTable } from '../../src/config/settings-table.js';
import { ERRORS } from '../../src/contracts/gateway-error.js';
import { knownPath } from '../../src/http/known-paths.js';
import { DOCUMENTS } from './documents.js';
import { rooms } from './room-map.js';

const read = (path: string): string => readFileSync(path, 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'nexus-docs-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each([...DOCUMENTS, 'CHANGELOG.md', 'deploy/README.md'])('%s', (path) => {
  const text = read(path);

  it('names no setting that does not exist', () => {
    const known = new Set(settingsTable().map(({ name }) => name));
    // Misspelt on purpose; shaped like Kubernetes' service links; for tests.
    const apart = /^GATEWAY_(RATE_LIMIT_PER_MINTE|SERVICE_|PORT_|TEST_)/;
    const named = text.match(/\bGATEWAY_[A-Z_]+/g) ?? [];
    expect(named.filter((name) => !known.has(name) && !apart.test(name))).toEqual([]);
  });

  it('its links lead somewhere', () => {
    const links = [...text.matchAll(/\]\(((?!https?:)[^)\s]+)\)/g)].map(([, target = '']) => target);
    expect(links.filter((link) => !leads(link, path))).toEqual([]);
  });
});

function leads(link: string, from: string): boolean {
  const [file = '', anchor] = link.split('#');
  const path = file === '' ? from : normalize(join(dirname(from), file));
  if (!existsSync(path)) return false;
  return anchor === undefined || anchorsOf(read(path)).has(anchor);
}

/** As GitHub makes them. */
function anchorsOf(markdown: string): Set<string> {
  const headings = [...markdown.replaceAll(/```[\s\S]*?```/g, '').matchAll(/^#+ (.+)$/gm)];
  return new Set(
    headings.map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^a-z0-9 _-]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}

it('docs/errors.md tells of every code, with its status, and of no other', () => {
  const rows = [...read('docs/errors.md').matchAll(/^\| (\d{3}) \| `([a-z_]+)` \|/gm)].map(([, status, code]) => [code, Number(status)]);
  expect(rows).toEqual(Object.entries(ERRORS).map(([code, { status }]) => [code, status]));
});

it('docs/architecture.md says what is in each folder of src, and in no other', () => {
  const told = [...read('docs/architecture.md').matchAll(/^\| `([a-z]+)` \| \S/gm)].map(([, room]) => room);
  expect(told).toEqual(rooms());
});

it('README names every document', () => {
  const readme = read('README.md');
  expect(DOCUMENTS.filter((path) => path !== 'README.md' && !readme.includes(`](${path})`))).toEqual([]);
});

it('every alert has its section in docs/operations.md', () => {
  const alerts = [...read('config/prometheus/rules.yml').matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
  const sections = [...read('docs/operations.md').matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
  expect(sections).toEqual(alerts);
});

it("README's endpoints exist, with their methods", () => {
  const [, table = ''] = /## Endpoints\n([\s\S]*?)\n## /.exec(read('README.md')) ?? [];
  const named = [...table.matchAll(/`(GET|POST) (\/[^`]*)`/g)];
  expect(named.length).toBeGreaterThan(12);
  expect(named.filter(([, method = '', path = '']) => !knownPath(path.replace('{id}', 'mock'))?.methods.includes(method))).toEqual([]);
});

it('YAML that a page marks as settings is valid', () => {
  const blocks = [
    ...DOCUMENTS.map(read)
      .join('\n')
      .matchAll(/<!-- yaml -->\n+```yaml\n([\s\S]*?)```/g),
  ];
  expect(blocks.length).toBeGreaterThan(4);
  for (const [, yaml = ''] of blocks) {
    writeFileSync(join(folder, 'gateway.yaml'), yaml);
    expect(() => loadSettings({ env: { GATEWAY_CONFIG_FILE: 'gateway.yaml' }, cwd: folder })).not.toThrow();
  }
});

describe('config/gateway.example.yaml', () => {
  const lines = new Map(
    [...read('config/gateway.example.yaml').matchAll(/^(# )?([a-z_]+):(?: (.*?))?(?: # .*)?$/gm)].map((line) => [line[2] ?? '', line]),
  );

  it('names every setting, and no other', () => {
    expect([...lines.keys()].toSorted()).toEqual([...settingFields(SettingsFile).keys()].toSorted());
  });

  it('what is commented out shows the default, where there is one', () => {
    const plain = (value: unknown): string => (Array.isArray(value) ? `[${value.join(', ')}]` : String(value));
    for (const [name, [, comment, , value]] of lines) {
      const initial = settingDefault(SettingsFile, name);
      if (comment !== undefined && initial !== undefined && plain(initial) !== '[]') expect([name, value]).toEqual([name, plain(initial)]);
    }
  });

  it('what is commented out is valid too', () => {
    for (const [name, [, comment, , value]] of lines) {
      if (comment === undefined || name.endsWith('_file') || value === undefined) continue;
      const beside = /^jwt_(public_key|jwks_url)$/.test(name) ? 'jwt_algorithms: [RS256]' : '';
      writeFileSync(join(folder, 'gateway.yaml'), `${name}: ${value}\n${beside}\n`);
      const load = (): unknown => loadSettings({ env: { GATEWAY_CONFIG_FILE: 'gateway.yaml' }, cwd: folder });
      if (name === 'jwt_public_key') expect(load).toThrow(/jwt_public_key/);
      else expect(load).not.toThrow();
    }
  });
});

describe('.env.example', () => {
  const text = read('.env.example');

  it('is valid as it stands', () => {
    expect(loadSettings({ env: parseEnv(text), cwd: folder }).warnings).toEqual([]);
  });

  it('names settings that exist, and every line that is commented out can be read', () => {
    const lines = [...text.matchAll(/^# ([A-Z_]+=.*)$/gm)].map(([, line = '']) => line);
    const known = new Set(settingsTable().map(({ name }) => name));
    const upstreams = { GATEWAY_UPSTREAMS: 'mock=mock://local;llama=http://localhost:8001;gpt-4o-mini=litellm://gpt-4o-mini' };
    for (const [name = '', value = ''] of Object.entries(parseEnv(lines.join('\n')))) {
      expect(name.startsWith('GATEWAY_') ? known.has(name) : true).toBe(true);
      const beside = name === 'GATEWAY_CONFIG_FILE' ? {} : upstreams;
      expect(() => loadSettings({ env: { ...beside, [name]: value }, cwd: process.cwd() })).not.toThrow();
    }
  });
});
