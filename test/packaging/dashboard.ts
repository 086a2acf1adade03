import { readFileSync } from 'node:fs';

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
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string; readonly query: string }[] };
}

/** The dashboard that is delivered. */
export function dashboard(): Dashboard {
  return JSON.parse(readFileSync('config/grafana/dashboards/nexus-gateway.json', 'utf8')) as Dashboard;
}

/** As Grafana would send it for a short range over a fast scrape. */
export function withoutVariables(expression: string): string {
  const filled = expression.replaceAll(/\$__(?:rate_interval|interval|range)/g, '30s');
  if (filled.includes('$')) throw new Error(`${expression}: a variable that nobody fills in`);
  return filled;
}
