import { type MockAnswer, wholeAnswer } from './mock-answer.js';
import { readMessages } from './mock-messages.js';
import { isObject, type JsonObject, optionalBoolean, optionalInteger, requiredString, stopStrings, wantsUsage } from './mock-request.js';
import { mockStream, type StreamHead } from './mock-stream.js';
import { cutText, echoOf, tokensOf } from './mock-text.js';
import { demandedToolCall, type MockToolCall } from './mock-tool-call.js';
import { mockUsage } from './mock-usage.js';
import { sampleOfSchema } from './sample-of-schema.js';

/** `POST /chat/completions`. */
export function mockChat(body: JsonObject, head: StreamHead, reply: string | undefined): MockAnswer {
  const model = requiredString(body, 'model');
  const chat = readMessages(body);
  const choices = optionalInteger(body, 'n', 1, 128, 1);
  const tokensMax = optionalInteger(body, 'max_completion_tokens', 1, Infinity, optionalInteger(body, 'max_tokens', 1, Infinity, Infinity));
  const toolCall = demandedToolCall(body);
  const stream = optionalBoolean(body, 'stream');
  const told = reply ?? structured(body, echoOf(chat.lastUserText));
  const { tokens, isCut } =
    toolCall === undefined ? cutText(told, stopStrings(body), tokensMax) : { tokens: tokensOf(toolCall.arguments), isCut: false };
  const finish = toolCall === undefined ? (isCut ? 'length' : 'stop') : 'tool_calls';
  const usage = mockUsage(chat.promptTokens, tokens.length * choices);
  if (!stream) {
    const message = wholeMessage(tokens, toolCall);
    return wholeAnswer(
      200,
      {
        id: `chatcmpl-${head.id}`,
        object: 'chat.completion',
        created: head.created,
        model,
        system_fingerprint: FINGERPRINT,
        choices: Array.from({ length: choices }, (_, index) => ({ index, message, logprobs: null, finish_reason: finish })),
        usage,
      },
      usage.completion_tokens,
    );
  }
  const opening =
    toolCall === undefined ? { role: 'assistant', content: '', refusal: null } : { role: 'assistant', content: null, tool_calls: [opened(toolCall)] };
  return mockStream({
    envelope: {
      id: `chatcmpl-${head.id}`,
      object: 'chat.completion.chunk',
      created: head.created,
      model,
      system_fingerprint: FINGERPRINT,
    },
    choices: Array.from({ length: choices }, () => ({ tokens, closing: choiceOf('{}', finish) })),
    opening: choiceOf(JSON.stringify(opening), null),
    token: (token) =>
      choiceOf(toolCall === undefined ? `{"content":${token}}` : `{"tool_calls":[{"index":0,"function":{"arguments":${token}}}]}`, null),
    usage: wantsUsage(body) ? usage : undefined,
  });
}

const FINGERPRINT = 'fp_mock';
const CALL_ID = 'call_mock0';

function choiceOf(delta: string, finish: string | null): string {
  return `"delta":${delta},"logprobs":null,"finish_reason":${JSON.stringify(finish)}`;
}

function wholeMessage(tokens: readonly string[], toolCall: MockToolCall | undefined): JsonObject {
  if (toolCall === undefined) return { role: 'assistant', content: tokens.join(''), refusal: null, annotations: [] };
  return { role: 'assistant', content: null, refusal: null, tool_calls: [{ id: CALL_ID, type: 'function', function: toolCall }] };
}

function opened(toolCall: MockToolCall): JsonObject {
  return { index: 0, id: CALL_ID, type: 'function', function: { name: toolCall.name, arguments: '' } };
}

/** Where JSON was asked for, the text becomes JSON of the asked shape. */
function structured(body: JsonObject, text: string): string {
  const format = body['response_format'];
  if (!isObject(format)) return text;
  if (format['type'] === 'json_object') return JSON.stringify({ reply: text });
  if (format['type'] !== 'json_schema' || !isObject(format['json_schema'])) return text;
  return JSON.stringify(sampleOfSchema(format['json_schema']['schema'] ?? {}));
}
