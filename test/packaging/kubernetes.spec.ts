import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { type LoadedSettings, loadSettings } from '../../src/config/load-settings.js';
import { type Destination, letsOut } from './egress.js';
import { baseManifests, type Deployment, kubectl, type Manifest, type NetworkPolicy, ofKind, renderedManifests } from './manifests.js';

const SECRETS: Readonly<Record<string, string>> = {
  'api-keys': 'key-one\nkey-two\n',
  'redis-url': 'redis://redis:6379',
  'openai-api-key': 'sk-example',
};

/** What a pod makes of its settings: the image's environment, the Deployment's, and the files that are mounted. */
function settingsOf(deployment: Deployment, settingsFile: string, secrets = SECRETS): LoadedSettings {
  const root = mkdtempSync(join(tmpdir(), 'nexus-pod-'));
  try {
    const env: Record<string, string> = { GATEWAY_HOST: '0.0.0.0' };
    const [container] = deployment.spec.template.spec.containers;
    for (const { name, value, valueFrom } of container.env) {
      const given = value ?? secrets[valueFrom?.secretKeyRef.key ?? ''];
      if (given !== undefined) env[name] = given.startsWith('/') ? join(root, given) : given;
    }
    for (const [path, content] of [
      [env['GATEWAY_CONFIG_FILE'], settingsFile],
      [env['GATEWAY_API_KEYS_FILE'], secrets['api-keys']],
    ]) {
      if (path === undefined || content === undefined) continue;
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
    return loadSettings({ env, cwd: root });
  } finally {
    rmSync(root, { recursive: true });
  }
}

function seconds(deployment: Deployment, name: string): number {
  return Number(deployment.spec.template.spec.containers[0].env.find((variable) => variable.name === name)?.value);
}

/** What holds wherever the gateway is installed. */
function everywhere(manifests: () => readonly Manifest[]): void {
  const deployment = (): Deployment => ofKind<Deployment>(manifests(), 'Deployment');
  const pod = (): Deployment['spec']['template']['spec'] => deployment().spec.template.spec;

  test('the pod has no rights: not root, no capabilities, nothing writable but /tmp, no token, the default seccomp profile', () => {
    expect(pod()).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false, serviceAccountName: 'nexus-gateway' });
    expect(pod().securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } });
    expect(pod().containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(
      pod()
        .containers[0].volumeMounts.filter(({ readOnly }) => readOnly !== true)
        .map(({ mountPath }) => mountPath),
    ).toEqual(['/tmp']);
    expect(ofKind<Manifest & { automountServiceAccountToken: boolean }>(manifests(), 'ServiceAccount').automountServiceAccountToken).toBe(false);
    expect(readFileSync('Dockerfile', 'utf8')).toContain('USER 10001:10001');
  });

  test('three probes, each with its own question; start-up has time, and no probe asks for an upstream', () => {
    const [{ startupProbe, livenessProbe, readinessProbe, ports }] = pod().containers;
    expect([startupProbe, livenessProbe, readinessProbe].map((probe) => probe.httpGet)).toEqual([
      { path: '/health/live', port: 'http' },
      { path: '/health/live', port: 'http' },
      { path: '/health/ready', port: 'http' },
    ]);
    expect(ports).toEqual([expect.objectContaining({ name: 'http', containerPort: 8000 })]);
    expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBeGreaterThanOrEqual(30);
  });

  test('a pod that leaves has time for its delay and for the longest call, and is missed by nobody', () => {
    const [delay, timeout] = [seconds(deployment(), 'GATEWAY_DRAIN_DELAY_SECONDS'), seconds(deployment(), 'GATEWAY_DRAIN_TIMEOUT_SECONDS')];
    expect(delay).toBe(5);
    const { settings } = settingsOf(deployment(), 'upstreams: { mock: "mock://local" }');
    expect(timeout * 1000).toBeGreaterThanOrEqual(settings.resilience.totalTimeoutMs);
    expect(pod().terminationGracePeriodSeconds).toBeGreaterThan(delay + timeout);
    expect(deployment().spec.strategy.rollingUpdate.maxUnavailable).toBe(0);
    expect(ofKind<Manifest & { spec: { maxUnavailable: number } }>(manifests(), 'PodDisruptionBudget').spec.maxUnavailable).toBe(1);
  });

  test('models have two minutes to their first byte', () => {
    expect(seconds(deployment(), 'GATEWAY_REQUEST_TIMEOUT_SECONDS')).toBe(120);
  });

  test('requests and limits are set, and pods spread over zones and nodes', () => {
    const { requests, limits } = pod().containers[0].resources;
    for (const amount of [requests.cpu, requests.memory, limits.cpu, limits.memory]) expect(amount).toMatch(/^\d+(m|Mi|Gi)?$/);
    expect(pod().topologySpreadConstraints.map(({ topologyKey }) => topologyKey)).toEqual(['topology.kubernetes.io/zone', 'kubernetes.io/hostname']);
  });

  test('the Service, the budget and the network policy mean these pods', () => {
    const labels = deployment().spec.template.metadata.labels;
    const service = ofKind<Manifest & { spec: { selector: Record<string, string>; ports: { port: number; targetPort: string }[] } }>(
      manifests(),
      'Service',
    );
    expect(service.metadata.name).toBe('nexus-gateway');
    expect(service.spec.ports).toEqual([expect.objectContaining({ port: 8000, targetPort: 'http' })]);
    const budget = ofKind<Manifest & { spec: { selector: { matchLabels: Record<string, string> } } }>(manifests(), 'PodDisruptionBudget');
    const policy = ofKind<NetworkPolicy>(manifests(), 'NetworkPolicy');
    for (const selector of [
      service.spec.selector,
      budget.spec.selector.matchLabels,
      policy.spec.podSelector.matchLabels,
      deployment().spec.selector.matchLabels,
    ])
      expect(labels).toMatchObject(selector);
    expect(deployment().metadata.labels).toMatchObject({ 'app.kubernetes.io/name': 'nexus-gateway', 'app.kubernetes.io/component': 'gateway' });
  });

  test('secrets come from the Secret, never as text in the manifest', () => {
    for (const { name, value } of pod().containers[0].env)
      if (/KEY|SECRET|TOKEN|REDIS_URL/.test(name) && !name.endsWith('_FILE')) expect({ name, value }).toEqual({ name, value: undefined });
  });

  test.each<[string, boolean, Destination]>([
    ['a provider on the internet', true, { address: '203.0.113.7', port: 443 }],
    ['a provider over IPv6', true, { address: '2001:db8::7', port: 443 }],
    ['plain http on the internet', false, { address: '203.0.113.7', port: 80 }],
    ["the cloud's metadata service", false, { address: '169.254.169.254', port: 443 }],
    ['the metadata service, on its own port', false, { address: '169.254.169.254', port: 80 }],
    ['a host of the private network', false, { address: '10.1.2.3', port: 443 }],
    ['a unique local address', false, { address: 'fd00:ec2::254', port: 443 }],
    [
      'the cluster names',
      true,
      { pod: { 'k8s-app': 'kube-dns' }, namespace: { 'kubernetes.io/metadata.name': 'kube-system' }, port: 53, protocol: 'UDP' },
    ],
    [
      'another pod of kube-system',
      false,
      { pod: { 'k8s-app': 'metrics-server' }, namespace: { 'kubernetes.io/metadata.name': 'kube-system' }, port: 443 },
    ],
    ['Redis beside it', true, { pod: { 'app.kubernetes.io/name': 'redis' }, port: 6379 }],
    [
      'Redis of another namespace',
      false,
      { pod: { 'app.kubernetes.io/name': 'redis' }, namespace: { 'kubernetes.io/metadata.name': 'other' }, port: 6379 },
    ],
    ['a model server beside it', true, { pod: { 'app.kubernetes.io/component': 'model-server' }, port: 8000 }],
    ['anything else in the namespace', false, { pod: { 'app.kubernetes.io/name': 'billing' }, port: 8000 }],
  ])('the network policy: %s is reached: %s', (_, allowed, destination) => {
    expect(letsOut(ofKind<NetworkPolicy>(manifests(), 'NetworkPolicy'), destination)).toBe(allowed);
  });

  test('the network policy lets in clients on the port of the gateway alone', () => {
    const { ingress, policyTypes } = ofKind<NetworkPolicy>(manifests(), 'NetworkPolicy').spec;
    expect(policyTypes).toEqual(['Ingress', 'Egress']);
    expect(ingress).toEqual([
      {
        from: [{ podSelector: {} }, { namespaceSelector: { matchLabels: { 'nexus-gateway/client': 'true' } } }],
        ports: [{ protocol: 'TCP', port: 'http' }],
      },
    ]);
  });
}

