import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { letsOut } from '../packaging/egress.js';
import { schemaFaults } from '../packaging/manifest-schema.js';
import { type Deployment, kubectl, type Manifest, type NetworkPolicy, renderedManifests } from '../packaging/manifests.js';
import { examplesIn } from './examples.js';
import { followGuide, type GuidedStep, guidedSteps, isAddition } from './guided-folder.js';
import type { Pasted } from './pasted-shell.js';
import { ReadmeDesk } from './readme-desk.js';

jest.setTimeout(30_000);

const page = readFileSync('docs/kubernetes.md', 'utf8');
const steps = guidedSteps(page);
const beginning = steps.filter((step) => !isAddition(step));
const additions = steps.filter(isAddition);
const MINE = 'deploy/overlays/mine';
const KEYS = 'export OPENAI_API_KEY=sk-one ANTHROPIC_API_KEY=sk-two HF_TOKEN=hf-three\n';

const rendering = kubectl === undefined ? describe.skip : describe;
if (kubectl === undefined)
  process.stderr.write('\n*** SKIPPED: no kubectl here; what the guide for Kubernetes tells one to write is not rendered. ***\n\n');

const seen = new Map<string, readonly Manifest[]>();

/** The folder with these additions, rendered once. */
function rendered(more: readonly GuidedStep[]): readonly Manifest[] {
  const key = more.map((step) => additions.indexOf(step)).join();
  const known = seen.get(key) ?? renderedAnew(more);
  seen.set(key, known);
  return known;
}

function renderedAnew(more: readonly GuidedStep[]): Manifest[] {
  const folder = mkdtempSync(join(tmpdir(), 'nexus-guide-'));
  try {
    followGuide(folder, [...beginning, ...more]);
    return renderedManifests(join(folder, MINE));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const named = <T extends Manifest>(manifests: readonly Manifest[], kind: string, name: string): T =>
  manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name) as T;
const gatewayOf = (manifests: readonly Manifest[]): Deployment => named<Deployment>(manifests, 'Deployment', 'nexus-gateway');
/** What the Secret must hold, or a pod does not start. */
function askedOfSecret(deployment: Deployment): string[] {
  const { containers, volumes } = deployment.spec.template.spec;
  const variables = containers[0].env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []);
  const files = volumes.flatMap(({ secret }) => (secret as { items?: readonly { key: string }[] } | undefined)?.items ?? []);
  return [...new Set([...variables.filter(({ name }) => name === 'nexus-gateway'), ...files].map(({ key }) => key))].toSorted();
}

