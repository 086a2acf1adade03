import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { installedPrometheus } from '../doubles/installed-prometheus.js';
import { type Destination, letsOut } from './egress.js';
import { schemaFaults } from './manifest-schema.js';
import { baseManifests, type Container, type Deployment, kubectl, type Manifest, type NetworkPolicy, renderedManifests } from './manifests.js';
import { PUBLISHED_METRICS } from './published-metrics.js';
import { ruleGroups } from './rules.js';

const COMPONENTS = ['autoscaling', 'monitoring', 'redis', 'vllm'] as const;
const rendering = kubectl === undefined ? describe.skip : describe;
if (kubectl === undefined) process.stderr.write('\n*** SKIPPED: no kubectl here; components are not rendered. ***\n\n');

/** The overlay prod with every component turned on, as somebody would write it who has all that they need. */
function everything(): Manifest[] {
  const folder = mkdtempSync(join(tmpdir(), 'nexus-kustomize-'));
  const from = (path: string): string => relative(folder, resolve('deploy', path));
  try {
    // prod has autoscaling already.
    const components = COMPONENTS.filter((name) => name !== 'autoscaling').map((name) => from(`components/${name}`));
    writeFileSync(
      join(folder, 'kustomization.yaml'),
      stringify({
        apiVersion: 'kustomize.config.k8s.io/v1beta1',
        kind: 'Kustomization',
        namespace: 'nexus-gateway',
        resources: [from('overlays/prod')],
        components,
      }),
    );
    return renderedManifests(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function named<T extends Manifest>(manifests: readonly Manifest[], kind: string, name: string): T {
  const found = manifests.filter((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (found.length !== 1) throw new Error(`${found.length} of ${kind} ${name}`);
  return found[0] as T;
}

type Service = Manifest & { readonly spec: { readonly selector: Record<string, string>; readonly ports: readonly { name: string; port: number }[] } };
type Args = Container & { readonly args: readonly string[]; readonly command: readonly string[] };

describe('the schema that manifests are held against', () => {
  test.each<[string, (manifest: Deployment) => unknown]>([
    ['an unknown field', ({ spec }) => Object.assign(spec.template.spec, { terminationGracePeriod: 5 })],
    ['a number where a text must stand', ({ spec }) => Object.assign(spec.template.spec, { serviceAccountName: 5 })],
    ['a text where a number must stand', ({ spec }) => Object.assign(spec.template.spec, { terminationGracePeriodSeconds: '630' })],
    ['a container without its name', ({ spec }) => Object.assign(spec.template.spec.containers[0], { name: undefined })],
    ['a list that is none', ({ spec }) => Object.assign(spec.template.spec, { volumes: {} })],
  ])('finds %s', (_, spoil) => {
    const manifest = baseManifests().find(({ kind }) => kind === 'Deployment') as Deployment;
    expect(schemaFaults(manifest)).toEqual([]);
    spoil(manifest);
    expect(schemaFaults(JSON.parse(JSON.stringify(manifest)) as Deployment)).toHaveLength(1);
  });
});

rendering('prod with every component', () => {
  let manifests: readonly Manifest[] = [];
  beforeAll(() => {
    manifests = everything();
  });
  const deployment = (name: string): Deployment => named<Deployment>(manifests, 'Deployment', name);
  const container = (name: string): Args => deployment(name).spec.template.spec.containers[0] as Args;

  test('has every kind in the shape that Kubernetes asks for, and no two of one name', () => {
    const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
    const strangers = manifests.filter((manifest) => schemaFaults(manifest) === undefined).map(({ kind }) => kind);
    expect(strangers.toSorted()).toEqual(['PrometheusRule', 'ServiceMonitor']);
    for (const manifest of manifests) expect(schemaFaults(manifest) ?? []).toEqual([]);
  });

  test('is in one namespace whole', () => {
    for (const { kind, metadata } of manifests)
      if (kind !== 'Namespace') expect({ kind, in: metadata.namespace }).toEqual({ kind, in: 'nexus-gateway' });
  });

  test.each(['nexus-gateway', 'redis', 'vllm'])('%s: nobody with rights, and nothing written but where something is mounted', (name) => {
    const pod = deployment(name).spec.template.spec;
    expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(Number(pod.securityContext['runAsUser'])).toBeGreaterThan(0);
    for (const key of ['hostNetwork', 'hostPID', 'hostIPC']) expect(pod).not.toHaveProperty(key);
    expect(pod.containers).toHaveLength(1);
    expect(pod.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    // The profile "restricted" knows these volumes alone.
    for (const { name: _, ...source } of pod.volumes)
      expect(['configMap', 'secret', 'emptyDir', 'persistentVolumeClaim']).toContain(Object.keys(source)[0]);
  });

  test.each(['nexus-gateway', 'redis', 'vllm'])('%s: resources are asked for, and memory ends somewhere', (name) => {
    const { requests, limits } = container(name).resources;
    expect([requests.cpu, requests.memory, limits.memory].every((amount) => /^\d/.test(amount))).toBe(true);
    expect(container(name).image).toMatch(/:v?\d+\.\d+/);
  });

  test.each(['nexus-gateway', 'redis', 'vllm'])('%s: its Service means its pods, and three probes ask for them', (name) => {
    const { selector, ports } = named<Service>(manifests, 'Service', name).spec;
    expect(deployment(name).spec.template.metadata.labels).toMatchObject(selector);
    expect(deployment(name).spec.template.metadata.labels).toMatchObject(deployment(name).spec.selector.matchLabels);
    expect(container(name).ports.map((port) => port.name)).toContain(ports[0]?.name);
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'] as const) expect(container(name)[probe]).toBeDefined();
  });

  test.each([
    ['redis', 6379],
    ['vllm', 8000],
  ] as const)('%s: the gateway may reach it, and nobody else is let in', (name, port) => {
    const pod = deployment(name).spec.template.metadata.labels;
    expect(letsOut(named<NetworkPolicy>(manifests, 'NetworkPolicy', 'nexus-gateway'), { pod, port })).toBe(true);
    const policy = named<NetworkPolicy>(manifests, 'NetworkPolicy', name);
    expect(pod).toMatchObject(policy.spec.podSelector.matchLabels ?? {});
    expect(policy.spec.policyTypes).toEqual(['Ingress', 'Egress']);
    const [rule, ...others] = policy.spec.ingress;
    expect(others).toEqual([]);
    expect(rule?.ports.map(({ port: open }) => open)).toEqual([container(name).ports[0]?.name]);
    for (const { podSelector, ...elsewhere } of rule?.from ?? []) {
      expect(elsewhere).toEqual({});
      expect(deployment('nexus-gateway').spec.template.metadata.labels).toMatchObject(podSelector?.matchLabels ?? { none: 'none' });
    }
  });

  test.each<[string, string, boolean, Destination]>([
    ['redis', 'the internet', false, { address: '203.0.113.7', port: 443 }],
    ['vllm', 'weights on the internet', true, { address: '203.0.113.7', port: 443 }],
    ['vllm', "the cloud's metadata service", false, { address: '169.254.169.254', port: 443 }],
    ['vllm', 'a host of the private network', false, { address: '10.0.0.7', port: 443 }],
  ])('%s reaches %s: %s', (name, _, reaches, destination) => {
    expect(letsOut(named<NetworkPolicy>(manifests, 'NetworkPolicy', name), destination)).toBe(reaches);
  });

  test('Redis writes nothing down, and its memory ends below that of its pod', () => {
    const { args, resources } = container('redis');
    expect(args.join(' ')).toContain('--save  --appendonly no');
    expect(Number.parseInt(args[args.indexOf('--maxmemory') + 1] ?? '')).toBeLessThan(Number.parseInt(resources.limits.memory));
    expect(deployment('redis').spec.replicas).toBe(1);
    expect(deployment('redis').spec.strategy).toEqual({ type: 'Recreate' });
  });

  test('the Redis of the component is the one that the example of a Secret names', () => {
    const { stringData } = parse(readFileSync('deploy/base/secret.example.yaml', 'utf8')) as { stringData: Record<string, string> };
    const url = new URL(stringData['redis-url'] ?? '');
    expect(named<Service>(manifests, 'Service', url.hostname).spec.ports[0]?.port).toBe(Number(url.port));
  });

  test('vLLM has a GPU, room for its weights and its shared memory, and two hours to load them', () => {
    const { resources, startupProbe, volumeMounts, command, args } = container('vllm');
    expect(resources.limits).toMatchObject({ 'nvidia.com/gpu': '1' });
    expect(command).toEqual(['vllm', 'serve']);
    expect(args[0]).toBe('$(MODEL_ID)');
    expect(startupProbe.httpGet).toEqual({ path: '/health', port: 'http' });
    expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBeGreaterThanOrEqual(7200);
    expect(volumeMounts.map(({ mountPath }) => mountPath)).toEqual(expect.arrayContaining(['/models', '/dev/shm', '/tmp']));
    expect(deployment('vllm').spec.strategy).toEqual({ type: 'Recreate' });
    expect(named(manifests, 'PersistentVolumeClaim', 'vllm-models')).toBeDefined();
  });

  test('the upstream that the settings of prod name is the model server of the component, with the model it serves', () => {
    const settings = manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('nexus-gateway-')) as Manifest & {
      data: Record<string, string>;
    };
    const { upstreams } = parse(settings.data['gateway.yaml'] ?? '') as { upstreams: Record<string, { url: string; model: string }> };
    const url = new URL(upstreams['llama']?.url ?? '');
    expect(named<Service>(manifests, 'Service', url.hostname).spec.ports[0]?.port).toBe(Number(url.port));
    const model = manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('vllm-')) as Manifest & {
      data: Record<string, string>;
    };
    expect(upstreams['llama']?.model).toBe(model.data['MODEL_ID']);
  });

  test('the gateway is given time: preStop, delay and drain are over before it is killed, and Swagger is not served', () => {
    const { env, lifecycle } = container('nexus-gateway');
    const seconds = (name: string): number => Number(env.find((variable) => variable.name === name)?.value);
    const [program, , script = ''] = lifecycle?.preStop.exec.command ?? [];
    expect(program).toBe('node');
    const preStop = Number(/\d+(?=\)$)/.exec(script)?.[0]) / 1000;
    expect(preStop).toBeGreaterThan(0);
    expect(deployment('nexus-gateway').spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(
      preStop + seconds('GATEWAY_DRAIN_DELAY_SECONDS') + seconds('GATEWAY_DRAIN_TIMEOUT_SECONDS'),
    );
    expect(seconds('GATEWAY_REQUEST_TIMEOUT_SECONDS')).toBe(120);
    expect(env.find(({ name }) => name === 'GATEWAY_DOCS')?.value).toBe('false');
  });

  test('its preStop, run as it stands, waits and ends well', () => {
    const { lifecycle } = container('nexus-gateway');
    const [, ...args] = lifecycle?.preStop.exec.command ?? [];
    const startedAt = performance.now();
    expect(spawnSync(process.execPath, args).status).toBe(0);
    expect(performance.now() - startedAt).toBeGreaterThan(2_900);
  });

  test('the autoscaler goes by calls in flight and by CPU, and is in no hurry to take away', () => {
    const { spec } = named<Manifest & { spec: { minReplicas: number; metrics: { pods?: { metric: { name: string } } }[]; behavior: object } }>(
      manifests,
      'HorizontalPodAutoscaler',
      'nexus-gateway',
    );
    expect(spec.metrics).toEqual([
      expect.objectContaining({ type: 'Pods', pods: expect.objectContaining({ target: { type: 'AverageValue', averageValue: '200' } }) }),
      expect.objectContaining({ type: 'Resource', resource: expect.objectContaining({ name: 'cpu' }) }),
    ]);
    expect(spec.behavior).toMatchObject({ scaleDown: { stabilizationWindowSeconds: 300 } });
    expect(PUBLISHED_METRICS[spec.metrics[0]?.pods?.metric.name ?? '']).toMatchObject({ kind: 'gauge' });
    const adapter = parse(readFileSync('deploy/components/autoscaling/prometheus-adapter.yaml', 'utf8')) as {
      rules: { custom: { name: { as: string } }[] };
    };
    expect(adapter.rules.custom[0]?.name.as).toBe(spec.metrics[0]?.pods?.metric.name);
  });

  test('the rules of the operator are those of the file, and promtool takes them', () => {
    const { spec } = named<Manifest & { spec: object }>(manifests, 'PrometheusRule', 'nexus-gateway');
    expect(spec).toEqual(ruleGroups());
    const programs = installedPrometheus();
    if (programs === undefined) return;
    const folder = mkdtempSync(join(tmpdir(), 'nexus-rules-'));
    writeFileSync(join(folder, 'rules.yml'), stringify(spec));
    expect(spawnSync(programs.promtool, ['check', 'rules', join(folder, 'rules.yml')]).status).toBe(0);
    rmSync(folder, { recursive: true });
  });
});

rendering.each(['dev', 'prod'])('the overlay %s', (overlay) => {
  test('has the shape that Kubernetes asks for', () => {
    for (const manifest of renderedManifests(join('deploy', 'overlays', overlay))) expect(schemaFaults(manifest)).toEqual([]);
  });
});
