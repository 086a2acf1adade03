import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { UpstreamSettings } from '../contracts/gateway-settings.js';
import { type LoadedSettings, loadSettings } from './load-settings.js';
import { SettingsMistakes } from './settings-mistakes.js';

const load = (upstream: string, env: Record<string, string> = {}): LoadedSettings =>
  loadSettings({ env: { GATEWAY_UPSTREAMS: `u=${upstream}`, ...env }, cwd: '/nonexistent' });
const upstream = (text: string, env?: Record<string, string>): UpstreamSettings =>
  load(text, env).settings.routing.upstreams.get('u') as UpstreamSettings;
const mistake = (text: string, env?: Record<string, string>): string => {
  try {
    load(text, env);
  } catch (error) {
    if (error instanceof SettingsMistakes) return error.message;
    throw error;
  }
  return '';
};

it.each([
  ['http://h:1', 'http://h:1/v1'],
  ['http://h:1/', 'http://h:1/v1'],
  ['http://h:1/v1', 'http://h:1/v1'],
  ['http://h:1/v1/', 'http://h:1/v1'],
  ['http://h:1/mode', 'http://h:1/mode/v1'],
  ['http://h:1/mode/v1', 'http://h:1/mode/v1'],
  ['https://api.example.com/openai/v1beta', 'https://api.example.com/openai/v1beta'],
  ['http://[::1]:8001', 'http://[::1]:8001/v1'],
  ['HTTP://Host:80', 'http://host/v1'],
])('the base of %s is %s', (text, base) => {
  expect(upstream(text)).toMatchObject({ kind: 'http', baseUrl: base, model: undefined, apiKey: undefined, keyMissing: false, mock: undefined });
});

it('options stand in the query', () => {
  const text =
    'http://localhost:8001?model=meta-llama/Meta-Llama-3-8B-Instruct&api_key_env=VLLM_API_KEY&timeout=1500ms&max_concurrency=4&pass_through_errors=true';
  expect(upstream(text, { VLLM_API_KEY: 'k' })).toMatchObject({
    baseUrl: 'http://localhost:8001/v1',
    model: 'meta-llama/Meta-Llama-3-8B-Instruct',
    apiKey: 'k',
    firstByteTimeoutMs: 1500,
    concurrencyMax: 4,
    passThroughErrors: true,
  });
});

it.each([
  ['2', 2000],
  ['0.5', 500],
  ['2s', 2000],
  ['200ms', 200],
  ['1.5s', 1500],
])('a time-out of %s is %d ms', (text, ms) => {
  expect(upstream(`http://h?timeout=${text}`).firstByteTimeoutMs).toBe(ms);
});

it('a mock takes its practice options', () => {
  expect(
    upstream(
      'mock://local?ttft=200ms&tps=50&error_rate=0.1&status=503&reply=Hello%20you%3B&hang=true&cut_after=20&model=m&timeout=1&max_concurrency=2',
    ),
  ).toEqual({
    name: 'u',
    kind: 'mock',
    baseUrl: 'mock://local',
    model: 'm',
    apiKey: undefined,
    keyMissing: false,
    headers: {},
    firstByteTimeoutMs: 1000,
    concurrencyMax: 2,
    passThroughErrors: false,
    quirks: {},
    dialect: { name: 'openai', responses: false },
    mock: { ttftMs: 200, tokensPerSecond: 50, errorRate: 0.1, status: 503, reply: 'Hello you;', hang: true, cutAfter: 20 },
  });
});

