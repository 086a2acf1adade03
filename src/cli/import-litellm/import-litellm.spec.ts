import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadSettings } from '../../config/load-settings.js';
import type { GatewaySettings } from '../../contracts/gateway-settings.js';
import { followFallbacks } from '../../routing/follow-fallbacks.js';
import { SeededRandom } from '../../../test/doubles/seeded-random.js';
import { GENERAL_SETTINGS_ROWS } from './general-settings-rows.js';
import { importLitellm } from './import-litellm.js';
import { LITELLM_SETTINGS_ROWS } from './litellm-settings-rows.js';
import { PARAMETER_ROWS } from './parameter-rows.js';
import { ROUTER_SETTINGS_ROWS } from './router-settings-rows.js';
import type { ImportReport } from './import-report.js';

const SAMPLES = join(__dirname, 'samples');
const samples = readdirSync(SAMPLES);
const folder = mkdtempSync(join(tmpdir(), 'import-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Imported {
  readonly text: string;
  readonly report: ImportReport;
  readonly settings: GatewaySettings;
  readonly file: Record<string, unknown>;
}

/** Imported, and loaded with the variables set that the import named. */
function imported(path: string, env: Record<string, string> = {}): Imported {
  const { text, report } = importLitellm(path, (name) => env[name]);
  writeFileSync(join(folder, 'made.yaml'), text);
  const named = Object.fromEntries([...report.variables].map((name) => [name, /BASE|URL|ENDPOINT/.test(name) ? 'http://127.0.0.1:9' : 'value']));
  const { settings } = loadSettings({ env: { ...named, GATEWAY_CONFIG_FILE: 'made.yaml' }, cwd: folder });
  return { text, report, settings, file: parse(text) as Record<string, unknown> };
}
const sample = (name: string, env?: Record<string, string>): Imported => imported(join(SAMPLES, `${name}.yaml`), env);
function written(yaml: string, env?: Record<string, string>): Imported {
  writeFileSync(join(folder, 'config.yaml'), yaml);
  return imported(join(folder, 'config.yaml'), env);
}

describe.each(samples)('%s', (name) => {
  it('becomes settings that a gateway starts with, and no key of it is written or told', () => {
    const { text, report } = imported(join(SAMPLES, name));
    expect([text, ...report.left, ...report.reminders].join('\n')).not.toMatch(/CANARY(?!_MODEL)/);
    for (const line of [...report.left, ...report.reminders]) expect(line).toMatch(/ \([a-z-]+\.yaml line \d+/);
  });
});

it('there are samples enough', () => expect(samples.length).toBeGreaterThan(12));

it('what LiteLLM reads from its usual variables needs no word', () => {
  const { file, report } = sample('first-steps');
  expect(file).toMatchObject({
    upstreams: { 'gpt-4o': 'litellm://openai/gpt-4o', claude: 'litellm://anthropic/claude-sonnet-4-5' },
    rate_limit_per_minute: 0,
  });
  expect(report.left).toEqual([]);
  expect([...report.variables]).toEqual(['OPENAI_API_KEY', 'ANTHROPIC_API_KEY']);
  expect(report.reminders).toEqual([
    expect.stringMatching(/^general_settings\.master_key \(first-steps\.yaml line 11\): .*GATEWAY_API_KEYS.*\$LITELLM_MASTER_KEY/),
  ]);
});

it('several deployments of a name become a route, by rpm, the later order as a last resort, each at its own address', () => {
  const { settings, file } = sample('azure-regions');
  const { routes, upstreams } = settings.routing;
  const targets = [
    { name: 'gpt-4o-1', weight: 900 },
    { name: 'gpt-4o-2', weight: 300 },
    { name: 'gpt-4o-3', weight: 0 },
  ];
  expect(routes.get('gpt-4o')).toEqual({ strategy: 'weighted', targets });
  expect(routes.get('gpt-4')).toEqual(routes.get('gpt-4o'));
  expect(upstreams.get('gpt-4o-1')).toMatchObject({
    baseUrl: 'https://contoso-eu.openai.azure.com',
    model: 'gpt-4o-eu',
    dialect: { apiVersion: '2024-10-21' },
  });
  expect(upstreams.get('gpt-4o-2')).toMatchObject({
    baseUrl: 'https://contoso-us.openai.azure.com',
    model: 'gpt-4o-us',
    dialect: { apiVersion: '2024-10-21' },
  });
  expect(file).toMatchObject({ upstreams: { embed: 'litellm://azure/embed-3' }, circuit_breaker_max_failures: 4, circuit_breaker_reset_seconds: 45 });
  expect(file).toMatchObject({ request_timeout_seconds: 60, max_attempts: 3, total_timeout_seconds: 600 });
});

it('fallbacks are followed in depth as LiteLLM does, over routes too; what is no fallback for every reason is told', () => {
  const { settings, report, file } = sample('fallbacks');
  expect(file).toMatchObject({ fallbacks: { a: ['b', 'c-2', 'c-1', 'd'], b: ['c-2', 'c-1'] }, max_attempts: 6 });
  expect(settings.routing.routes.get('c')).toMatchObject({ targets: [{ weight: 0 }, { weight: 1 }] });
  expect(report.left.map((line) => line.split(' ')[0])).toEqual([
    'litellm_settings.content_policy_fallbacks',
    'litellm_settings.fallbacks[2].gone',
    'litellm_settings.context_window_fallbacks[1].d',
  ]);
});

it('fallbacks that lead to each other are carried over, and nobody goes round', () => {
  const { settings, file } = sample('mutual');
  const { routing } = settings;
  const plan = (name: string): string[] => {
    const route = routing.routes.get(name);
    const planned = route?.strategy === 'weighted' ? route.targets.map((target) => target.name) : [name];
    return [...planned, ...followFallbacks(name, planned, () => true, routing.fallbacks).taken.keys()];
  };
  expect(plan('gpt')).toEqual(['gpt-1-2', 'claude-1']);
  expect(plan('claude')).toEqual(['claude-1', 'gpt-1-2']);
  expect(plan('gpt-1')).toEqual(['gpt-1', 'gemini']);
  expect(plan('fast')).toEqual(plan('gpt'));
  expect(file).toMatchObject({ max_attempts: 2, retry_budget_percent: 0 });
});

it('servers that speak OpenAI become addresses, others keep theirs as an option', () => {
  const { settings, file, report } = sample('local-servers');
  const at = (name: string): unknown[] => {
    const upstream = settings.routing.upstreams.get(name);
    return [upstream?.baseUrl, upstream?.model, upstream?.apiKey];
  };
  expect(at('llama')).toEqual(['http://localhost:8001/v1', 'meta-llama/Llama-3.1-8B-Instruct', undefined]);
  expect(at('qwen')).toEqual(['http://localhost:8002/v1', 'Qwen/Qwen2.5-7B', 'value']);
  expect(at('bare')).toEqual(['https://models.example.com', 'fake', undefined]);
  expect(at('phi')).toEqual(['http://localhost:11434/v1', 'phi4', undefined]);
  expect(at('named')).toEqual(['http://localhost:8003/v1', 'my-model', undefined]);
  expect(file).toMatchObject({ upstreams: { qwen: { timeout: 120, max_concurrency: 8 } }, log_level: 'debug', request_timeout_seconds: 300 });
  expect(report.left).toEqual([]);
});

it('clouds keep their region, project and location', () => {
  const { settings, report } = sample('clouds');
  const dialect = (name: string): unknown => settings.routing.upstreams.get(name)?.dialect;
  expect(dialect('sonnet')).toMatchObject({ name: 'bedrock', region: 'eu-central-1' });
  expect(dialect('nova')).toMatchObject({ name: 'bedrock', region: 'eu-central-1' });
  expect(dialect('gemini')).toMatchObject({ project: 'my-project', location: 'europe-west1' });
  expect(dialect('region-by-variable')).toMatchObject({ region: 'value' });
  expect(report.left.join('\n')).toMatch(/aws_role_name \(clouds\.yaml line 14\)[^]*vertex_credentials \(clouds\.yaml line 22\)[^]*x-aws/);
  expect(report.left).toHaveLength(3);
});

it('the pattern * is the default upstream, other patterns are told', () => {
  const { file, report } = sample('patterns');
  expect(file).toMatchObject({
    default_upstream: 'default-2',
    upstreams: { default: 'litellm://openai/gpt-4o-mini', 'default-2': { url: 'https://api.openai.com/v1', api_key_env: 'OPENAI_API_KEY' } },
  });
  expect(report.left).toEqual([expect.stringMatching(/^model_list\[1\] \(patterns\.yaml line 3\)/), expect.stringMatching(/^model_list\[2\] /)]);
});

it('a key that stands in the file becomes a variable, the same one wherever it stands', () => {
  const { settings, file, report } = sample('secrets');
  expect(file).toMatchObject({ upstreams: { 'gpt-4o': { api_key_env: 'GPT_4O_API_KEY' }, 'gpt-4o-mini': { api_key_env: 'GPT_4O_API_KEY' } } });
  expect(file).toMatchObject({ upstreams: { mistral: { api_key_env: 'MISTRAL_API_KEY' } } });
  expect([...settings.routing.upstreams.keys()]).toEqual(['gpt-4o', 'gpt-4o-mini', 'mistral']);
  expect(file).not.toHaveProperty('redis_url');
  expect(report.reminders.join('\n')).toMatch(/redis_host .*GATEWAY_REDIS_URL/);
});

it('providers that are not spoken to, and entries that say too little, are left out one by one', () => {
  const { file, report } = sample('strange-providers');
  expect(file).not.toHaveProperty('upstreams');
  expect(report.left.filter((line) => line.startsWith('model_list[')).map((line) => /^model_list\[(\d+)\]/.exec(line)?.[1])).toEqual([
    ...'0123456789',
  ]);
  expect(report.left.filter((line) => !line.startsWith('model_list['))).toHaveLength(2);
});

it('an address by a variable is filled in where the import sees it', () => {
  const { settings } = sample('strange-providers', { NEVER_SET: 'http://localhost:9/v1' });
  expect(settings.routing.upstreams.get('unknown-address')?.baseUrl).toBe('http://localhost:9/v1');
});

it('settings that mean the same are carried over, every other is told once', () => {
  const { file, report } = sample('many-settings');
  expect(file).toMatchObject({
    max_attempts: 5,
    circuit_breaker_max_failures: 1_000_000,
    stream_idle_timeout_seconds: 30,
    request_timeout_seconds: 6000,
    upstream_max_concurrency: 100,
    body_limit_bytes: 10 * 1024 * 1024,
    redis_url: 'redis://cache:6379/0',
    route_policies: { big: { targets: [{ weight: 1_000_000 }, { weight: 33.333 }] }, zero: { targets: [{ weight: 1 }, { weight: 1 }] } },
  });
  const told = report.left.map((line) => line.split(' ')[0]?.replace(/^model_list\[\d+\]\./, ''));
  expect(told.toSorted()).toEqual(
    [
      'general_settings.alerting',
      'general_settings.pass_through_endpoints',
      'general_settings.store_model_in_db',
      'litellm_params.extra_headers',
      'litellm_params.input_cost_per_token',
      'litellm_params.my_param',
      'litellm_params.rpm',
      'litellm_params.stream_timeout',
      'litellm_params.temperature',
      'litellm_settings.callbacks[1]',
      'litellm_settings.max_budget',
      'litellm_settings.unheard_of',
      'model_info',
      'router_settings.retry_policy',
      'router_settings.routing_strategy',
      'router_settings.timeout',
    ].toSorted(),
  );
  expect(report.reminders).toContainEqual(expect.stringMatching(/^litellm_settings\.callbacks\[0\] .*OTEL_EXPORTER_OTLP_ENDPOINT/));
});

it('credentials of the list are those of the entries that name them', () => {
  const { settings } = sample('credentials');
  expect(settings.routing.upstreams.get('gpt')).toMatchObject({
    baseUrl: 'https://eu.openai.azure.com',
    apiKey: 'value',
    dialect: { apiVersion: '2024-10-21' },
  });
});

it('included files count, each with lines of its own', () => {
  const { settings, report } = sample('including');
  expect([...settings.routing.upstreams.keys()]).toEqual(['practice-1', 'practice-2', 'gpt-4o', 'claude']);
  expect(report.reminders.join()).toContain('(first-steps.yaml line 11)');
});

it('names and text that YAML or our file take for something else stay what they are', () => {
  const { settings, file } = sample('odd-text');
  expect([...settings.routing.upstreams.keys()]).toEqual(['123', 'true', 'null-ish', '~', 'org/model:free']);
  expect(settings.routing.upstreams.get('null-ish')?.model).toBe('a b?c#d%e');
  expect(file).toMatchObject({ max_attempts: 9 });
});

it('every row of the tables that says what becomes of a thing keeps its word: it is not told as left out', () => {
  const odd: Record<string, string> = {
    fallbacks: '[{ m: [n] }]',
    default_fallbacks: '[n]',
    context_window_fallbacks: '[{ m: [n] }]',
    model_group_alias: '{ other: m }',
    routing_strategy: 'simple-shuffle',
    set_verbose: 'true',
    disable_cooldowns: 'true',
    redis_url: 'redis://h',
    custom_llm_provider: 'openai',
    model: 'gpt-4o',
    api_base: 'http://h/v1',
    base_url: 'http://h/v1',
    litellm_credential_name: 'c',
  };
  const line = ([name, row]: [string, object]): string[] =>
    'becomes' in row ? [`${name}: ${odd[name] ?? (/callback/.test(name) ? '[prometheus]' : '1')}`] : [];
  const section = (rows: Readonly<Record<string, object>>): string =>
    Object.entries(rows)
      .flatMap(line)
      .map((text) => `  ${text}\n`)
      .join('');
  const entries = Object.entries(PARAMETER_ROWS)
    .flatMap(line)
    .filter((text) => !text.startsWith('model:'));
  const { report } = written(
    `credential_list: [{ credential_name: c, credential_values: {} }]
model_list:
${entries.map((text) => `  - { model_name: m, litellm_params: { model: gpt-4o, ${text} } }\n`).join('')}
  - { model_name: n, litellm_params: { model: gpt-4o } }
litellm_settings:
${section(LITELLM_SETTINGS_ROWS)}
router_settings:
${section(ROUTER_SETTINGS_ROWS)}
general_settings:
${section(GENERAL_SETTINGS_ROWS)}`,
  );
  expect(report.left).toEqual([]);
});

it('whatever is thrown together loads', () => {
  const random = new SeededRandom(7);
  const pick = <T>(...of: readonly T[]): T => of[random.below(of.length)] as T;
  const names = ['a', 'b', 'c', 'a-1', 'b/c', 'default', '*', 'toString', 'x,y'];
  const models = [
    'gpt-4o',
    'azure/d',
    'bedrock/us-east-1/x',
    'vertex_ai/g',
    'openai/*',
    'ollama/x',
    'nobody/x',
    'groq/l',
    '',
    'a b',
    'cloudflare/@cf/x',
    'databricks/x',
  ];
  const some = (of: readonly string[]): string[] => Array.from({ length: random.below(4) }, () => pick(...of));
  for (let round = 0; round < 150; round++) {
    const entries = Array.from({ length: 1 + random.below(6) }, () => ({
      model_name: pick(...names),
      litellm_params: {
        model: pick(...models),
        ...(random.below(3) === 0 && {
          api_base: pick('http://h:1/v1', 'https://h', 'h', 'os.environ/X', 'http://u:p@h', 'http://h/v1/chat/completions', 'http://h?x=1', '${H}'),
        }),
        ...(random.below(3) === 0 && { api_key: pick('k', 'os.environ/K', 'os.environ/GATEWAY_K', 'none', '', '${K}', 'os.environ/1') }),
        ...(random.below(3) === 0 && {
          [pick('weight', 'rpm', 'tpm', 'order', 'timeout', 'max_parallel_requests')]: pick<unknown>(0, 1, 0.5, 1e9, -1, 'x', '7', 1e300),
        }),
        ...(random.below(4) === 0 && {
          [pick('aws_region_name', 'vertex_project', 'vertex_location', 'api_version', 'custom_llm_provider')]: pick(
            '',
            'x',
            'eu-west-1',
            '${X}',
            'openai',
          ),
        }),
      },
    }));
    const router = {
      fallbacks: Array.from({ length: random.below(5) }, () => ({ [pick(...names)]: some(names) })),
      default_fallbacks: some(names),
      model_group_alias: Object.fromEntries(some(names).map((name) => [name, pick(...names)])),
      [pick('timeout', 'stream_timeout', 'num_retries', 'allowed_fails', 'cooldown_time', 'redis_url', 'redis_host')]: pick<unknown>(
        0,
        1,
        1e9,
        0.0001,
        'x',
        'redis://h',
        '${X}',
        '86400',
        99,
      ),
    };
    const config = { model_list: entries, router_settings: router, general_settings: { max_request_size_mb: pick<unknown>(0, 1, 1e9, 'x') } };
    expect(() => written(JSON.stringify(config))).not.toThrow();
  }
});
