import { MockRefusal } from './mock-refusal.js';
import { isObject, type JsonObject } from './mock-request.js';
import { promptTokens } from './mock-text.js';

const ROLES: readonly unknown[] = ['system', 'developer', 'user', 'assistant', 'tool', 'function'];
const TOKENS_PER_MESSAGE = 3;

/** What a chat comes to: its tokens, and the last thing that the user said. */
export interface MockChat {
  readonly promptTokens: number;
  readonly lastUserText: string;
}

/** Refuses what OpenAI refuses of `messages`. */
export function readMessages(body: JsonObject): MockChat {
  const messages = body['messages'];
  if (messages === undefined || messages === null) throw MockRefusal.missing('messages');
  if (!Array.isArray(messages)) throw MockRefusal.wrongKind('messages', 'an array of objects', messages);
  if (messages.length === 0) throw MockRefusal.wrongValue('messages', 'an array with at least one message');
  let tokens = 0;
  let lastUserText = '';
  messages.forEach((message: unknown, index) => {
    const text = textOf(message, `messages[${index}]`);
    tokens += TOKENS_PER_MESSAGE + promptTokens(Buffer.byteLength(text));
    if (isObject(message) && message['role'] === 'user') lastUserText = text;
  });
  return { promptTokens: tokens, lastUserText };
}

function textOf(message: unknown, param: string): string {
  if (!isObject(message)) throw MockRefusal.wrongKind(param, 'an object', message);
  const { role, content } = message as { role?: unknown; content?: unknown };
  if (role === undefined) throw MockRefusal.missing(`${param}.role`);
  if (!ROLES.includes(role)) throw MockRefusal.wrongValue(`${param}.role`, 'system, developer, user, assistant, tool or function');
  if (typeof content === 'string') return content;
  if (Array.isArray(content)) return content.map((part: unknown, index) => partText(part, `${param}.content[${index}]`)).join(' ');
  if (content === undefined || content === null) {
    if (role === 'assistant') return '';
    throw MockRefusal.missing(`${param}.content`);
  }
  throw MockRefusal.wrongKind(`${param}.content`, 'a string or an array of objects', content);
}

function partText(part: unknown, param: string): string {
  if (!isObject(part)) throw MockRefusal.wrongKind(param, 'an object', part);
  if (typeof part['type'] !== 'string') throw MockRefusal.missing(`${param}.type`);
  return typeof part['text'] === 'string' ? part['text'] : '';
}