describe('the base', () => {
  const manifests = baseManifests();
  everywhere(() => manifests);

  test('holds each kind once, and no Secret', () => {
    expect(manifests.map(({ kind }) => kind).toSorted()).toEqual([
      'Deployment',
      'HorizontalPodAutoscaler',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'Service',
      'ServiceAccount',
    ]);
    expect(readFileSync('deploy/base/kustomization.yaml', 'utf8')).not.toContain('secret.example');
  });

  test('the autoscaler alone decides how many there are', () => {
    expect(ofKind<Deployment>(manifests, 'Deployment').spec).not.toHaveProperty('replicas');
    const autoscaler = ofKind<Manifest & { spec: { scaleTargetRef: unknown; minReplicas: number; metrics: unknown[] } }>(
      manifests,
      'HorizontalPodAutoscaler',
    );
    expect(autoscaler.spec.scaleTargetRef).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'nexus-gateway' });
    expect(autoscaler.spec.minReplicas).toBeGreaterThan(1);
    expect(autoscaler.spec.metrics).toEqual([expect.objectContaining({ resource: expect.objectContaining({ name: 'cpu' }) })]);
  });

  test('the example of a Secret has every key that a manifest asks for, and no real one', () => {
    const example = parse(readFileSync('deploy/base/secret.example.yaml', 'utf8')) as {
      metadata: { name: string };
      stringData: Record<string, string>;
    };
    expect(example.metadata.name).toBe('nexus-gateway');
    expect(Object.keys(example.stringData)).toEqual(Object.keys(SECRETS));
    for (const value of [example.stringData['api-keys'], example.stringData['openai-api-key']]) expect(value?.trim()).toBe('REPLACE-ME');
  });
});