rendering('the folder of the guide', () => {
  let first: readonly Manifest[] = [];
  beforeAll(() => {
    first = rendered([]);
  });

  it.each<readonly [string, readonly GuidedStep[]]>([
    ['as it begins', []],
    ...additions.map((step) => [`with ${step.path.replace(`${MINE}/`, '')}${step.isLines ? `: ${step.text.split('\n')[0]}` : ''}`, [step]] as const),
    ['with every addition', additions],
  ])('%s: is what Kubernetes takes, and nothing stands there twice', (_, more) => {
    const manifests = rendered(more);
    for (const manifest of manifests) expect(schemaFaults(manifest) ?? []).toEqual([]);
    const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
    for (const { kind, metadata } of manifests) if (kind !== 'Namespace') expect(metadata.namespace).toBe('nexus-gateway');
  });

  it('runs the image it names, by digest, on the settings it holds', () => {
    expect(gatewayOf(first).spec.template.spec.containers[0].image).toMatch(/^registry\.example\.com\/nexus-gateway@sha256:[0-9a-f]{64}$/);
    const map = first.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('nexus-gateway-')) as Manifest & {
      data: Record<string, string>;
    };
    expect(map.data['gateway.yaml']).toBe(beginning.find(({ path }) => path === `${MINE}/gateway.yaml`)?.text);
  });

  const adding = (word: string): readonly Manifest[] => rendered(additions.filter(({ path, text }) => path.includes(word) || text.includes(word)));

  it('with the label for the operator: its own kinds have it, and no selector asks for it', () => {
    const manifests = adding('release:');
    for (const kind of ['ServiceMonitor', 'PrometheusRule'])
      expect(named(manifests, kind, 'nexus-gateway').metadata.labels).toMatchObject({ release: 'kube-prometheus-stack' });
    expect(gatewayOf(manifests).spec.selector).toEqual(gatewayOf(first).spec.selector);
    expect(gatewayOf(manifests).spec.template.metadata.labels).toEqual(gatewayOf(first).spec.template.metadata.labels);
  });

  it('without the hash the ConfigMap keeps its name, so that a change reaches pods that run', () => {
    const manifests = adding('disableNameSuffixHash');
    expect(named(manifests, 'ConfigMap', 'nexus-gateway')).toBeDefined();
    expect(gatewayOf(manifests).spec.template.spec.volumes.find(({ name }) => name === 'settings')?.configMap?.name).toBe('nexus-gateway');
  });

  it('with policies: they are mounted where the variable says, and the keys still are', () => {
    const deployment = gatewayOf(adding('policies.yaml'));
    expect(askedOfSecret(deployment)).toEqual([...askedOfSecret(gatewayOf(first)), 'api-key-policies'].toSorted());
    const variable = deployment.spec.template.spec.containers[0].env.find(({ name }) => name === 'GATEWAY_API_KEY_POLICIES_FILE');
    expect(variable?.value).toBe('/etc/nexus-gateway/secrets/api-key-policies');
  });

  it('with a policy more: the collector and the Redis are reached, which they are not without', () => {
    const collector = {
      pod: { 'app.kubernetes.io/name': 'opentelemetry-collector' },
      namespace: { 'kubernetes.io/metadata.name': 'monitoring' },
      port: 4318,
    };
    const redis = { address: '10.20.0.7', port: 6379 };
    const reaches = (manifests: readonly Manifest[], to: Parameters<typeof letsOut>[1]): boolean =>
      manifests
        .filter((manifest): manifest is NetworkPolicy => manifest.kind === 'NetworkPolicy')
        .filter(({ spec }) => spec.podSelector.matchLabels['app.kubernetes.io/name'] === 'nexus-gateway')
        .some((policy) => letsOut(policy, to));
    const manifests = adding('network-policy.yaml');
    for (const to of [collector, redis]) expect([reaches(first, to), reaches(manifests, to)]).toEqual([false, true]);
  });

  it('with vLLM: the model server runs, and serves the model that the page puts into the settings', () => {
    const manifests = adding('components/vllm');
    expect(named(manifests, 'Deployment', 'vllm')).toBeDefined();
    const [, yaml = ''] = /<!-- yaml -->\n+```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    const model = manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('vllm-')) as Manifest & {
      data: Record<string, string>;
    };
    expect((parse(yaml) as { upstreams: { llama: { model: string } } }).upstreams.llama.model).toBe(model.data['MODEL_ID']);
  });

  it('every name that a command of the page means exists', () => {
    const everything = [...rendered(additions), ...renderedManifests('deploy/overlays/dev')];
    const lines = [...page.matchAll(/^```sh\n([\s\S]*?)^```|`(kubectl [^`]+)`/gm)].map(([, block, inline]) => block ?? inline ?? '').join('\n');
    const kinds: Readonly<Record<string, string>> = { deployment: 'Deployment', service: 'Service', hpa: 'HorizontalPodAutoscaler' };
    const means = [...lines.matchAll(/\b(deployment|service|hpa)[/ ]([a-z][\w-]*)/g)];
    expect(means.length).toBeGreaterThan(5);
    expect(means.filter(([, kind = '', name = '']) => named(everything, kinds[kind] ?? '', name) === undefined)).toEqual([]);
    const namespaces = [...lines.matchAll(/kubectl -n (\S+)/g)].map(([, name]) => name);
    expect(new Set(namespaces)).toEqual(new Set(['nexus-gateway', 'nexus-gateway-dev', 'monitoring', 'CLIENTS']));
    const paths = [...lines.matchAll(/ (?:-k|-f|kustomize|--from-file=) ?((?:deploy|config)\/\S+)/g)].map(([, path = '']) => path);
    expect(paths.length).toBeGreaterThan(5);
    expect(paths.filter((path) => !path.startsWith(MINE) && !existsSync(path))).toEqual([]);
  });

  it('the figures of the page are those of the manifests', () => {
    const { minReplicas, maxReplicas, metrics, behavior } = (
      named(first, 'HorizontalPodAutoscaler', 'nexus-gateway') as Manifest & {
        spec: {
          minReplicas: number;
          maxReplicas: number;
          metrics: { pods?: { target: { averageValue: string } }; resource?: { target: { averageUtilization: number } } }[];
          behavior: { scaleDown: { stabilizationWindowSeconds: number } };
        };
      }
    ).spec;
    const pod = gatewayOf(first).spec.template.spec;
    const set = (name: string): string => pod.containers[0].env.find((variable) => variable.name === name)?.value ?? 'not set';
    for (const text of [
      `${minReplicas} to ${maxReplicas} pods`,
      `${metrics.find(({ pods }) => pods !== undefined)?.pods?.target.averageValue} calls in flight for each pod`,
      `CPU at ${metrics.find(({ resource }) => resource !== undefined)?.resource?.target.averageUtilization} % of what a pod asks for`,
      `\`terminationGracePeriodSeconds\` (${pod.terminationGracePeriodSeconds})`,
      `${set('GATEWAY_DRAIN_DELAY_SECONDS')} s more (\`GATEWAY_DRAIN_DELAY_SECONDS\`)`,
      `at most ${Number(set('GATEWAY_DRAIN_TIMEOUT_SECONDS')) / 60} minutes`,
      `(${set('GATEWAY_REPLICAS')}, as \`minReplicas\`)`,
    ])
      expect(page).toContain(text);
    expect(behavior.scaleDown.stabilizationWindowSeconds).toBe(300);
    expect(pod.containers[0].resources.requests.cpu).toBe('1');
    expect(pod.containers[0].lifecycle?.preStop.exec.command.join(' ')).toContain('3000');
  });
});

