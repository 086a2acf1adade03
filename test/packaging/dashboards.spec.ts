import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { dashboards, type Panel, panelQueries, withoutVariables } from './dashboard.js';
import { PUBLISHED_METRICS } from './published-metrics.js';

const boards = dashboards();
const queries = panelQueries();

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

describe('the dashboards', () => {
  test('are the overview "Nexus Gateway" and one for each further question, each a link away from the others', () => {
    expect([...boards].map(([file, { uid, title }]) => [file, uid, title])).toEqual([
      ['nexus-gateway-limits.json', 'nexus-gateway-limits', 'Nexus Gateway: limits'],
      ['nexus-gateway-routing.json', 'nexus-gateway-routing', 'Nexus Gateway: routing and canary'],
      ['nexus-gateway-upstreams.json', 'nexus-gateway-upstreams', 'Nexus Gateway: upstreams'],
      ['nexus-gateway.json', 'nexus-gateway', 'Nexus Gateway'],
    ]);
    for (const { panels, tags, links } of boards.values()) {
      const ids = panels.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(links).toEqual([expect.objectContaining({ type: 'dashboards', tags })]);
    }
  });

  test('ask the data source that the reader chooses, and one that is provisioned is there to choose', () => {
    for (const { templating, panels } of boards.values()) {
      expect(templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' });
      for (const { datasource } of panels.flatMap(({ targets }) => targets ?? [])) expect(datasource.uid).toBe('${datasource}');
    }
    const { datasources } = parse(readFileSync('config/grafana/provisioning/datasources/prometheus.yml', 'utf8')) as DataSources;
    expect(datasources).toEqual([expect.objectContaining({ type: 'prometheus', isDefault: true, url: 'http://prometheus:9090' })]);
  });

  test('offer upstreams and routes to choose from by metrics that are published, and use what they offer', () => {
    const offered = [...boards.values()].flatMap(({ title, templating, panels }) =>
      templating.list.slice(1).map(({ name, query }) => ({ title, name, query, text: JSON.stringify(panels) })),
    );
    expect(offered.map(({ title, name }) => [title, name])).toEqual([
      ['Nexus Gateway: routing and canary', 'route'],
      ['Nexus Gateway: upstreams', 'upstream'],
    ]);
    for (const { name, query, text } of offered) {
      const [, metric = '', label] = /label_values\((\w+), (\w+)\)/.exec(typeof query === 'string' ? query : query.query) ?? [];
      expect(PUBLISHED_METRICS[metric]?.labels).toContain(label);
      expect(text).toContain(`=~\\"$${name}\\"`);
    }
  });

  test('the data source knows how often is scraped, or $__rate_interval would be wrong', () => {
    const { datasources } = parse(readFileSync('config/grafana/provisioning/datasources/prometheus.yml', 'utf8')) as DataSources;
    const { global } = parse(readFileSync('config/prometheus/prometheus.yml', 'utf8')) as { global: { scrape_interval: string } };
    expect(datasources[0]?.jsonData.timeInterval).toBe(global.scrape_interval);
  });

  test('every panel says what it shows, asks something, and lies on no other', () => {
    for (const { title: board, panels } of boards.values()) liesWell(board, panels);
  });

  function liesWell(board: string, panels: readonly Panel[]): void {
    const taken = new Set<string>();
    for (const { type, title, description, targets, gridPos } of panels) {
      if (type !== 'row')
        expect({ title, asks: targets?.length ?? 0, described: Boolean(description) }).toEqual({ title, asks: expect.any(Number), described: true });
      expect(type === 'row' || (targets ?? []).length > 0).toBe(true);
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect({ board, title, cell: taken.has(`${x}/${y}`) }).toEqual({ board, title, cell: false });
          taken.add(`${x}/${y}`);
        }
      }
    }
  }

  test.each(queries)('$board, $title: asks for published metrics and their labels alone ($legendFormat)', ({ expr, legendFormat }) => {
    const { metrics, labels } = asked(expr);
    expect(metrics.length).toBeGreaterThan(0);
    // `upstream` also where a target's name is taken for one.
    const known = new Set(['instance', 'job', ...(expr.includes('label_join(') ? ['upstream'] : [])]);
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

  test('every published metric is on one', () => {
    const shown = new Set(queries.flatMap(({ expr }) => asked(expr).metrics.map((metric) => metric.replace(/_(?:bucket|sum|count)$/, ''))));
    expect([...shown]).toEqual(expect.arrayContaining(Object.keys(PUBLISHED_METRICS)));
  });
});
