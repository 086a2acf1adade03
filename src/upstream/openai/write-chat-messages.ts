import { GatewayError } from '../../contracts/gateway-error.js';
import { isMarked } from '../neutral/marked-signature.js';
import type {
  CacheMark,
  FilePart,
  ImagePart,
  JsonObject,
  Media,
  NeutralRequest,
  Part,
  ReasoningPart,
  TextPart,
  ToolResultPart,
} from '../neutral/neutral-request.js';
import type { ChatHabits } from './chat-habits.js';

/** Instructions in one message, results of tools before what else the user said; pictures in a result, which this wire cannot hold, right behind it. */
export function writeChatMessages({ system, turns }: NeutralRequest, habits: ChatHabits): readonly JsonObject[] {
  const messages: JsonObject[] = [];
  if (system.length > 0) messages.push({ role: 'system', content: texts(system, habits) });
  for (const { role, parts } of turns) {
    if (role === 'assistant') messages.push(assistant(parts, habits));
    else messages.push(...user(parts, habits));
  }
  return messages;
}

function user(parts: readonly Part[], habits: ChatHabits): JsonObject[] {
  const results = parts.filter((part) => part.kind === 'tool_result');
  const pictures = results.flatMap(({ content }) => content.filter((part) => part.kind !== 'text'));
  const said = [...pictures, ...parts.filter((part) => part.kind !== 'tool_result')];
  const messages = results.map((result) => toolResult(result, habits));
  if (said.length > 0) messages.push({ role: 'user', content: content(said, habits) });
  return messages;
}

function toolResult({ callId, content: parts, cache }: ToolResultPart, habits: ChatHabits): JsonObject {
  const spoken = parts.filter((part) => part.kind === 'text');
  const last = spoken.at(-1);
  const marked = last !== undefined && cache !== undefined ? [...spoken.slice(0, -1), { ...last, cache }] : spoken;
  return { role: 'tool', tool_call_id: callId, content: texts(marked, habits) };
}

function assistant(parts: readonly Part[], habits: ChatHabits): JsonObject {
  const calls = parts.filter((part) => part.kind === 'tool_call');
  const refusal = parts.flatMap((part) => (part.kind === 'refusal' ? [part.text] : [])).join('');
  const said = parts.filter((part) => part.kind === 'text');
  return {
    role: 'assistant',
    content: said.length > 0 ? texts(said, habits, '') : calls.length > 0 || refusal !== '' ? null : '',
    ...(refusal !== '' && { refusal }),
    ...thoughts(
      parts.filter((part) => part.kind === 'reasoning'),
      habits,
    ),
    ...(calls.length > 0 && {
      tool_calls: calls.map(({ id, name, arguments: json, signature }) => ({
        id,
        type: 'function',
        function: { name, arguments: json },
        ...(signature !== undefined && { extra_content: { google: { thought_signature: signature } } }),
      })),
    }),
  };
}

function thoughts(all: readonly ReasoningPart[], { thoughtsAs }: ChatHabits): JsonObject {
  const parts = thoughtsAs === 'reasoning_content' ? all : all.filter(isTakenBack);
  if (parts.length === 0 || thoughtsAs === undefined) return {};
  switch (thoughtsAs) {
    case 'reasoning_content': {
      const text = parts.map((part) => part.text).join('');
      return text === '' ? {} : { reasoning_content: text };
    }
    case 'thinking_blocks':
      return {
        thinking_blocks: parts.map(({ text, signature, redacted }) =>
          redacted === undefined ? { type: 'thinking', thinking: text, signature: signature ?? '' } : { type: 'redacted_thinking', data: redacted },
        ),
      };
    case 'reasoning_details':
      return {
        reasoning_details: parts.map(({ text, signature, redacted }, index) =>
          redacted === undefined
            ? { type: 'reasoning.text', text, ...(signature !== undefined && { signature }), index }
            : { type: 'reasoning.encrypted', data: redacted, index },
        ),
      };
  }
}

/** Not what another provider signed or encrypted. */
function isTakenBack({ signature, redacted }: ReasoningPart): boolean {
  const own = redacted ?? signature;
  return own === undefined || !isMarked(own);
}

/** One text where nothing has to be told of a part: not every provider takes lists. */
function texts(parts: readonly TextPart[], habits: ChatHabits, between = '\n\n'): string | JsonObject[] {
  if (habits.takesCacheMarks === true && parts.some(({ cache }) => cache !== undefined)) return parts.map((part) => textPart(part, habits));
  return parts.map(({ text }) => text).join(between);
}

function content(parts: readonly Part[], habits: ChatHabits): string | JsonObject[] {
  const spoken = parts.filter((part) => part.kind === 'text');
  if (spoken.length === parts.length && spoken.length === 1) return texts(spoken, habits);
  return parts.map((part) => {
    switch (part.kind) {
      case 'text':
        return textPart(part, habits);
      case 'refusal':
        return { type: 'text', text: part.text };
      case 'image':
        return image(part, habits);
      case 'file':
        return file(part, habits);
      case 'audio':
        return { type: 'input_audio', input_audio: { data: part.base64, format: part.format } };
      case 'reasoning':
      case 'tool_call':
      case 'tool_result':
        throw cannot('A message of the user holds what only an answer can.');
    }
  });
}

function textPart({ text, cache }: TextPart, habits: ChatHabits): JsonObject {
  return { type: 'text', text, ...mark(cache, habits) };
}

function mark(cache: CacheMark | undefined, { takesCacheMarks }: ChatHabits): JsonObject {
  if (takesCacheMarks !== true || cache === undefined) return {};
  return { cache_control: { type: 'ephemeral', ...(cache.ttl !== undefined && { ttl: cache.ttl }) } };
}

function image({ media, detail, cache }: ImagePart, habits: ChatHabits): JsonObject {
  return { type: 'image_url', image_url: { url: address(media), ...(detail !== undefined && { detail }) }, ...mark(cache, habits) };
}

function file(part: FilePart, habits: ChatHabits): JsonObject {
  const { media, name, cache } = part;
  const filename = name === undefined ? {} : { filename: name };
  if ('fileId' in media) return { type: 'file', file: { file_id: media.fileId }, ...mark(cache, habits) };
  if ('base64' in media && media.mime === 'text/plain') {
    const text = Buffer.from(media.base64, 'base64').toString('utf8');
    return { type: 'text', text: name === undefined ? text : `${name}\n${text}`, ...mark(cache, habits) };
  }
  if ('url' in media) throw cannot('This model cannot fetch documents: send the bytes of a file, not its address.');
  return { type: 'file', file: { file_data: address(media), filename: name ?? 'document', ...filename }, ...mark(cache, habits) };
}

function address(media: Media): string {
  if ('base64' in media) return `data:${media.mime};base64,${media.base64}`;
  if ('url' in media) return media.url;
  throw cannot('This model cannot read images of a file store: send the bytes of the image, or its address.');
}

function cannot(message: string): GatewayError {
  return new GatewayError('invalid_value', message, { param: 'messages' });
}
