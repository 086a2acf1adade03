import { createRequire } from 'node:module';
import type { ImportReport } from './import-report.js';

type YamlLibrary = typeof import('yaml');

/** Our settings file: at its head, as comments, what has to be set and what was left out. */
export function writtenSettings(source: string, settings: ReadonlyMap<string, unknown>, report: ImportReport): string {
  const yaml = createRequire(import.meta.url)('yaml') as YamlLibrary;
  const list = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : ['', title, ...lines.map((line) => `- ${line}`)]);
  const head = [
    `Settings of Nexus Gateway, made of ${source} by \`nexus import litellm\`. Judge them: nexus check FILE.`,
    'It listens on 127.0.0.1:8000 unless host and port, or GATEWAY_HOST and GATEWAY_PORT, say otherwise.',
    ...list(
      'Variables of the environment (or .env) that are read:',
      report.variables.size === 0 ? [] : [[...report.variables].toSorted().join(', ')],
    ),
    ...list('To do, and to know:', report.reminders),
    ...list('Not carried over:', report.left),
  ].map((line) => `# ${plain(line)}`.trimEnd());
  const sections = [...settings].map(([name, value]) => {
    const comment = COMMENTS[name];
    return `${comment === undefined ? '' : `# ${comment}\n`}${yaml.stringify(new Map([[name, value]]), { lineWidth: 0 })}`;
  });
  return `${head.join('\n')}\n\n${sections.join('\n')}`;
}

const COMMENTS: Readonly<Record<string, string>> = {
  rate_limit_per_minute: 'LiteLLM limits no key unless it is told to; 60 would be the default here.',
  request_timeout_seconds: 'To the first byte; an answer that is no stream comes when it is done. LiteLLM waits long unless it is told not to.',
  max_attempts: "Over retries and fallbacks: LiteLLM's retries, and one for each fallback.",
};

/** A comment ends where its line does. */
function plain(text: string): string {
  return text.replaceAll(/[\x00-\x1f\x7f-\x9f\u2028\u2029\uFEFF]/g, ' ');
}
