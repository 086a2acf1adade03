import type { NeutralRequest } from '../neutral/neutral-request.js';
import { claudeModel } from './claude-model.js';
import { toolBetas } from './tool-betas.js';

/** What the request asks for that has to be asked for by a header too. */
export function messagesBetas({ format, tools, ownTools = [], turns, unsaid }: NeutralRequest, model: string): string[] {
  const isStructured = format.kind === 'schema' || tools.some(({ strict }) => strict === true);
  const hasFiles = turns.some(({ parts }) => parts.some((part) => 'media' in part && 'fileId' in part.media));
  return [
    ...(isStructured && claudeModel(model).structuredOutputs === 'beta' ? ['structured-outputs-2025-11-13'] : []),
    ...(hasFiles ? ['files-api-2025-04-14'] : []),
    ...toolBetas(ownTools),
    ...(unsaid.has('mcp_servers') ? ['mcp-client-2025-04-04'] : []),
  ];
}
