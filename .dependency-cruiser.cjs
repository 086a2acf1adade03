// Who may import whom. What a folder is not allowed to see is listed with it; cycles are forbidden everywhere.
const layer = (name, ...forbidden) => ({
  name: `${name}-sees-too-much`,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: { path: `^src/(${forbidden.join('|')})/` },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: { path: '^src' }, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    { name: 'contracts-know-no-framework', severity: 'error', from: { path: '^src/contracts/' }, to: { path: 'node_modules' } },
    { name: 'no-tests-in-the-product', severity: 'error', from: { path: '^src/', pathNot: '\\.spec\\.ts$' }, to: { path: '(\\.spec\\.ts$|^test/)' } },
    { name: 'translation-opens-no-socket', severity: 'error', from: { path: '^src/(upstream/(?!sockets/)|routing|resilience)', pathNot: '\\.spec\\.ts$' }, to: { path: '(node_modules/undici|^(node:)?(net|tls|http|https)$)' } },
    { name: 'one-room-for-opentelemetry', severity: 'error', from: { path: '^src/', pathNot: '^src/telemetry/' }, to: { path: 'node_modules/@opentelemetry/' } },
    { name: 'telemetry-is-loaded-late', severity: 'error', from: { path: '^src/', pathNot: '^src/telemetry/' }, to: { path: '^src/telemetry/', dynamic: false, dependencyTypesNot: ['type-only'] } },
    layer('json', 'contracts', 'config', 'metrics', 'upstream', 'resilience', 'auth', 'policy', 'routing', 'http', 'health', 'docs', 'telemetry', 'workers', 'cli'),
    layer('contracts', 'config', 'metrics', 'upstream', 'resilience', 'auth', 'policy', 'routing', 'http', 'health', 'docs', 'telemetry', 'workers', 'cli'),
    layer('config', 'metrics', 'upstream', 'resilience', 'auth', 'policy', 'routing', 'http', 'health', 'docs', 'telemetry', 'workers', 'cli'),
    layer('metrics', 'upstream', 'resilience', 'auth', 'policy', 'routing', 'http', 'health', 'docs', 'telemetry', 'workers', 'cli'),
    layer('upstream', 'resilience', 'auth', 'policy', 'routing', 'http', 'health', 'docs', 'telemetry', 'workers', 'cli'),
    layer('resilience', 'auth', 'policy', 'routing', 'http', 'health', 'docs', 'telemetry', 'workers', 'cli'),
    layer('auth', 'metrics', 'upstream', 'resilience', 'policy', 'routing', 'http', 'health', 'docs', 'telemetry', 'workers', 'cli'),
    layer('policy', 'metrics', 'upstream', 'resilience', 'auth', 'routing', 'http', 'health', 'docs', 'telemetry', 'workers', 'cli'),
    layer('routing', 'metrics', 'upstream', 'resilience', 'auth', 'policy', 'http', 'health', 'docs', 'telemetry', 'workers', 'cli'),
    layer('http', 'upstream', 'telemetry', 'workers', 'cli'),
    layer('telemetry', 'metrics', 'upstream', 'resilience', 'auth', 'policy', 'routing', 'http', 'health', 'docs', 'workers', 'cli'),
  ],
  options: { tsPreCompilationDeps: true, tsConfig: { fileName: 'tsconfig.json' }, doNotFollow: { path: 'node_modules' } },
};
