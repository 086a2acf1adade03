import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string };
}

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

export interface RuleGroups {
  readonly groups: readonly { readonly name: string; readonly rules: readonly (AlertRule | RecordingRule)[] }[];
}

/** The rules that are delivered. */
export function ruleGroups(): RuleGroups {
  return parse(readFileSync('config/prometheus/rules.yml', 'utf8')) as RuleGroups;
}

export function alertRules(): AlertRule[] {
  return ruleGroups().groups.flatMap(({ rules }) => rules.filter((rule) => 'alert' in rule));
}

export function recordingRules(): RecordingRule[] {
  return ruleGroups().groups.flatMap(({ rules }) => rules.filter((rule) => 'record' in rule));
}

/** What an alert looks at, without the bar it holds that against: it answers whether or not anything is amiss. */
export function withoutBars(expression: string): string {
  return expression.replaceAll(/ (?:==|[<>]=?) [\d.]+(?: \* [\d.]+)?/g, '');
}