describe('the component for the Prometheus operator', () => {
  test('finds the Service and its port, and names the job as the alert rules do', () => {
    const monitor = parse(readFileSync('deploy/components/monitoring/service-monitor.yaml', 'utf8')) as {
      spec: { selector: { matchLabels: Record<string, string> }; jobLabel: string; endpoints: { port: string; path: string }[] };
    };
    const service = ofKind<Manifest & { spec: { ports: { name: string }[] } }>(baseManifests(), 'Service');
    expect(service.metadata.labels).toMatchObject(monitor.spec.selector.matchLabels);
    expect(monitor.spec.endpoints).toEqual([expect.objectContaining({ port: service.spec.ports[0]?.name, path: '/metrics' })]);
    expect(readFileSync('config/prometheus/rules.yml', 'utf8')).toContain(`job="${service.metadata.labels?.[monitor.spec.jobLabel]}"`);
  });
});

describe('settings', () => {
  test.each(['deploy/base/gateway.yaml', 'deploy/overlays/prod/gateway.yaml'])(
    '%s is accepted whole, with the keys of the Secret and the Redis it names',
    (path) => {
      const loaded = settingsOf(ofKind<Deployment>(baseManifests(), 'Deployment'), readFileSync(path, 'utf8'));
      expect(loaded.settings.auth.apiKeys).toEqual(['key-one', 'key-two']);
      expect(loaded.settings.limits.redisUrl).toBe('redis://redis:6379');
      expect(loaded.settings.server).toMatchObject({ host: '0.0.0.0', port: 8000, drainDelayMs: 5000, drainTimeoutMs: 600_000 });
    },
  );

  test('without redis-url in the Secret the base keeps its limits in memory', () => {
    const { 'redis-url': _, ...others } = SECRETS;
    expect(
      settingsOf(ofKind<Deployment>(baseManifests(), 'Deployment'), 'upstreams: { mock: "mock://local" }', others).settings.limits.redisUrl,
    ).toBeUndefined();
  });
});

