import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { dashboard, withoutVariables } from './dashboard.js';
import { PUBLISHED_METRICS } from './published-metrics.js';

const board = dashboard();
const queries = board.panels.flatMap((panel) => (panel.targets ?? []).map((target) => ({ title: panel.title, ...target })));

interface DataSources {
  readonly datasources: readonly {
    readonly uid: string;
    readonly type: string;
    readonly url: string;
    readonly isDefault: boolean;
    readonly jsonData: { readonly timeInterval: string };
  }[];
}

/** Every metric an expression names, and the labels it asks that metric for. */
function asked(expression: string): { readonly metrics: string[]; readonly labels: string[] } {
  const metrics = [...expression.matchAll(/\b(?:nexus|nodejs|process)_[a-z0-9_]+/g)].map(([name]) => name);
  const selected = [...expression.matchAll(/\{([^}]*)\}/g)].flatMap(([, inside = '']) =>
    [...inside.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
  );
  const grouped = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, inside = '']) => inside.split(',').map((label) => label.trim()));
  return { metrics, labels: [...selected, ...grouped] };
}

describe('the dashboard', () => {
  test('is the one named "Nexus Gateway", and every panel has an id of its own', () => {
    expect(board).toMatchObject({ uid: 'nexus-gateway', title: 'Nexus Gateway' });
    const ids = board.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('asks the data source that the reader chooses, and one that is provisioned is there to choose', () => {
    expect(board.templating.list).toEqual([expect.objectContaining({ name: 'datasource', type: 'datasource', query: 'prometheus' })]);
    for (const { datasource } of queries) expect(datasource.uid).toBe('${datasource}');
    const { datasources } = parse(readFileSync('config/grafana/provisioning/datasources/prometheus.yml', 'utf8')) as DataSources;
    expect(datasources).toEqual([expect.objectContaining({ type: 'prometheus', isDefault: true, url: 'http://prometheus:9090' })]);
  });

  test('the data source knows how often is scraped, or $__rate_interval would be wrong', () => {
    const { datasources } = parse(readFileSync('config/grafana/provisioning/datasources/prometheus.yml', 'utf8')) as DataSources;
    const { global } = parse(readFileSync('config/prometheus/prometheus.yml', 'utf8')) as { global: { scrape_interval: string } };
    expect(datasources[0]?.jsonData.timeInterval).toBe(global.scrape_interval);
  });

  test('every panel says what it shows, asks something, and lies on no other', () => {
    const taken = new Set<string>();
    for (const { type, title, description, targets, gridPos } of board.panels) {
      if (type !== 'row')
        expect({ title, asks: targets?.length ?? 0, described: Boolean(description) }).toEqual({ title, asks: expect.any(Number), described: true });
      expect(type === 'row' || (targets ?? []).length > 0).toBe(true);
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect({ title, cell: taken.has(`${x}/${y}`) }).toEqual({ title, cell: false });
          taken.add(`${x}/${y}`);
        }
      }
    }
  });

  test.each(queries)('$title: asks for published metrics and their labels alone ($legendFormat)', ({ expr, legendFormat }) => {
    const { metrics, labels } = asked(expr);
    expect(metrics.length).toBeGreaterThan(0);
    const known = new Set(['instance', 'job']);
    for (const metric of metrics) {
      if (!metric.startsWith('nexus_')) known.add('kind');
      else {
        const base = metric.replace(/_(?:bucket|sum|count)$/, '');
        expect(Object.keys(PUBLISHED_METRICS)).toContain(base);
        expect(PUBLISHED_METRICS[base]?.kind === 'histogram').toBe(base !== metric);
        for (const label of PUBLISHED_METRICS[base]?.labels ?? []) known.add(label);
        if (base !== metric) known.add('le');
      }
    }
    for (const label of labels) expect([...known]).toContain(label);
    for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
      expect(metrics[0]?.startsWith('nodejs_eventloop') ? ['instance'] : labels).toContain(label);
    expect(() => withoutVariables(expr)).not.toThrow();
  });

  test('every published metric is on it', () => {
    const shown = new Set(queries.flatMap(({ expr }) => asked(expr).metrics.map((metric) => metric.replace(/_(?:bucket|sum|count)$/, ''))));
    expect([...shown]).toEqual(expect.arrayContaining(Object.keys(PUBLISHED_METRICS)));
  });
});
