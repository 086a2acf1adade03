import type { ReplyFrame } from '../neutral/inbound-dialect.js';
import type { FinishReason, NeutralEvent, NeutralUsage } from '../neutral/neutral-event.js';
import { chatUsage } from './chat-usage.js';
import { completionFinish } from './completion-finish.js';
import { completionId } from './completion-id.js';
import { completionLogprobs } from './completion-logprobs.js';

/** A `text_completion` of what was said. `promptLength`: in characters. */
export function completionsAnswer(events: readonly NeutralEvent[], reply: ReplyFrame, promptLength: number): Buffer {
  const choices = new Map<number, Choice>();
  let usage: NeutralUsage | undefined;
  for (const event of events) {
    if (event.kind === 'usage') usage = event.usage;
    else if ('choice' in event) gather(choiceOf(choices, event.choice), event);
  }
  const body = {
    id: completionId(reply.id),
    object: 'text_completion',
    created: reply.createdAt,
    model: reply.model,
    choices: [...choices]
      .toSorted(([a], [b]) => a - b)
      .map(([index, { text, logprobs, finish }]) => ({
        text,
        index,
        logprobs: logprobs.length > 0 ? completionLogprobs(logprobs, promptLength).logprobs : null,
        finish_reason: completionFinish(finish),
      })),
    ...(usage !== undefined && { usage: chatUsage(usage) }),
  };
  return Buffer.from(JSON.stringify(body));
}

interface Choice {
  text: string;
  readonly logprobs: unknown[];
  finish: FinishReason;
}

function choiceOf(choices: Map<number, Choice>, index: number): Choice {
  const known = choices.get(index);
  if (known !== undefined) return known;
  const choice: Choice = { text: '', logprobs: [], finish: 'stop' };
  choices.set(index, choice);
  return choice;
}

/** A refusal is all that this client gets to read; thoughts, sources, images and calls have no place here. */
function gather(choice: Choice, event: Extract<NeutralEvent, { readonly choice: number }>): void {
  switch (event.kind) {
    case 'text':
    case 'refusal':
      choice.text += event.text;
      return;
    case 'logprobs':
      choice.logprobs.push(...event.content);
      return;
    case 'finish':
      choice.finish = event.reason;
      return;
    case 'reasoning':
    case 'reasoning_signature':
    case 'redacted_reasoning':
    case 'tool_call':
    case 'tool_arguments':
    case 'citation':
    case 'image':
      return;
  }
}