const rendering = kubectl === undefined ? describe.skip : describe;
if (kubectl === undefined) process.stderr.write('\n*** SKIPPED: no kubectl here; the base is read, the overlays are not rendered. ***\n\n');

rendering.each([
  ['dev', 'nexus-gateway-dev'],
  ['prod', 'nexus-gateway'],
])('the overlay %s, rendered', (overlay, namespace) => {
  let manifests: readonly Manifest[] = [];
  beforeAll(() => {
    manifests = renderedManifests(join('deploy', 'overlays', overlay));
  });
  everywhere(() => manifests);

  test('everything is in its namespace, which admits restricted pods alone', () => {
    const own = ofKind<Manifest>(manifests, 'Namespace');
    expect(own.metadata).toMatchObject({ name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } });
    for (const manifest of manifests)
      if (manifest !== own) expect({ kind: manifest.kind, namespace: manifest.metadata.namespace }).toEqual({ kind: manifest.kind, namespace });
  });

  test('the pod mounts the settings that are rendered beside it, by their hash, and the gateway accepts them', () => {
    const deployment = ofKind<Deployment>(manifests, 'Deployment');
    const map = ofKind<Manifest & { data: Record<string, string> }>(manifests, 'ConfigMap');
    expect(map.metadata.name).toMatch(/^nexus-gateway-[a-z0-9]+$/);
    expect(deployment.spec.template.spec.volumes.find(({ name }) => name === 'settings')?.configMap?.name).toBe(map.metadata.name);
    const loaded = settingsOf(deployment, map.data['gateway.yaml'] ?? '');
    expect(loaded.warnings).toEqual([]);
  });
});

rendering('the overlays apart', () => {
  test('dev answers by itself: one pod, key dev-key from its own Secret, no autoscaler', () => {
    const manifests = renderedManifests('deploy/overlays/dev');
    expect(manifests.map(({ kind }) => kind)).not.toContain('HorizontalPodAutoscaler');
    const secret = ofKind<Manifest & { data: Record<string, string> }>(manifests, 'Secret');
    expect(Buffer.from(secret.data['api-keys'] ?? '', 'base64').toString()).toBe('dev-key');
    expect(ofKind<Deployment>(manifests, 'Deployment').spec.template.spec.volumes.find(({ name }) => name === 'secrets')?.secret?.secretName).toBe(
      secret.metadata.name,
    );
  });

  test('prod brings no Secret, and will not start without Redis for its limits', () => {
    const manifests = renderedManifests('deploy/overlays/prod');
    expect(manifests.map(({ kind }) => kind)).not.toContain('Secret');
    const [container] = ofKind<Deployment>(manifests, 'Deployment').spec.template.spec.containers;
    expect(container.env.find(({ name }) => name === 'GATEWAY_REDIS_URL')?.valueFrom?.secretKeyRef).toEqual({
      name: 'nexus-gateway',
      key: 'redis-url',
      optional: false,
    });
    expect(ofKind<Manifest & { spec: { minReplicas: number } }>(manifests, 'HorizontalPodAutoscaler').spec.minReplicas).toBe(
      seconds(ofKind<Deployment>(manifests, 'Deployment'), 'GATEWAY_REPLICAS'),
    );
  });
});
