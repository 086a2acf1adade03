import { CALL, type PlayedProvider, REFUSAL, type Scene, SIGNATURE, THOUGHT, TOKENS, wordsOf } from './scene.js';

const USAGE = { promptTokenCount: TOKENS.input, candidatesTokenCount: TOKENS.output, totalTokenCount: TOKENS.input + TOKENS.output };
const STATUS: Readonly<Record<number, string>> = { 429: 'RESOURCE_EXHAUSTED', 500: 'INTERNAL', 503: 'UNAVAILABLE' };

export const GEMINI: PlayedProvider = {
  upstream: () => 'litellm://gemini/gemini-2.5-flash',
  environment: (base) => ({ GEMINI_API_BASE: base, GEMINI_API_KEY: 'played' }),
  streamType: 'text/event-stream',
  answer: (scene) => reply(parts(scene, [wordsOf(scene).join('')]), finish(scene)),
  stream: (scene) => {
    const all = parts(scene, wordsOf(scene));
    return all.map((part, index) => `data: ${JSON.stringify(reply([part], index === all.length - 1 ? finish(scene) : undefined))}\r\n\r\n`);
  },
  refusal: (status) => ({ error: { code: status, message: REFUSAL, status: STATUS[status] ?? 'INVALID_ARGUMENT' } }),
  embeddings: (vectors) => ({ embeddings: vectors.map((values) => ({ values })) }),
};

function finish(scene: Scene): string {
  return scene === 'length' ? 'MAX_TOKENS' : 'STOP';
}

function parts(scene: Scene, words: readonly string[]): object[] {
  const said = words.map((text) => ({ text }));
  switch (scene) {
    case 'text':
    case 'form':
    case 'length':
      return said;
    case 'both':
      return [...parts('text', words), ...parts('tool', words)];
    case 'thinks':
      return [{ text: THOUGHT, thought: true }, ...said.slice(0, -1), { ...said.at(-1), thoughtSignature: SIGNATURE }];
    case 'tool':
      return [{ functionCall: { name: CALL.name, args: CALL.arguments }, thoughtSignature: SIGNATURE }];
  }
}

function reply(told: readonly object[], finishReason: string | undefined): object {
  const candidate = { index: 0, content: { role: 'model', parts: told }, ...(finishReason !== undefined && { finishReason }) };
  return { candidates: [candidate], usageMetadata: USAGE, modelVersion: 'gemini-2.5-flash', responseId: 'played' };
}
