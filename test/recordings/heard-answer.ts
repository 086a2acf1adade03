import type { RecordedSummary } from '../doubles/recorded-traffic.js';
import { answerFaults, chunkFaults, errorFaults } from './chat-shape.js';

export interface HeardChoice {
  text: string;
  reasoning: string;
  refusal: string;
  readonly calls: { id: string; name: string; json: string }[];
  finish: string | undefined;
}

/** What a client of OpenAI's wire made of a reply, and what it would complain of. */
export interface HeardAnswer {
  readonly status: number;
  readonly choices: HeardChoice[];
  usage: Readonly<Record<string, unknown>> | undefined;
  error: { readonly message?: string; readonly code?: string | null } | undefined;
  readonly faults: string[];
}

type Fields = Readonly<Record<string, unknown>>;

export async function hear(response: Response, streams: boolean): Promise<HeardAnswer> {
  const heard: HeardAnswer = { status: response.status, choices: [], usage: undefined, error: undefined, faults: [] };
  const text = await response.text();
  if (streams && response.status === 200) hearStream(text, heard);
  else hearWhole(JSON.parse(text) as Fields, heard);
  for (const { id, name } of heard.choices.flatMap(({ calls }) => calls))
    if (id === '' || name === '') heard.faults.push('a call has no id or no name');
  return heard;
}

function hearWhole(answer: Fields, heard: HeardAnswer): void {
  if (answer['error'] !== undefined) return hearError(answer, heard);
  if (answer['object'] === 'chat.completion') heard.faults.push(...answerFaults(answer));
  for (const choice of fieldsOf(answer['choices'])) hearPart(choice, (choice['message'] ?? choice) as Fields, heard);
  heard.usage = (answer['usage'] ?? undefined) as HeardAnswer['usage'];
}

function hearStream(text: string, heard: HeardAnswer): void {
  const events = text.split(/\r?\n\r?\n/).filter((event) => event !== '' && !event.startsWith(':'));
  const done = events.indexOf('data: [DONE]');
  for (const event of done < 0 ? events : events.slice(0, done)) {
    if (!event.startsWith('data: ')) heard.faults.push(`an event is not one line of data: ${event.slice(0, 40)}`);
    const chunk = JSON.parse(event.slice(6)) as Fields;
    if (chunk['error'] !== undefined) hearError(chunk, heard);
    else {
      if (chunk['object'] !== 'text_completion') heard.faults.push(...chunkFaults(chunk));
      for (const choice of fieldsOf(chunk['choices'])) hearPart(choice, (choice['delta'] ?? choice) as Fields, heard);
      if (chunk['usage'] !== undefined && chunk['usage'] !== null) heard.usage = chunk['usage'] as Fields;
    }
  }
  if (heard.error === undefined && done !== events.length - 1) heard.faults.push('the stream does not end with [DONE]');
  if (heard.error !== undefined && done >= 0) heard.faults.push('a stream that broke says [DONE]');
}

function hearError(body: Fields, heard: HeardAnswer): void {
  heard.faults.push(...errorFaults(body));
  heard.error = body['error'] as HeardAnswer['error'];
}

function hearPart(choice: Fields, part: Fields, heard: HeardAnswer): void {
  const into = (heard.choices[Number(choice['index'])] ??= { text: '', reasoning: '', refusal: '', calls: [], finish: undefined });
  into.text += asText(part['content']) + asText(part['text']);
  into.reasoning += asText(part['reasoning_content'] ?? part['reasoning']);
  into.refusal += asText(part['refusal']);
  for (const [at, call] of fieldsOf(part['tool_calls']).entries()) {
    const called = (call['function'] ?? call['custom'] ?? {}) as Fields;
    const known = (into.calls[Number(call['index'] ?? at)] ??= { id: '', name: '', json: '' });
    // Some say both again with every piece.
    known.id ||= asText(call['id']);
    known.name ||= asText(called['name']);
    known.json += asText(called['arguments'] ?? called['input']);
  }
  const legacy = part['function_call'] as Fields | null | undefined;
  if (legacy) hearPart({ index: choice['index'] }, { tool_calls: [{ index: 0, id: 'none', function: legacy }] }, heard);
  if (typeof choice['finish_reason'] === 'string') into.finish = choice['finish_reason'] === 'function_call' ? 'tool_calls' : choice['finish_reason'];
}

function fieldsOf(value: unknown): Fields[] {
  return Array.isArray(value) ? (value as Fields[]) : [];
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** What was said, as the recording's independent reader tells it. */
export function saidBy({ choices }: HeardAnswer): object[] {
  return choices.map(({ text, reasoning, refusal, calls, finish }) => ({
    text,
    reasoning,
    refusal,
    finish,
    calls: calls.map(({ name, json }) => ({ name, arguments: parsed(json) })),
  }));
}

export function saidIn({ choices = [], tool_plan: plan = '' }: RecordedSummary): object[] {
  return choices.map(({ text = '', reasoning = '', refusal = '', tool_calls = [], finish_reason }) => ({
    text,
    // What Cohere's models plan before they call a tool is what they thought.
    reasoning: reasoning + plan,
    refusal,
    finish: finish_reason ?? (tool_calls.length > 0 ? 'tool_calls' : undefined),
    calls: tool_calls.map(({ name, arguments: value }) => ({ name, arguments: value })),
  }));
}

/** A call without arguments has none to read. */
function parsed(text: string): unknown {
  try {
    if (text === '') return {};
    return JSON.parse(text) as unknown;
  } catch {
    return { __unparsed__: text };
  }
}

export function countedBy({ usage }: HeardAnswer): object | undefined {
  if (usage === undefined) return undefined;
  const within = (name: string, part: string): unknown => (usage[name] as Fields | null | undefined)?.[part] ?? 0;
  return {
    prompt: usage['prompt_tokens'],
    completion: usage['completion_tokens'],
    cached: within('prompt_tokens_details', 'cached_tokens'),
    reasoning: within('completion_tokens_details', 'reasoning_tokens'),
  };
}

/** `isApart`: this provider's `completion_tokens` leave reasoning out, which OpenAI's include. */
export function countedIn({ usage }: RecordedSummary, isApart: boolean): object | undefined {
  if (usage === undefined || usage === null || Object.keys(usage).length === 0) return undefined;
  return {
    prompt: usage['prompt_tokens'] ?? 0,
    completion: (usage['completion_tokens'] ?? 0) + (isApart ? (usage['reasoning_tokens'] ?? 0) : 0),
    cached: usage['cached_tokens'] ?? 0,
    reasoning: usage['reasoning_tokens'] ?? 0,
  };
}
