import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly legendFormat: string;
    readonly datasource: { readonly uid: string };
  }[];
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly links: readonly { readonly type: string; readonly tags: readonly string[] }[];
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly query: string | { readonly query: string } }[];
  };
}

const FOLDER = 'config/grafana/dashboards';

/** The dashboards that are delivered, by the names of their files. */
export function dashboards(): ReadonlyMap<string, Dashboard> {
  const files = readdirSync(FOLDER).toSorted();
  return new Map(files.map((file) => [file, JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Dashboard]));
}

/** Every query of every panel. */
export function panelQueries(): { readonly board: string; readonly title: string; readonly legendFormat: string; readonly expr: string }[] {
  return [...dashboards().values()].flatMap(({ title: board, panels }) =>
    panels.flatMap(({ title, targets = [] }) => targets.map(({ expr, legendFormat }) => ({ board, title, legendFormat, expr }))),
  );
}

/** As Grafana would send it for a short range over a fast scrape, with all upstreams and routes chosen. */
export function withoutVariables(expression: string): string {
  const filled = expression.replaceAll(/\$__(?:rate_interval|interval|range)/g, '30s').replaceAll(/\$(?:upstream|route)\b/g, '.*');
  if (filled.includes('$')) throw new Error(`${expression}: a variable that nobody fills in`);
  return filled;
}
