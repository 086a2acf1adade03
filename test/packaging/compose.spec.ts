import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type LoadedSettings, loadSettings } from '../../src/config/load-settings.js';
import { programOnPath } from '../doubles/program-on-path.js';
import { type ComposeFile, composeFile } from './compose-file.js';

const FILES = ['docker-compose.yml', 'docker-compose.vllm.yml'] as const;
const MODEL = 'Qwen/Qwen2.5-7B-Instruct';

/** What the gateway in a container makes of its environment: the image's own, and the file's. */
function settingsOf({ services }: ComposeFile): LoadedSettings {
  const cwd = mkdtempSync(join(tmpdir(), 'nexus-compose-'));
  try {
    return loadSettings({ env: { GATEWAY_HOST: '0.0.0.0', ...services['gateway']?.environment }, cwd });
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

describe.each(FILES)('%s', (path) => {
  const { services, volumes } = composeFile(path);

  test('publishes on loopback alone', () => {
    const published = Object.values(services).flatMap(({ ports }) => ports ?? []);
    expect(published).toContain('127.0.0.1:8000:8000');
    for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/);
  });

  test('whoever needs another waits until it is well', () => {
    for (const service of Object.values(services)) {
      for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
        expect(condition).toBe('service_healthy');
        // The gateway's check is in its image.
        if (name !== 'gateway') expect(services[name]?.healthcheck?.test[0]).toBe('CMD');
      }
    }
  });

  test('images are named by version, and files of the project are mounted read-only from where they lie', () => {
    for (const { image, build } of Object.values(services)) if (build === undefined) expect(image).toMatch(/:v?\d+\.\d+(\.\d+)?(-\w+)?$/);
    for (const mount of Object.values(services).flatMap((service) => service.volumes ?? [])) {
      const [source = '', , mode] = mount.split(':');
      if (!source.startsWith('.')) expect(Object.keys(volumes ?? {})).toContain(source);
      else expect({ mount, there: existsSync(source), mode }).toEqual({ mount, there: true, mode: 'ro' });
    }
  });

  test('the gateway accepts its settings: dev-key with a warning, other keys without', () => {
    const [plain, keyed] = [settingsOf(composeFile(path)), settingsOf(composeFile(path, { GATEWAY_API_KEYS: 'one,two' }))];
    expect(plain.settings.auth.apiKeys).toEqual(['dev-key']);
    expect(plain.warnings).toEqual([expect.stringContaining('dev-key')]);
    expect(keyed.settings.auth.apiKeys).toEqual(['one', 'two']);
    expect(keyed.warnings).toEqual([]);
  });

  test('holds no secret of its own', () => {
    for (const [name, value] of Object.values(services).flatMap(({ environment }) => Object.entries(environment ?? {}))) {
      if (/KEY$|TOKEN|SECRET/.test(name)) expect({ name, value }).toEqual({ name, value: '' });
    }
  });
});

