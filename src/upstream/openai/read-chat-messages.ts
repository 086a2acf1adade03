import { readMedia } from '../neutral/read-media.js';
import { saidArguments } from '../neutral/said-arguments.js';
import { splitCallId } from '../neutral/signed-call-id.js';
import type { Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart, Turn } from '../neutral/neutral-request.js';
import type { RequestValue } from '../neutral/request-value.js';
import { readChatContent, readChatPart, readTexts } from './read-chat-content.js';
import { readCacheMark } from './read-chat-tools.js';

/** Every role becomes what it says: instructions apart, tools' results as turns of the user. */
export function readChatMessages(messages: RequestValue): { readonly system: TextPart[]; readonly turns: Turn[] } {
  const system: TextPart[] = [];
  const turns: Turn[] = [];
  /** Calls of functions have no id: a result belongs to the last call of its name. */
  const legacyIds = new Map<string, string>();
  const list = messages.list();
  if (list.length === 0) messages.refuse('send at least one message.');
  for (const message of list) {
    const role = message.member('role');
    switch (message.isObject ? role.text() : message.wrong('an object')) {
      case 'system':
      case 'developer':
        system.push(...marked(readTexts(message.member('content')), message));
        break;
      case 'user':
        turns.push({ role: 'user', parts: marked(readSaid(message), message) });
        break;
      case 'assistant':
        turns.push({ role: 'assistant', parts: marked(readAssistant(message, legacyIds, turns.length), message) });
        break;
      case 'tool':
        turns.push({ role: 'user', parts: marked([readResult(message, splitCallId(message.member('tool_call_id').word()).id)], message) });
        break;
      case 'function': {
        const name = message.member('name').word();
        turns.push({ role: 'user', parts: [readResult(message, legacyIds.get(name) ?? name)] });
        break;
      }
      default:
        role.refuse('a role is one of system, developer, user, assistant, tool, function.');
    }
  }
  return { system, turns };
}

function readSaid(message: RequestValue): Part[] {
  const content = message.member('content');
  return content.isAbsent ? content.wrong('a text or a list of parts') : readChatContent(content);
}

/** A mark at the message is one at its last part that can bear it. */
function marked<P extends Part>(parts: P[], message: RequestValue): P[] {
  const cache = readCacheMark(message.member('cache_control'));
  if (cache === undefined) return parts;
  const last = parts.findLastIndex(({ kind }) => kind !== 'refusal' && kind !== 'audio' && kind !== 'reasoning');
  return parts.map((part, index) => (index === last ? { ...part, cache } : part));
}

function readAssistant(message: RequestValue, legacyIds: Map<string, string>, at: number): Part[] {
  const thoughts = readReasoning(message);
  const content = readOwnContent(message.member('content'));
  const parts: Part[] = thoughts.length === 0 ? content : [...thoughts, ...content.filter(({ kind }) => kind !== 'reasoning')];
  const refusal = message.member('refusal').optionalText();
  if (refusal !== undefined && refusal !== '') parts.push({ kind: 'refusal', text: refusal });
  parts.push(...message.member('images').optionalList().map(readMadeImage));
  if (!message.member('audio').isAbsent) message.member('audio').refuse('audio of an earlier answer cannot be referred to with this model.');
  parts.push(...message.member('tool_calls').optionalList().map(readCall));
  const legacy = message.member('function_call');
  if (!legacy.isAbsent) {
    const name = legacy.member('name').word();
    const id = `call_${name}_${at}`;
    legacyIds.set(name, id);
    parts.push({ kind: 'tool_call', id, name, arguments: readArguments(legacy.member('arguments')), signature: undefined });
  }
  return parts;
}

/** Mistral says what its models thought among the parts, and so do those who write as Anthropic does. */
function readOwnContent(content: RequestValue): Part[] {
  if (!content.isList) return readChatContent(content);
  return content.list().flatMap((part): Part[] => (isThought(part) ? [readBlock(part)] : readChatPart(part)));
}

function isThought(part: RequestValue): boolean {
  const type = part.member('type');
  return type.isText && (type.text() === 'thinking' || type.text() === 'redacted_thinking');
}

function readMadeImage(image: RequestValue): Part {
  return { kind: 'image', media: readMedia(image.member('image_url').member('url')), detail: undefined, isMade: true };
}

/** `thinking_blocks` say all that `reasoning_content` says, and the provider's signatures. */
function readReasoning(message: RequestValue): ReasoningPart[] {
  const blocks = message.member('thinking_blocks').optionalList();
  if (blocks.length > 0) return blocks.map(readBlock);
  const content = message.member('reasoning_content');
  const text = (content.isAbsent ? message.member('reasoning') : content).optionalText();
  return text === undefined || text === '' ? [] : [{ kind: 'reasoning', text, signature: undefined, redacted: undefined }];
}

function readBlock(block: RequestValue): ReasoningPart {
  switch (block.member('type').oneOf(['thinking', 'redacted_thinking'])) {
    case 'thinking': {
      const signature = block.member('signature').optionalText();
      return {
        kind: 'reasoning',
        text: thoughtText(block.member('thinking')),
        signature: signature === '' ? undefined : signature,
        redacted: undefined,
      };
    }
    case 'redacted_thinking':
      return { kind: 'reasoning', text: '', signature: undefined, redacted: block.member('data').text() };
  }
}

function thoughtText(thought: RequestValue): string {
  if (!thought.isList) return thought.text();
  return readTexts(thought)
    .map(({ text }) => text)
    .join('');
}

function readCall(call: RequestValue): ToolCallPart {
  const type = call.member('type');
  if (type.isText && type.text() === 'custom') return readCustomCall(call);
  if (!type.isAbsent && type.text() !== 'function') return type.refuse('only calls of the types function and custom can be used with this model.');
  const called = call.member('function');
  const { id, signature } = splitCallId(call.member('id').word());
  return {
    kind: 'tool_call',
    id,
    name: called.member('name').word(),
    arguments: readArguments(called.member('arguments')),
    signature: readSignature(call) ?? signature,
  };
}

function readCustomCall(call: RequestValue): ToolCallPart {
  const called = call.member('custom');
  const { id, signature } = splitCallId(call.member('id').word());
  return {
    kind: 'tool_call',
    id,
    name: called.member('name').word(),
    arguments: JSON.stringify({ input: called.member('input').text() }),
    signature: readSignature(call) ?? signature,
    isCustom: true,
  };
}

/** Where Google's own OpenAI face writes it, and where LiteLLM does, beside the id. */
function readSignature(call: RequestValue): string | undefined {
  const google = call.member('extra_content').member('google').member('thought_signature');
  return (google.isText ? google : call.member('provider_specific_fields').member('thought_signature')).optionalText();
}

function readArguments(value: RequestValue): string {
  return saidArguments(value.optionalText() ?? '');
}

function readResult(message: RequestValue, callId: string): ToolResultPart {
  const content = message.member('content');
  const parts = readChatContent(content).map((part) => {
    switch (part.kind) {
      case 'text':
      case 'image':
      case 'file':
        return part;
      case 'audio':
      case 'refusal':
        return content.refuse('a result is text, images or files.');
    }
  });
  return { kind: 'tool_result', callId, content: parts, isError: false };
}
