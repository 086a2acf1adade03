import type { HeardAnswer, HeardChoice } from './heard-answer.js';

type Fields = Readonly<Record<string, unknown>>;

/** What a client of OpenAI's Responses made of a reply, told in the words of OpenAI's clients of chat completions. */
export async function hearResponse(response: Response, streams: boolean): Promise<HeardAnswer> {
  const heard: HeardAnswer = { status: response.status, choices: [], usage: undefined, error: undefined, faults: [] };
  const text = await response.text();
  const whole = streams && response.status === 200 ? last(text, heard) : (JSON.parse(text) as Fields);
  const error = whole['error'] as HeardAnswer['error'] | null;
  if (error !== undefined && error !== null) heard.error = error;
  else tell(whole, heard);
  return heard;
}

/** The response that the stream ends with; its deltas have to be what is in it. */
function last(text: string, heard: HeardAnswer): Fields {
  let said = '';
  let response: Fields | undefined;
  for (const event of text.split('\n\n')) {
    if (event === '') continue;
    if (event.startsWith(':')) continue;
    const name = /^event: (.*)$/m.exec(event)?.[1];
    const data = JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? '{}') as Fields;
    const type = asText(data['type']);
    // Who speaks Responses goes on as he came, also where he leaves the names out.
    if (name !== undefined && name !== type) heard.faults.push(`an event has another name: ${event.slice(0, 40)}`);
    if (type === 'response.output_text.delta') said += asText(data['delta']);
    if (/^response\.(completed|incomplete|failed)$/.test(type)) response = data['response'] as Fields;
  }
  if (response === undefined) heard.faults.push('the stream does not end with its response');
  const told: HeardAnswer = { ...heard, choices: [], faults: [] };
  if (response?.['error'] === null) tell(response, told);
  if (told.choices.some((choice) => choice.text !== said)) heard.faults.push('the deltas are not what was said');
  return response ?? {};
}

function tell(response: Fields, heard: HeardAnswer): void {
  const choice: HeardChoice = { text: '', reasoning: '', refusal: '', calls: [], finish: undefined };
  for (const item of (response['output'] ?? []) as readonly Fields[]) {
    for (const part of (item['content'] ?? []) as readonly Fields[]) {
      if (part['type'] === 'output_text') choice.text += asText(part['text']);
      if (part['type'] === 'refusal') choice.refusal += asText(part['refusal']);
      if (part['type'] === 'reasoning_text') choice.reasoning += asText(part['text']);
    }
    for (const part of (item['summary'] ?? []) as readonly Fields[]) choice.reasoning += asText(part['text']);
    if (item['type'] === 'function_call')
      choice.calls.push({ id: asText(item['call_id']), name: asText(item['name']), json: asText(item['arguments']) });
  }
  choice.finish = finishOf(response, choice.calls.length > 0);
  heard.choices.push(choice);
  const usage = response['usage'] as Fields | null | undefined;
  if (!usage) return;
  heard.usage = {
    prompt_tokens: usage['input_tokens'],
    completion_tokens: usage['output_tokens'],
    prompt_tokens_details: usage['input_tokens_details'],
    completion_tokens_details: usage['output_tokens_details'],
  };
}

function finishOf({ status, incomplete_details: details }: Fields, called: boolean): string | undefined {
  if (status === 'completed') return called ? 'tool_calls' : 'stop';
  if (status !== 'incomplete') return undefined;
  return (details as Fields | null)?.['reason'] === 'content_filter' ? 'content_filter' : 'length';
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
