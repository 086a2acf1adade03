/** What is wrong with a chunk or an answer of OpenAI's chat: the paths that clients check, strictly. Empty: nothing. */
export function chunkFaults(chunk: unknown): string[] {
  const faults = new Faults();
  const whole = faults.object(chunk, 'chunk');
  envelope(faults, whole, 'chat.completion.chunk');
  for (const [at, one] of faults.list(whole['choices'], 'choices').entries()) {
    const choice = faults.object(one, `choices[${at}]`);
    faults.count(choice['index'], 'index');
    faults.oneOf(choice['finish_reason'], [null, undefined, ...FINISHES], 'finish_reason');
    message(faults, faults.object(choice['delta'], 'delta'), true);
  }
  return faults.found;
}

export function answerFaults(answer: unknown): string[] {
  const faults = new Faults();
  const whole = faults.object(answer, 'answer');
  envelope(faults, whole, 'chat.completion');
  for (const [at, one] of faults.list(whole['choices'], 'choices').entries()) {
    const choice = faults.object(one, `choices[${at}]`);
    faults.count(choice['index'], 'index');
    faults.oneOf(choice['finish_reason'], FINISHES, 'finish_reason');
    message(faults, faults.object(choice['message'], 'message'), false);
  }
  return faults.found;
}

export function errorFaults(body: unknown): string[] {
  const faults = new Faults();
  const error = faults.object(faults.object(body, 'body')['error'], 'error');
  if (typeof error['message'] !== 'string' || error['message'] === '') faults.found.push('error.message is no text');
  for (const name of ['type', 'param', 'code'])
    if (error[name] !== null && typeof error[name] !== 'string') faults.found.push(`error.${name} is no text and not null`);
  return faults.found;
}

const FINISHES = ['stop', 'length', 'tool_calls', 'content_filter', 'function_call'];

function envelope(faults: Faults, whole: Fields, object: string): void {
  faults.text(whole['id'], 'id');
  faults.oneOf(whole['object'], [object], 'object');
  faults.count(whole['created'], 'created');
  faults.text(whole['model'], 'model');
  if (whole['usage'] === undefined || whole['usage'] === null) return;
  const usage = faults.object(whole['usage'], 'usage');
  for (const name of ['prompt_tokens', 'completion_tokens', 'total_tokens']) faults.count(usage[name], `usage.${name}`);
}

function message(faults: Faults, fields: Fields, isPart: boolean): void {
  faults.oneOf(fields['role'], isPart ? ['assistant', undefined, null] : ['assistant'], 'role');
  for (const name of ['content', 'refusal', 'reasoning_content'])
    if (!['string', 'undefined'].includes(typeof fields[name]) && fields[name] !== null) faults.found.push(`${name} is no text`);
  if (fields['tool_calls'] === undefined || fields['tool_calls'] === null) return;
  for (const [at, one] of faults.list(fields['tool_calls'], 'tool_calls').entries()) {
    const call = faults.object(one, `tool_calls[${at}]`);
    if (isPart) faults.count(call['index'], 'tool_calls.index');
    const isCustom = call['type'] === 'custom';
    const called = faults.object(call[isCustom ? 'custom' : 'function'], 'tool_calls.function');
    const given = called[isCustom ? 'input' : 'arguments'];
    if (typeof given !== 'string' && !(isPart && (given === undefined || given === null)))
      faults.found.push('tool_calls.function.arguments is no text');
    faults.oneOf(call['type'], isPart ? ['function', 'custom', undefined, null] : ['function', 'custom'], 'tool_calls.type');
    if (isPart) continue;
    faults.text(call['id'], 'tool_calls.id');
    faults.text(called['name'], 'tool_calls.function.name');
  }
}

type Fields = Readonly<Record<string, unknown>>;

class Faults {
  readonly found: string[] = [];

  object(value: unknown, name: string): Fields {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
    this.found.push(`${name} is no object`);
    return {};
  }

  list(value: unknown, name: string): readonly unknown[] {
    if (Array.isArray(value)) return value as unknown[];
    this.found.push(`${name} is no list`);
    return [];
  }

  text(value: unknown, name: string): void {
    if (typeof value !== 'string' || value === '') this.found.push(`${name} is no text`);
  }

  count(value: unknown, name: string): void {
    if (!Number.isInteger(value) || (value as number) < 0) this.found.push(`${name} is no count`);
  }

  oneOf(value: unknown, known: readonly unknown[], name: string): void {
    if (!known.includes(value)) this.found.push(`${name} is ${JSON.stringify(value)}`);
  }
}
