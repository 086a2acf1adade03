import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import { embeddingAnswer } from '../gemini/embedding-answer.js';
import { asArray, asObject, parsedJson } from '../openai/json-value.js';
import type { Answer } from '../upstream-adapter.js';
import { UpstreamFailure } from '../upstream-failure.js';

/** Titan's one `embedding` with its count of tokens, Cohere's `embeddings`, a list or one for each kind of number, or Nova's list of objects. */
export function readEmbeddings(body: Buffer, call: InferenceCall, target: Target): Answer | UpstreamFailure {
  const answer = asObject(parsedJson(body.toString('utf8')));
  if (answer === undefined) return new UpstreamFailure('invalid', 'The upstream answered with a body that is no JSON object.');
  const single = asArray(answer['embedding']);
  const { embeddings } = answer;
  const list = asArray(embeddings) ?? asArray(asObject(embeddings)?.['float']) ?? [];
  const vectors = single === undefined ? list.map((item) => asObject(item)?.['embedding'] ?? item) : [single];
  const tokens = answer['inputTextTokenCount'];
  return embeddingAnswer(vectors, typeof tokens === 'number' ? tokens : undefined, call, target);
}
