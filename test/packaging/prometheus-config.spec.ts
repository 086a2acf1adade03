import { spawnSync } from 'node:child_process';
import { installedPrometheus } from '../doubles/installed-prometheus.js';

const programs = installedPrometheus();
const withPromtool = programs === undefined ? test.skip : test;

function promtool(...args: string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(programs?.promtool ?? '', args, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

describe('what Prometheus is given', () => {
  withPromtool('its configuration and the alert rules are valid', () => {
    expect(promtool('check', 'config', 'config/prometheus/prometheus.yml')).toEqual({
      status: 0,
      output: expect.stringMatching(/1 rule files found[\s\S]*rules found/),
    });
  });

  withPromtool('every alert fires when it should, and is silent beside it', () => {
    expect(promtool('test', 'rules', 'test/packaging/rules.test.yml')).toEqual({ status: 0, output: expect.stringContaining('SUCCESS') });
  });
});
