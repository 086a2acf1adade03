import { endianness } from 'node:os';
import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import { fieldValue } from '../../json/read-field.js';
import { embeddingInput } from '../gemini/embedding-input.js';
import { asArray, asObject, parsedJson } from '../openai/json-value.js';
import { providerError } from '../openai/provider-error.js';
import type { Answer } from '../upstream-adapter.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { reportedFailure } from '../reported-failure.js';

/** What `/v2/embed` answered, as a client of OpenAI's expects it. Where no tokens are counted a client is told an estimate, and the house that there was no count. */
export function readEmbeddings(body: Buffer, call: InferenceCall, target: Target): Answer | UpstreamFailure {
  const response = asObject(parsedJson(body.toString('utf8')));
  if (response === undefined) return new UpstreamFailure('invalid', 'The upstream answered with a body that is no JSON object.');
  const vectors = vectorsIn(response['embeddings']);
  const asked = embeddingInput(call).texts;
  if (vectors === undefined) {
    const error = providerError(response);
    if (error !== undefined) return reportedFailure(error, response, target.upstream);
  }
  if (vectors?.length !== asked.length || !vectors.every(isVector))
    return new UpstreamFailure('invalid', 'The upstream did not answer with one embedding for each input.');
  const inBase64 = fieldValue(call.body, call, 'encoding_format') === 'base64';
  const counted = tokensIn(response['meta']);
  const count = counted ?? asked.reduce((sum, text) => sum + Math.ceil(Buffer.byteLength(text) / BYTES_A_TOKEN), 0);
  const answer = {
    object: 'list',
    data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: inBase64 ? base64(vector) : vector })),
    model: target.answersAs,
    usage: { prompt_tokens: count, total_tokens: count },
  };
  const usage = counted === undefined ? undefined : { input: counted, output: 0, cached: 0, reasoning: 0 };
  return { body: Buffer.from(JSON.stringify(answer)), usage };
}

const BYTES_A_TOKEN = 4;

/** By type, of which one was asked for; from before types, a list. */
function vectorsIn(embeddings: unknown): readonly unknown[] | undefined {
  const byType = asObject(embeddings);
  if (byType === undefined) return asArray(embeddings);
  return (
    asArray(byType['float']) ??
    asArray(byType['base64']) ??
    Object.values(byType)
      .map(asArray)
      .find((list) => list !== undefined)
  );
}

/** What is billed: images are counted in tokens too. */
function tokensIn(meta: unknown): number | undefined {
  const billed = asObject(asObject(meta)?.['billed_units']);
  const counts = [billed?.['input_tokens'], billed?.['image_tokens']].filter((count) => typeof count === 'number');
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
}

function isVector(value: unknown): value is readonly number[] | string {
  if (typeof value === 'string') return value !== '';
  return Array.isArray(value) && value.length > 0 && value.every((number) => typeof number === 'number');
}

/** Little-endian 32-bit floats, which Cohere's base64 is too. */
function base64(vector: readonly number[] | string): string {
  if (typeof vector === 'string') return vector;
  const bytes = Buffer.from(Float32Array.from(vector).buffer);
  if (endianness() === 'BE') bytes.swap32();
  return bytes.toString('base64');
}
