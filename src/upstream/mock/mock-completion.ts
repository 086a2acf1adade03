import { type MockAnswer, wholeAnswer } from './mock-answer.js';
import { type JsonObject, optionalBoolean, optionalInteger, requiredString, stopStrings, wantsUsage } from './mock-request.js';
import { mockStream, type StreamHead } from './mock-stream.js';
import { readTexts } from './mock-texts.js';
import { cutText, echoOf } from './mock-text.js';
import { mockUsage } from './mock-usage.js';

/** `POST /completions`. */
export function mockCompletion(body: JsonObject, head: StreamHead, reply: string | undefined): MockAnswer {
  const model = requiredString(body, 'model');
  const prompts = readTexts(body, 'prompt');
  const perPrompt = optionalInteger(body, 'n', 1, 128, 1);
  const tokensMax = optionalInteger(body, 'max_tokens', 1, Infinity, Infinity);
  const stream = optionalBoolean(body, 'stream');
  const stops = stopStrings(body);
  const texts = prompts.texts.flatMap((prompt) => Array<string>(perPrompt).fill(reply ?? echoOf(prompt)));
  const answers = texts.map((text) => cutText(text, stops, tokensMax));
  const usage = mockUsage(
    prompts.promptTokens,
    answers.reduce((sum, { tokens }) => sum + tokens.length, 0),
  );
  const envelope = { id: `cmpl-${head.id}`, object: 'text_completion', created: head.created, model };
  if (stream) {
    return mockStream({
      envelope,
      choices: answers.map(({ tokens, isCut }) => ({ tokens, closing: choiceOf('""', finishOf(isCut)) })),
      opening: undefined,
      token: (token) => choiceOf(token, null),
      usage: wantsUsage(body) ? usage : undefined,
    });
  }
  const choices = answers.map(({ tokens, isCut }, index) => ({ text: tokens.join(''), index, logprobs: null, finish_reason: finishOf(isCut) }));
  return wholeAnswer(200, { ...envelope, choices, usage }, usage.completion_tokens);
}

function finishOf(isCut: boolean): string {
  return isCut ? 'length' : 'stop';
}

function choiceOf(text: string, finish: string | null): string {
  return `"text":${text},"logprobs":null,"finish_reason":${JSON.stringify(finish)}`;
}