describe('the page itself', () => {
  it('every path that it names exists', () => {
    const named = [...page.matchAll(/`((?:deploy|config|docs|test)\/[\w./-]+|(?:base|components|overlays)\/[\w./-]+)`/g)].map(
      ([, path = '']) => path,
    );
    expect(named.length).toBeGreaterThan(8);
    const written = steps.map(({ path }) => path);
    expect(named.filter((path) => !existsSync(path) && !existsSync(join('deploy', path)) && !written.includes(path))).toEqual([]);
  });

  it('a command that is not run here wants a cluster or a registry', () => {
    const blocks = [...page.matchAll(/(<!-- (?:run|offline)[^\n]* -->\n+)?```sh\n([\s\S]*?)```/g)];
    const left = blocks.filter(([, mark]) => mark === undefined).flatMap(([, , text = '']) => text.replaceAll('\\\n', '').trim().split('\n'));
    expect(left.length).toBeGreaterThan(10);
    const elsewhere =
      /^(docker (build|push|inspect) |kind load |kubectl (-n [\w-]+ )?(apply -[fk]|rollout|port-forward|label namespace|get|logs|run|delete) ?)/;
    expect(left.filter((line) => !elsewhere.test(line))).toEqual([]);
  });
});

describe('what can be pasted without a cluster', () => {
  const examples = examplesIn(page);
  const offline = [...page.matchAll(/<!-- offline -->\n+```sh\n([\s\S]*?)```/g)].map(([, code = '']) => code);
  let desk: ReadmeDesk;
  beforeAll(() => {
    desk = new ReadmeDesk();
    followGuide(desk.folder, beginning);
  });
  afterAll(() => desk.close());

  const paste = async (section: string): Promise<Pasted> => {
    const [example, ...others] = examples.filter((one) => one.section === section);
    if (example === undefined || others.length > 0) throw new Error(`not one example under "${section}"`);
    const result = await desk.run(example);
    for (const text of example.prints) expect(result.output).toContain(text);
    expect(result.code).toBe(0);
    return result;
  };
  const gateway = (code: string): Promise<void> => desk.start({ section: '', action: 'start', needsRedis: false, prints: [], code });

  it('are the sections that are tried below', () => {
    expect(examples.map(({ section }) => section)).toEqual(['Try it', '2. A folder of your own', '4. Look', '7. See that it works']);
  });

  it('the overlay dev answers as the page says', async () => {
    await gateway('npm start');
    await paste('Try it');
  });

  it('the settings are checked', async () => {
    expect((await paste('2. A folder of your own')).output).toContain('ANTHROPIC_API_KEY');
  });

  (kubectl === undefined ? it.skip : it)('the folder is rendered, and the Secret has what its pods ask for', async () => {
    await paste('4. Look');
    const made = await Promise.all(
      offline.map(async (code) => {
        const [whole] = code.split(/\s*(?:\\\n\s*)?\| kubectl apply/);
        const { output } = await desk.run({ section: '', action: 'run', needsRedis: false, prints: [], code: `${KEYS}${whole}` });
        return parse(output) as Manifest & { data: Record<string, string> };
      }),
    );
    expect(made.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)).toEqual([
      'Secret nexus-gateway/nexus-gateway',
      'ConfigMap monitoring/nexus-gateway-dashboards',
      'Secret nexus-gateway/vllm',
    ]);
    const [secret, dashboards, vllm] = made;
    expect(Object.keys(secret?.data ?? {}).toSorted()).toEqual(askedOfSecret(gatewayOf(rendered([]))));
    expect(dashboards?.metadata.labels).toEqual({ grafana_dashboard: '1' });
    expect(Object.keys(dashboards?.data ?? {})).toHaveLength(4);
    expect(Object.keys(vllm?.data ?? {})).toEqual(['hf-token']);
    for (const manifest of made) expect(schemaFaults(manifest)?.filter((fault) => !fault.includes('creationTimestamp'))).toEqual([]);
  });

  it('a gateway on these settings passes every call of the smoke test, its provider played by a second one', async () => {
    await desk.run({ section: '', action: 'run', needsRedis: false, prints: [], code: 'test -s api-keys || echo a-key-of-a-client > api-keys' });
    await gateway("GATEWAY_PORT=8001 GATEWAY_API_KEYS=sk-one GATEWAY_UPSTREAMS='gpt-4o-mini=mock://local' npm start");
    await gateway(
      `GATEWAY_CONFIG_FILE=${MINE}/gateway.yaml GATEWAY_API_KEYS_FILE=$PWD/api-keys OPENAI_API_BASE=http://localhost:8001/v1 OPENAI_API_KEY=sk-one npm start`,
    );
    await paste('7. See that it works');
  });
});
