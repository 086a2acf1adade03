import { asArray, asObject, type JsonObject } from '../openai/json-value.js';

/** A candidate's `logprobsResult` as OpenAI's `content` entries; empty where there is none. */
export function readLogprobs(candidate: JsonObject): readonly unknown[] {
  const result = asObject(candidate['logprobsResult']);
  const top = asArray(result?.['topCandidates']) ?? [];
  return (asArray(result?.['chosenCandidates']) ?? []).flatMap((item, position) => {
    const chosen = entry(item);
    const others = asArray(asObject(top[position])?.['candidates']) ?? [];
    return chosen === undefined ? [] : [{ ...chosen, top_logprobs: others.map(entry).filter((other) => other !== undefined) }];
  });
}

function entry(value: unknown): { readonly token: string; readonly logprob: number; readonly bytes: null } | undefined {
  const token = asObject(value)?.['token'];
  const logprob = asObject(value)?.['logProbability'];
  return typeof token === 'string' && typeof logprob === 'number' ? { token, logprob, bytes: null } : undefined;
}