describe('docker-compose.yml', () => {
  test('brings the gateway, Redis for its limits, Prometheus and Grafana on their usual ports', () => {
    const { services } = composeFile('docker-compose.yml');
    expect(Object.keys(services)).toEqual(['gateway', 'redis', 'prometheus', 'grafana']);
    expect(services['prometheus']?.ports).toEqual(['127.0.0.1:9090:9090']);
    expect(services['grafana']?.ports).toEqual(['127.0.0.1:3000:3000']);
    expect(services['grafana']?.environment).toMatchObject({ GF_SECURITY_ADMIN_USER: 'admin', GF_SECURITY_ADMIN_PASSWORD: 'admin' });
    expect(settingsOf({ services }).settings.limits.redisUrl).toBe('redis://redis:6379');
  });

  test('what Prometheus scrapes and Grafana asks are services of this file', () => {
    const { services } = composeFile('docker-compose.yml');
    const { datasources } = parseFile('config/grafana/provisioning/datasources/prometheus.yml') as { datasources: { url: string }[] };
    const { scrape_configs } = parseFile('config/prometheus/prometheus.yml') as { scrape_configs: { static_configs: { targets: string[] }[] }[] };
    const asked = [
      ...datasources.map(({ url }) => new URL(url).host),
      ...scrape_configs.flatMap((job) => job.static_configs.flatMap(({ targets }) => targets)),
    ];
    expect(asked).toEqual(['prometheus:9090', 'gateway:8000']);
    for (const address of asked) expect(services[address.split(':')[0] ?? '']?.ports?.[0]).toMatch(new RegExp(`:${address.split(':')[1]}$`));
  });

  test('the dashboard that is provisioned is mounted where Grafana is told to look', () => {
    const { services } = composeFile('docker-compose.yml');
    const { providers } = parseFile('config/grafana/provisioning/dashboards/nexus-gateway.yml') as { providers: { options: { path: string } }[] };
    expect(services['grafana']?.volumes).toContain(`./config/grafana/dashboards:${providers[0]?.options.path}:ro`);
    expect(services['grafana']?.environment?.['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH']).toBe(`${providers[0]?.options.path}/nexus-gateway.json`);
  });

  test('settings of the shell reach the gateway', () => {
    const { settings } = settingsOf(
      composeFile('docker-compose.yml', {
        GATEWAY_UPSTREAMS: 'a=mock://local;b=mock://local',
        GATEWAY_ROUTE_POLICIES: '{"chat":{"strategy":"canary","primary":"a","canary":"b","percent":5}}',
      }),
    );
    expect(settings.routing.routes.get('chat')).toMatchObject({ primary: 'a', canary: 'b', percent: 5 });
  });
});

describe('docker-compose.vllm.yml', () => {
  const file = composeFile('docker-compose.vllm.yml', { MODEL_ID: MODEL, HF_TOKEN: 'hf_example' });

  test('vLLM serves MODEL_ID on the GPU, holds the token, and is not published', () => {
    expect(file.services['vllm']).toMatchObject({
      runtime: 'nvidia',
      entrypoint: ['vllm', 'serve'],
      command: [MODEL, '--host', '0.0.0.0', '--port', '8000'],
      environment: { HF_TOKEN: 'hf_example' },
    });
    expect(file.services['vllm']).not.toHaveProperty('ports');
  });

  test('the gateway answers for MODEL_ID and for llama, both sent to vLLM under its own name, with 120 s to the first byte', () => {
    const { upstreams } = settingsOf(file).settings.routing;
    expect([...upstreams.keys()]).toEqual([MODEL, 'llama']);
    for (const name of [MODEL, 'llama']) {
      const upstream = upstreams.get(name);
      expect(upstream).toMatchObject({ baseUrl: 'http://vllm:8000/v1', firstByteTimeoutMs: 120_000 });
      expect(upstream?.model ?? name).toBe(MODEL);
    }
  });
});

const compose = composeCommand();
const withCompose = compose === undefined ? test.skip : test;

describe('Compose itself', () => {
  if (compose === undefined)
    process.stderr.write('\n*** SKIPPED: neither `docker compose` nor `docker-compose` here; the files are read, not checked by Compose. ***\n\n');

  withCompose.each([[['docker-compose.yml']], [['docker-compose.vllm.yml']], [['docker-compose.yml', 'docker-compose.vllm.yml']]])(
    'accepts %j',
    (files) => {
      const [program = '', ...args] = compose ?? [];
      const config = spawnSync(program, [...args, ...files.flatMap((path) => ['-f', path]), 'config'], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], MODEL_ID: MODEL },
      });
      expect({ status: config.status, stderr: config.stderr }).toEqual({ status: 0, stderr: expect.any(String) });
      const [last = ''] = files.slice(-1);
      const ours = composeFile(last, { MODEL_ID: MODEL }).services['gateway']?.environment;
      expect((parse(config.stdout) as ComposeFile).services['gateway']?.environment).toMatchObject(ours ?? {});
    },
  );
});

function composeCommand(): string[] | undefined {
  const docker = programOnPath('docker');
  if (docker !== undefined && spawnSync(docker, ['compose', 'version'], { stdio: 'ignore' }).status === 0) return [docker, 'compose'];
  const standalone = programOnPath('docker-compose');
  return standalone === undefined ? undefined : [standalone];
}

function parseFile(path: string): unknown {
  return parse(readFileSync(path, 'utf8'));
}
