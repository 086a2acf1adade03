import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import { embeddingAnswer } from '../gemini/embedding-answer.js';
import { readEmbeddings } from '../gemini/read-embeddings.js';
import { asArray, asObject, parsedJson } from '../openai/json-value.js';
import type { Answer } from '../upstream-adapter.js';
import type { UpstreamFailure } from '../upstream-failure.js';

/** `predict` answers with predictions that count their tokens; `embedContent` as it does elsewhere. */
export function readVertexEmbeddings(body: Buffer, call: InferenceCall, target: Target): Answer | UpstreamFailure {
  const predictions = asArray(asObject(parsedJson(body.toString('utf8')))?.['predictions']);
  if (predictions === undefined) return readEmbeddings(body, call, target);
  const embeddings = predictions.map((prediction) => asObject(asObject(prediction)?.['embeddings']));
  const counts = embeddings.map((embedding) => asObject(embedding?.['statistics'])?.['token_count']);
  const tokens = counts.every((count) => typeof count === 'number') ? counts.reduce((sum, count) => sum + count, 0) : undefined;
  return embeddingAnswer(
    embeddings.map((embedding) => embedding?.['values']),
    tokens,
    call,
    target,
  );
}
