import { endianness } from 'node:os';
import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import { fieldValue } from '../../json/read-field.js';
import type { Answer } from '../upstream-adapter.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { embeddingInput } from './embedding-input.js';

/** OpenAI's answer with these vectors. Where Google does not count tokens a client is told an estimate, and the house that there was no count. */
export function embeddingAnswer(
  vectors: readonly unknown[],
  tokens: number | undefined,
  call: InferenceCall,
  target: Target,
): Answer | UpstreamFailure {
  const asked = embeddingInput(call).texts;
  if (vectors.length !== asked.length || !vectors.every(isVector))
    return new UpstreamFailure('invalid', 'The upstream did not answer with one embedding for each input.');
  const inBase64 = fieldValue(call.body, call, 'encoding_format') === 'base64';
  const count = tokens ?? asked.reduce((sum, text) => sum + Math.ceil(Buffer.byteLength(text) / BYTES_A_TOKEN), 0);
  const body = {
    object: 'list',
    data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: inBase64 ? base64(vector as number[]) : vector })),
    model: target.answersAs,
    usage: { prompt_tokens: count, total_tokens: count },
  };
  return { body: Buffer.from(JSON.stringify(body)), usage: tokens === undefined ? undefined : { input: tokens, output: 0, cached: 0, reasoning: 0 } };
}

const BYTES_A_TOKEN = 4;

function isVector(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((number) => typeof number === 'number');
}

/** Little-endian 32-bit floats. */
function base64(vector: readonly number[]): string {
  const bytes = Buffer.from(Float32Array.from(vector).buffer);
  if (endianness() === 'BE') bytes.swap32();
  return bytes.toString('base64');
}