it.each([
  ['localhost:8001', 'scheme is missing', '"http://localhost:8001"'],
  ['api.example.com', 'scheme is missing', '"http://api.example.com"'],
  ['htp://x', 'scheme must be http or https', 'did you mean http://?'],
  ['htps://x', 'scheme must be http or https', 'did you mean https://?'],
  ['litelm://x', 'scheme must be http or https', 'did you mean litellm://?'],
  ['ftp://x', 'scheme must be http or https', '"https://api.example.com/v1"'],
  ['http//x', 'scheme is missing', '"http://x"'],
  ['https//user:pw@x/v1?model=s', 'scheme is missing', '"https://x/v1"'],
  ['mock//local', 'scheme is missing', '"mock://local"'],
  ['x:8001/v1?model=s', 'scheme is missing', '"http://x:8001/v1"'],
  ['file:///etc/passwd', 'scheme must be http or https', ''],
  ['http://user:pw@host', 'credentials', 'api_key_env'],
  ['http://host/#part', 'fragment', ''],
  ['http://ho st', 'white space', ''],
  ['http://host/a\r\nb', 'white space', ''],
  ['http://', 'host is missing', ''],
  ['http:host', 'host is missing', ''],
  ['http://[::1', 'no valid address', ''],
  ['http://host:99999', 'no valid address', ''],
  ['http://host:0', 'port must be', ''],
  ['http://0.0.0.0:8001', '0.0.0.0 is an address to listen on', '"http://127.0.0.1:8001"'],
  ['http://host.:1', 'host may not end with a dot', '"http://host:1"'],
  ['http:\\\\host', 'backslashes', ''],
  ['http://host/v1/chat/completions', 'the address of an endpoint', '"http://host/v1"'],
  ['http://host?tiemout=1', 'is no option of a http upstream', 'did you mean timeout?'],
  ['http://host?ttft=1', 'is no option of a http upstream', ''],
  ['http://host?timeout=1&timeout=2', 'timeout is given twice', ''],
  ['http://host?timeout=soon', 'must be a time such as', 'timeout=30'],
  ['http://host?timeout=0', 'must be a time such as', ''],
  ['http://host?max_concurrency=1.5', 'must be a whole number', ''],
  ['http://host?pass_through_errors=maybe', 'must be true or false', ''],
  ['http://host?api_key_env=ABSENT', 'this environment variable is not set', 'set ABSENT'],
  ['http://host?api_key_env=sk-key', 'must be the name of an environment variable', ''],
  ['mock://elsewhere', 'its address is mock://local', ''],
  ['mock://local:9', 'its address is mock://local', ''],
  ['mock://local?error_rate=2', 'must be a number from 0 to 1', ''],
  ['mock://local?status=99', 'must be a whole number from 200 to 599', ''],
  ['mock://local?api_key_env=X', 'is no option of a mock upstream', ''],
  ['litellm://', 'the model is missing', ''],
  ['litellm://gpt-4o?model=x', 'is no option of a litellm upstream', ''],
])('%j is refused: %s', (text, reason, fix) => {
  const message = mistake(text);
  expect(message).toMatch(/^config error: GATEWAY_UPSTREAMS\.u/);
  expect(message).toContain(reason);
  expect(message.slice(message.indexOf('. Fix: '))).toContain(fix);
  expect(message.split('\n')).toHaveLength(1);
});

it.each(['__proto__', 'constructor', 'toString', 'a b', '', 'x'.repeat(201), '/', 'a,b', 'ünder'])('the name %j is refused', (name) => {
  expect(mistake('mock://local', { GATEWAY_UPSTREAMS: `${name}=mock://local` })).toMatch(/^config error: GATEWAY_UPSTREAMS\..* name/);
});

it('a key may stand in a file, and one that cannot be sent is refused unseen', () => {
  expect(mistake('http://h?api_key_env=K', { K: 'sec\nret' })).toMatch(/^config error: K = \*\*\*: must be plain text on one line/);
  expect(mistake('http://h?api_key_env=K', { K_FILE: '/nonexistent/key' })).toContain(
    'config error: K_FILE = "/nonexistent/key": there is no such file',
  );
});

it("a provider's key may stand in a file, which is watched", () => {
  const file = join(mkdtempSync(join(tmpdir(), 'key-')), 'key');
  writeFileSync(file, 'gsk-1\n');
  const { settings, files } = load('litellm://groq/x', { GROQ_API_KEY_FILE: file });
  expect(settings.routing.upstreams.get('u')).toMatchObject({ apiKey: 'gsk-1', keyMissing: false });
  expect(files).toEqual([file]);
  rmSync(dirname(file), { recursive: true });
});

it('a faulty upstream is not called unknown as well', () => {
  expect(mistake('htp://x', { GATEWAY_DEFAULT_UPSTREAM: 'u' }).split('\n')).toHaveLength(1);
});

