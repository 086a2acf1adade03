import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import { asArray, asObject, parsedJson } from '../openai/json-value.js';
import type { Answer } from '../upstream-adapter.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { embeddingAnswer } from './embedding-answer.js';
import { embeddedFailure } from './explain-error.js';

/** What `batchEmbedContents` or `embedContent` answered, as a client of OpenAI's expects it. */
export function readEmbeddings(body: Buffer, call: InferenceCall, target: Target): Answer | UpstreamFailure {
  const response = asObject(parsedJson(body.toString('utf8')));
  if (response === undefined) return new UpstreamFailure('invalid', 'The upstream answered with a body that is no JSON object.');
  if (response['error'] !== undefined && response['error'] !== null) return embeddedFailure(target.upstream, response);
  const items = asArray(response['embeddings']) ?? (response['embedding'] === undefined ? [] : [response['embedding']]);
  const tokens = asObject(response['usageMetadata'])?.['promptTokenCount'];
  return embeddingAnswer(
    items.map((item) => asObject(item)?.['values']),
    typeof tokens === 'number' ? tokens : undefined,
    call,
    target,
  );
}
