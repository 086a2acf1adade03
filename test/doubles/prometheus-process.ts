import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { freePort } from './free-port.js';
import { StartedChild } from './started-child.js';

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface PrometheusProcess {
  /** An instant query, now. Throws with Prometheus' own words when the expression is wrong. */
  query(expression: string): Promise<Sample[]>;
  stop(): Promise<void>;
}

interface PrometheusConfig {
  global: { scrape_interval: string; evaluation_interval: string };
  rule_files: string[];
  scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
}

interface QueryAnswer {
  readonly status: string;
  readonly error?: string;
  readonly data?: {
    readonly resultType: string;
    readonly result: readonly { readonly metric: Record<string, string>; readonly value: readonly [number, string] }[];
  };
}

/** A real Prometheus with the configuration that is delivered: its rules, its jobs; only the address and the pace are the test's. */
export async function startPrometheus(program: string, target: string): Promise<PrometheusProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'nexus-prometheus-'));
  const port = await freePort();
  const delivered = resolve('config/prometheus');
  const config = parse(readFileSync(join(delivered, 'prometheus.yml'), 'utf8')) as PrometheusConfig;
  config.global = { scrape_interval: '1s', evaluation_interval: '1s' };
  config.rule_files = config.rule_files.map((file) => join(delivered, file));
  for (const job of config.scrape_configs) job.static_configs = [{ targets: [target] }];
  writeFileSync(join(folder, 'prometheus.yml'), stringify(config));
  const url = `http://127.0.0.1:${port}`;
  const args = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
  ];
  const child = await StartedChild.start(program, args, { cwd: folder, env: {}, readyUrl: `${url}/-/ready`, readyWithinMs: 20_000 });
  return {
    query: async (expression) => {
      const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query: expression }) });
      const answer = (await response.json()) as QueryAnswer;
      if (answer.data?.resultType !== 'vector')
        throw new Error(`${expression}: ${answer.error ?? `a ${answer.data?.resultType ?? 'nothing'}, no vector`}`);
      return answer.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    stop: async () => {
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
