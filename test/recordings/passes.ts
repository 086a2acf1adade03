import { isDeepStrictEqual } from 'node:util';
import { countedBy, countedIn, hear, type HeardAnswer, saidBy, saidIn } from './heard-answer.js';
import type { RecordedCase, RecordedSummary, RecordedTraffic } from '../doubles/recorded-traffic.js';

/** In what a reply differs from its recording, in words; empty: in nothing. */
export async function passes(response: Response, recorded: RecordedCase, traffic: RecordedTraffic, streams: boolean): Promise<string[]> {
  if (recorded.endpoint === 'embeddings' && response.status === 200)
    return embeddingsDiffer(await response.json(), traffic.summary(recorded) as { count?: number; dims?: number | null });
  return differences(await hear(response, streams), recorded, traffic.summary(recorded), traffic.response(recorded));
}

/** In what was heard otherwise than the recording's reader tells (`summary`). Of what a client's wire does not tell (`untold`), nothing is asked. */
export function differences(
  heard: HeardAnswer,
  recorded: RecordedCase,
  summary: RecordedSummary,
  bytes: Buffer,
  untold: readonly string[] = [],
): string[] {
  const found = [...new Set(heard.faults)];
  if (recorded.status >= 400 || (summary.error !== undefined && summary.error !== null)) {
    found.push(...errorDiffers(heard, recorded, summary.error));
    return found;
  }
  if (heard.error !== undefined) return [...found, `${heard.status} ${String(heard.error.code)}: ${String(heard.error.message)}`];
  differ('said', saidBy(heard), saidIn(summary), found);
  const isApart = recorded.provider === 'xai' && recorded.endpoint === 'chat';
  differ('usage', without(countedBy(heard), untold), without(countedIn(summary, isApart), untold), found);
  const ids = heard.choices.flatMap(({ calls }) => calls.map(({ id }) => id));
  if (new Set(ids).size !== ids.length) found.push(`ids of calls are not apart: ${ids.join(' ')}`);
  if (hasIds(recorded))
    for (const id of ids) if (id !== 'none' && !bytes.includes(JSON.stringify(id))) found.push(`an id of a call is not the provider's: ${id}`);
  return found;
}

/** What was not counted is not compared either. */
function without(counted: object | undefined, untold: readonly string[]): object | undefined {
  return counted && Object.fromEntries(Object.entries(counted).filter(([name]) => !untold.includes(name)));
}

/** Gemini's calls and OpenAI's calls of functions have none, and events of InvokeModel are written in base64. */
function hasIds({ endpoint }: RecordedCase): boolean {
  return !endpoint.startsWith('gemini') && endpoint !== 'invoke_stream';
}

function differ(what: string, heard: unknown, recorded: unknown, differences: string[]): void {
  if (!isDeepStrictEqual(heard, recorded)) differences.push(`${what}: heard ${shown(heard)}, recorded ${shown(recorded)}`);
}

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 600) ?? 'nothing';
}

function errorDiffers(heard: HeardAnswer, { status }: RecordedCase, error: unknown): string[] {
  if (heard.error === undefined) return [`no error: ${shown(saidBy(heard))}`];
  const wanted = statusOf(status);
  const differences = wanted === undefined || wanted === heard.status ? [] : [`status ${heard.status} instead of ${wanted}`];
  if (status >= 400 && status < 500 && heard.status === status && status !== 429) {
    const words = wordsIn(error);
    const { message = '' } = heard.error;
    if (words.length > 0 && !words.some((word) => message.includes(word) || word.includes(message)))
      differences.push(`not the provider's words: ${String(heard.error.message)} instead of ${words.join(' / ')}`);
  }
  return differences;
}

/** What our table makes of a provider's status; undefined: it broke in the middle. */
function statusOf(status: number): number | undefined {
  if (status === 200) return undefined;
  if (status === 401 || status === 403 || status >= 500) return 502;
  return status;
}

function wordsIn(error: unknown): string[] {
  if (typeof error === 'string') return [error];
  if (typeof error !== 'object' || error === null) return [];
  return Object.entries(error).flatMap(([name, value]) => (/^(message|error|detail|msg|metadata|raw|title)$/.test(name) ? wordsIn(value) : []));
}

function embeddingsDiffer(answer: unknown, { count, dims }: { count?: number; dims?: number | null }): string[] {
  const { data, object, usage } = answer as { data?: { embedding: unknown; index: unknown; object: unknown }[]; object?: string; usage?: unknown };
  const differences: string[] = [];
  if (object !== 'list') differences.push(`object is ${String(object)}`);
  if (data?.length !== count) differences.push(`${data?.length} vectors instead of ${count}`);
  for (const [at, { embedding, index, object: kind }] of (data ?? []).entries()) {
    if (index !== at || kind !== 'embedding') differences.push(`vector ${at} is ${String(kind)} ${String(index)}`);
    const length = typeof embedding === 'string' ? Buffer.from(embedding, 'base64').length / 4 : (embedding as unknown[]).length;
    if (dims !== null && dims !== undefined && length !== dims) differences.push(`${length} dimensions instead of ${dims}`);
  }
  if (usage !== undefined && usage !== null && typeof (usage as { prompt_tokens?: unknown }).prompt_tokens !== 'number')
    differences.push('usage is no usage');
  return differences;
}
