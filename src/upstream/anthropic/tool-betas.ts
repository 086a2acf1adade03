import type { OwnTool } from '../neutral/own-tool.js';

/** What tools that Anthropic defines have to be asked for by beside their type, which bears the same date. */
export function toolBetas(ownTools: readonly OwnTool[]): string[] {
  const types = ownTools.flatMap(({ tool: { type } }) => (typeof type === 'string' ? [type] : []));
  return [...computerUse(types), ...types.flatMap((type) => OTHERS.find(([begins]) => type.startsWith(begins))?.[1] ?? [])];
}

/** Of a computer and of what came with the first one: later editors and shells need none where Anthropic serves them, but for clouds. */
function computerUse(types: readonly string[]): string[] {
  const dates = types.flatMap((type) => /^(?:computer|bash|text_editor)_(\d{8})$/.exec(type)?.[1] ?? []);
  if (dates.length === 0) return [];
  if (dates.includes('20241022')) return ['computer-use-2024-10-22'];
  return [types.includes('computer_20251124') ? 'computer-use-2025-11-24' : 'computer-use-2025-01-24'];
}

const OTHERS: readonly (readonly [string, string])[] = [
  ['memory_', 'context-management-2025-06-27'],
  ['web_fetch_20250910', 'web-fetch-2025-09-10'],
  ['code_execution_20250522', 'code-execution-2025-05-22'],
  ['code_execution_20250825', 'code-execution-2025-08-25'],
];