it('a provider without its key starts with a warning; with one, without', () => {
  const { settings, warnings } = load('litellm://groq/llama-3.1-8b-instant?timeout=3');
  expect(settings.routing.upstreams.get('u')).toMatchObject({
    kind: 'http',
    baseUrl: 'https://api.groq.com/openai/v1',
    model: 'llama-3.1-8b-instant',
    keyMissing: true,
    apiKey: undefined,
    quirks: { usageAt: 'x_groq' },
    firstByteTimeoutMs: 3000,
  });
  expect(warnings).toEqual([expect.stringMatching(/^GATEWAY_UPSTREAMS\.u has no key: set GROQ_API_KEY/)]);
  expect(load('litellm://groq/x', { GROQ_API_KEY: 'gsk' }).warnings).toEqual([]);
  expect(upstream('litellm://groq/x?api_key_env=MINE', { MINE: 'own' })).toMatchObject({ apiKey: 'own', keyMissing: false });
});

it('a provider of another dialect is refused in one sentence, unless a LiteLLM proxy is there', () => {
  expect(mistake('litellm://watsonx_text/granite')).toMatch(/not spoken here yet\. Fix: .*GATEWAY_LITELLM_PROXY_URL/);
  expect(
    upstream('litellm://anthropic/claude-sonnet-4-5', { GATEWAY_LITELLM_PROXY_URL: 'http://localhost:4000', LITELLM_PROXY_API_KEY: 'sk-p' }),
  ).toMatchObject({ kind: 'http', baseUrl: 'http://localhost:4000/v1', model: 'anthropic/claude-sonnet-4-5', apiKey: 'sk-p' });
});

it("a base that a provider's variable names wrongly is told by that variable", () => {
  expect(mistake('litellm://groq/x', { GROQ_API_BASE: 'localhost:1' })).toContain('config error: GROQ_API_BASE = "localhost:1": scheme is missing');
  expect(mistake('litellm://hosted_vllm/x')).toContain('config error: HOSTED_VLLM_API_BASE = (missing): is not set');
});

describe('a litellm:// upstream with options of its own', () => {
  const azure = { AZURE_API_BASE: 'https://common.example', AZURE_API_KEY: 'common', AZURE_API_VERSION: '2024-01-01' };

  it('takes address and version from them before the environment, so that two may differ', () => {
    expect(upstream('litellm://azure/d?api_base=https%3A%2F%2Feu.example%2F&api_version=2025-01-01', azure)).toMatchObject({
      baseUrl: 'https://eu.example',
      model: 'd',
      apiKey: 'common',
      dialect: { name: 'azure', apiVersion: '2025-01-01' },
    });
    expect(upstream('litellm://azure/d', azure)).toMatchObject({ baseUrl: 'https://common.example', dialect: { apiVersion: '2024-01-01' } });
    expect(upstream('litellm://vertex_ai/gemini-2.0-flash?vertex_project=p&vertex_location=europe-west1')).toMatchObject({
      baseUrl: 'https://europe-west1-aiplatform.googleapis.com',
      dialect: { project: 'p', location: 'europe-west1' },
    });
  });

  it('a key of its own is a key, whatever tokens and applications the environment holds', () => {
    const env = { EU_KEY: 'own', AZURE_AD_TOKEN: 'token', AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c', AZURE_CLIENT_SECRET: 's' };
    expect(upstream('litellm://azure/d?api_base=http://127.0.0.1:9&api_key_env=EU_KEY', env)).toMatchObject({
      apiKey: 'own',
      dialect: { keyIsToken: false, application: undefined },
    });
  });

  it('is told which option is at fault, and how to mend it', () => {
    expect(mistake('litellm://azure/d?api_base=eu.example', azure)).toMatch(
      /upstreams\.u\.api_base = "eu\.example".*scheme is missing.*Fix: api_base=http:\/\/eu\.example/i,
    );
    expect(mistake('litellm://groq/m?api_version=2025-01-01')).toContain('means nothing to groq');
    expect(mistake('http://h?api_base=http://other')).toContain('is no option of a http upstream');
  });
});
