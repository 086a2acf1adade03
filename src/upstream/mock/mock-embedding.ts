import { type MockAnswer, wholeAnswer } from './mock-answer.js';
import { MockRefusal } from './mock-refusal.js';
import { type JsonObject, optionalInteger, requiredString } from './mock-request.js';
import { readTexts } from './mock-texts.js';
import { seededRandom } from './seeded-random.js';

/** `POST /embeddings`. The same text has the same vector, of length 1. */
export function mockEmbedding(body: JsonObject): MockAnswer {
  const model = requiredString(body, 'model');
  const inputs = readTexts(body, 'input');
  const dimensions = optionalInteger(body, 'dimensions', 1, 4096, DIMENSIONS);
  const format = body['encoding_format'] ?? 'float';
  if (format !== 'float' && format !== 'base64') throw MockRefusal.wrongValue('encoding_format', "'float' or 'base64'");
  const data = inputs.texts.map((text, index) => {
    const vector = vectorOf(text, dimensions);
    const embedding = format === 'float' ? [...vector] : Buffer.from(vector.buffer).toString('base64');
    return { object: 'embedding', index, embedding };
  });
  const usage = { prompt_tokens: inputs.promptTokens, total_tokens: inputs.promptTokens };
  return wholeAnswer(200, { object: 'list', data, model, usage });
}

const DIMENSIONS = 256;

function vectorOf(text: string, dimensions: number): Float32Array {
  const random = seededRandom(text);
  const vector = Float32Array.from({ length: dimensions }, () => random() - 0.5);
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
