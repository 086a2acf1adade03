import type { InferenceCall } from '../contracts/inference-call.js';
import type { Target } from '../contracts/target.js';

/**
 * The most that is taken of one event of a stream (bytes): an image comes in one event, where the model's name or the call tells that one may be
 * made.
 */
export function imageEventBytes(eventBytesMax: number, target: Target | undefined, call?: InferenceCall): number {
  return target?.model.includes('image') === true || (call !== undefined && asksForImages(call)) ? eventBytesMax * IMAGE_EVENTS : eventBytesMax;
}

const IMAGE_EVENTS = 32;

function asksForImages({ endpoint, fields, body }: InferenceCall): boolean {
  switch (endpoint) {
    case 'chat_completions':
      return fields.has('modalities');
    case 'responses': {
      const tools = fields.get('tools');
      return tools !== undefined && body.subarray(tools.start, tools.end).includes('"image_generation"');
    }
    case 'completions':
    case 'embeddings':
    case 'messages':
    case 'count_tokens':
      return false;
  }
}
