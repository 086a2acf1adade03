import { CustomInput } from '../neutral/custom-input.js';
import type { ReplyFrame } from '../neutral/inbound-dialect.js';
import type { FinishReason, NeutralEvent, NeutralUsage } from '../neutral/neutral-event.js';
import { chatCitation } from './chat-citation.js';
import { chatFinish } from './chat-finish.js';
import { chatId } from './chat-id.js';
import { chatImage } from './chat-image.js';
import { chatUsage } from './chat-usage.js';

/** A `chat.completion` of all that was told. `customs`: the names of the client's custom tools, asked for when one is called. */
export function chatAnswer(events: readonly NeutralEvent[], reply: ReplyFrame, isLegacy: boolean, customs: () => ReadonlySet<string>): Buffer {
  const choices = new Map<number, Choice>();
  let usage: NeutralUsage | undefined;
  for (const event of events) {
    if (event.kind === 'usage') usage = event.usage;
    else if ('choice' in event) gather(choiceOf(choices, event.choice), event);
  }
  const body = {
    id: chatId(reply.id),
    object: 'chat.completion',
    created: reply.createdAt,
    model: reply.model,
    choices: [...choices].toSorted(([a], [b]) => a - b).map(([index, choice]) => written(index, choice, isLegacy, customs)),
    ...(usage !== undefined && { usage: chatUsage(usage) }),
  };
  return Buffer.from(JSON.stringify(body));
}

interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly signature: string | undefined;
  json: string;
}

interface Choice {
  text: string;
  refusal: string;
  reasoning: string;
  /** Since the last signature. */
  unsigned: string;
  readonly blocks: object[];
  readonly calls: Map<number, ToolCall>;
  readonly annotations: object[];
  readonly images: object[];
  readonly logprobs: unknown[];
  finish: FinishReason;
}

function choiceOf(choices: Map<number, Choice>, index: number): Choice {
  const known = choices.get(index);
  if (known !== undefined) return known;
  const choice = newChoice();
  choices.set(index, choice);
  return choice;
}

function newChoice(): Choice {
  const text = '';
  return { text, refusal: '', reasoning: '', unsigned: '', blocks: [], calls: new Map(), annotations: [], images: [], logprobs: [], finish: 'stop' };
}

function gather(choice: Choice, event: Extract<NeutralEvent, { readonly choice: number }>): void {
  switch (event.kind) {
    case 'text':
      choice.text += event.text;
      return;
    case 'refusal':
      choice.refusal += event.text;
      return;
    case 'reasoning':
      choice.reasoning += event.text;
      choice.unsigned += event.text;
      return;
    case 'reasoning_signature':
      choice.blocks.push({ type: 'thinking', thinking: choice.unsigned, signature: event.signature });
      choice.unsigned = '';
      return;
    case 'redacted_reasoning':
      choice.blocks.push({ type: 'redacted_thinking', data: event.data });
      return;
    case 'tool_call':
      choice.calls.set(event.call, { id: event.id, name: event.name, signature: event.signature, json: '' });
      return;
    case 'tool_arguments': {
      const call = choice.calls.get(event.call);
      if (call !== undefined) call.json += event.json;
      return;
    }
    case 'citation':
      choice.annotations.push(chatCitation(choice.text.length, event));
      return;
    case 'image':
      choice.images.push(chatImage(choice.images.length, event));
      return;
    case 'logprobs':
      choice.logprobs.push(...event.content);
      return;
    case 'finish':
      choice.finish = event.reason;
      return;
  }
}

function written(index: number, choice: Choice, isLegacy: boolean, customs: () => ReadonlySet<string>): object {
  const { text, refusal, reasoning, blocks, annotations, images, logprobs } = choice;
  const calls = [...choice.calls.values()];
  const [first] = calls;
  const names = first === undefined || isLegacy ? undefined : customs();
  return {
    index,
    message: {
      role: 'assistant',
      content: text === '' && (calls.length > 0 || refusal !== '' || images.length > 0) ? null : text,
      refusal: refusal === '' ? null : refusal,
      ...(reasoning !== '' && { reasoning_content: reasoning }),
      ...(blocks.length > 0 && { thinking_blocks: blocks }),
      ...(annotations.length > 0 && { annotations }),
      ...(images.length > 0 && { images }),
      ...(first !== undefined &&
        (isLegacy ? { function_call: called(first) } : { tool_calls: calls.map((call) => toolCall(call, names?.has(call.name) === true)) })),
    },
    logprobs: logprobs.length > 0 ? { content: logprobs, refusal: null } : null,
    finish_reason: chatFinish(choice.finish, calls.length > 0, isLegacy),
  };
}

function toolCall(call: ToolCall, isCustom: boolean): object {
  const { id, signature } = call;
  const extra = signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } };
  return isCustom ? { id, type: 'custom', custom: customCalled(call), ...extra } : { id, type: 'function', function: called(call), ...extra };
}

function called({ name, json }: ToolCall): object {
  return { name, arguments: json === '' ? '{}' : json };
}

function customCalled({ name, json }: ToolCall): object {
  const input = new CustomInput();
  input.take(json);
  input.end();
  return { name, input: input.text };
}
