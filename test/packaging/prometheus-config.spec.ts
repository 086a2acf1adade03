import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { alertRules, recordingRules } from './rules.js';
import { installedPrometheus } from '../doubles/installed-prometheus.js';

const programs = installedPrometheus();
const TRIED = ['test/packaging/rules.test.yml', 'test/packaging/rules-over-hours.test.yml'];
const withPromtool = programs === undefined ? test.skip : test;

function promtool(...args: string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(programs?.promtool ?? '', args, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

describe('what Prometheus is given', () => {
  test('every alert says what is wrong, how grave it is, and where its runbook stands', () => {
    const runbooks = readFileSync('docs/operations.md', 'utf8');
    expect(alertRules().length).toBeGreaterThan(10);
    for (const { alert, labels, annotations } of alertRules()) {
      expect(annotations.summary).toMatch(/\w/);
      expect(annotations.description).toMatch(/\.$/);
      expect(['critical', 'warning']).toContain(labels.severity);
      expect(annotations.runbook_url).toBe(`docs/operations.md#${alert.toLowerCase()}`);
      expect(runbooks).toContain(`\n### ${alert}\n`);
    }
  });

  test('every alert is tried both ways or silent beside another, and every recorded name is used or tried', () => {
    const tried = TRIED.map((path) => readFileSync(path, 'utf8')).join('\n');
    for (const { alert } of alertRules()) expect(tried).toContain(`alertname: ${alert}\n        exp_alerts:\n`);
    const used =
      tried +
      alertRules()
        .map(({ expr }) => expr)
        .join();
    for (const { record } of recordingRules()) expect({ record, used: used.includes(record) }).toEqual({ record, used: true });
  });

  withPromtool('its configuration and the alert rules are valid', () => {
    expect(promtool('check', 'config', 'config/prometheus/prometheus.yml')).toEqual({
      status: 0,
      output: expect.stringMatching(/1 rule files found[\s\S]*rules found/),
    });
  });

  withPromtool.each(TRIED)('%s: every alert fires when it should, and is silent beside it', (path) => {
    expect(promtool('test', 'rules', path)).toEqual({ status: 0, output: expect.stringContaining('SUCCESS') });
  });
});
